"""Payments under thousands of schedules of lost replies, deaths, repeats and two writers."""

from __future__ import annotations

import pytest

from tests.simulator.mutants import MUTANTS, refuses_holds_for_a_while
from tests.simulator.run import first_broken, first_failure
from tests.simulator.schedule import FIRST_SEASON
from tests.simulator.season_mutants import SEASON_MUTANTS

# 10,000 in all: of days, of days with caps, and of weeks, half of these with a backup.
DAYS = [range(first, min(first + 1_000, 8_600)) for first in range(0, 8_600, 1_000)]
CAPPED = range(FIRST_SEASON, FIRST_SEASON + 400, 2)
WEEKS = range(FIRST_SEASON + 1, FIRST_SEASON + 2_401, 2)
AT_LENGTH = range(FIRST_SEASON, 2 * FIRST_SEASON)
ENOUGH = 600  # schedules within which a broken build must be caught
MISFITS = ("AttributeError", "ImportError", "NameError", "TypeError")  # no law was broken
RARE = 5_084  # one is refused and pauses, another places the same hold


@pytest.mark.parametrize(
    "seeds",
    [*DAYS, CAPPED, *(WEEKS[first : first + 400] for first in range(0, 1_200, 400))],
    ids=lambda seeds: f"{len(seeds)}-from-{seeds[0]}",
)
def test_every_law_holds_in_every_schedule(seeds):
    assert first_failure(seeds) is None


@pytest.mark.full
@pytest.mark.timeout(3_600)
def test_every_law_holds_in_thousands_more():
    assert first_failure(AT_LENGTH) is None


@pytest.mark.parametrize(
    ("mutant", "seeds"),
    [
        *((mutant, range(ENOUGH)) for mutant in MUTANTS),
        *((mutant, WEEKS[:ENOUGH]) for mutant in SEASON_MUTANTS),
    ],
    ids=lambda given: getattr(given, "__name__", "seeds"),
)
def test_a_broken_build_is_caught(mutant, seeds, monkeypatch):
    mutant(monkeypatch)

    broken = first_broken(seeds)

    assert broken is not None
    assert not broken.law.startswith(MISFITS)


def test_a_schedule_that_breaks_something_is_told_with_no_more_actions_than_it_takes(monkeypatch):
    MUTANTS[0](monkeypatch)
    broken = first_broken(range(ENOUGH))

    failure = first_failure([broken.seed])

    assert failure.law
    assert len(failure.actions) < len(broken.actions)


def test_a_hold_that_one_refused_and_another_placed_is_caught(monkeypatch):
    assert first_broken([RARE]) is None

    refuses_holds_for_a_while(monkeypatch)

    broken = first_broken([RARE])
    assert broken is not None
    assert not broken.law.startswith(MISFITS)
