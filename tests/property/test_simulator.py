"""Payments under thousands of schedules of lost replies, deaths, repeats and two writers."""

from __future__ import annotations

import pytest

from tests.simulator.mutants import MUTANTS, refuses_holds_for_a_while
from tests.simulator.run import first_failure

SHARDS, SCHEDULES = 10, 1_000
ENOUGH = 600  # schedules within which a broken build must be caught
MISFITS = ("AttributeError", "ImportError", "NameError", "TypeError")  # no law was broken
RARE = 5_084  # one is refused and pauses, another places the same hold


@pytest.mark.parametrize("shard", range(SHARDS))
def test_every_law_holds_in_every_schedule(shard):
    seeds = range(shard * SCHEDULES, (shard + 1) * SCHEDULES)

    assert first_failure(seeds) is None


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_a_broken_build_is_caught(mutant, monkeypatch):
    mutant(monkeypatch)

    failure = first_failure(range(ENOUGH))

    assert failure is not None
    assert not failure.law.startswith(MISFITS)


def test_a_hold_that_one_refused_and_another_placed_is_caught(monkeypatch):
    assert first_failure([RARE]) is None

    refuses_holds_for_a_while(monkeypatch)

    failure = first_failure([RARE])
    assert failure is not None
    assert not failure.law.startswith(MISFITS)
