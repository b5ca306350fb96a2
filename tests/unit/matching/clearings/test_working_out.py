"""Working a clearing out: the same market gives the same figures, whichever looks at it."""

from __future__ import annotations

from types import SimpleNamespace

from services.matching.clearings.domain import digest, first_come, market_of, outcome_of
from services.matching.clearings.engine.clear import clear
from services.matching.clearings.use_cases import work_out
from tests.builders.matching import NOW, an_id
from tests.unit.matching.clearings.builders import a_candidate, a_clearing, gathered

# One pack that all of them want, each to a different degree: who comes first tells by its value.
WANTED = [a_candidate(f"h{number}", "l1", 500 + number) for number in range(40)]


def worked_out(number, *candidates):
    """The result of another clearing of this market."""
    bench = SimpleNamespace(
        clearings=SimpleNamespace(tell=lambda *_: True),
        assignments=SimpleNamespace(put=lambda _: None, put_demand=lambda *_: None),
        gather=lambda *_: gathered(*candidates),
        solve=clear,
        ended=lambda *_: [],
    )
    clearing = a_clearing(id=an_id("clr", number)).begin(now=NOW).state
    return work_out(clearing, bench=bench, now=NOW)


class TestFirstCome:
    def test_gives_one_figure_to_all_clearings_of_one_market(self):
        first, *others = [worked_out(number, *WANTED) for number in range(1, 5)]

        assert [each.figures for each in others] == [first.figures] * 3
        assert {each.certificate.market_digest for each in others} == {
            first.certificate.market_digest
        }

    def test_is_drawn_by_the_digest_of_the_market(self):
        market = market_of(gathered(*WANTED))
        by_chance = {
            outcome_of(market, first_come(market, str(number))).value for number in range(5)
        }

        drawn = outcome_of(market, first_come(market, digest(market)))

        assert worked_out(1, *WANTED).figures.first_come == drawn
        assert len(by_chance) > 1
