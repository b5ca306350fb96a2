"""The ways that money never goes, whoever asks (docs/money.md)."""

from __future__ import annotations

import pytest

from services.payments.ledger.domain import Leg, chain, floor_of, hold, plain, reverse
from services.payments.ledger.engine.flows import FORBIDDEN, shape_of
from tests.unit.payments.ledger.books import OUTSIDE, Desk, SeededIds

IDS = SeededIds(9)
PATHS = {
    shape_of(path): path
    for path in (
        OUTSIDE,
        "platform:fees",
        "platform:returns",
        "cause:winter-coats",
        f"org:{IDS('org')}:reserve",
        f"org:{IDS('org')}:available",
        f"offer:{IDS('off')}:fund",
        f"claim:{IDS('clm')}:escrow",
        f"gathering:{IDS('gth')}:takings",
        f"naming:{IDS('nam')}:deferred",
    )
}


@pytest.fixture
def desk() -> Desk:
    return Desk()


class TestFlows:
    @pytest.mark.parametrize(("source", "target"), sorted(FORBIDDEN))
    def test_each_forbidden_one_is_refused_in_every_guise(self, desk, source, target):
        legs = [Leg(PATHS[source], -5, "CNY"), Leg(PATHS[target], 5, "CNY")]

        desk.refuses(plain(desk.ids("ent"), legs, "deposit"), "flow-forbidden")
        desk.refuses(hold(desk.ids("ent"), legs, "escrow"), "flow-forbidden")
        linked = chain(plain(desk.ids("ent"), legs, "deposit"), desk.move(OUTSIDE, desk.fund, 1))
        outcomes = desk.writer.book(linked)
        assert [outcome.code for outcome in outcomes] == ["flow-forbidden", "chain-refused"]

    @pytest.mark.parametrize(("source", "target"), sorted(FORBIDDEN))
    def test_hiding_it_among_other_legs_does_not_help(self, desk, source, target):
        other = PATHS["org:available"]
        legs = [
            Leg(PATHS[source], -5, "CNY"),
            Leg(PATHS["naming:deferred"], -1, "CNY"),
            Leg(PATHS[target], 4, "CNY"),
            Leg(other, 2, "CNY"),
        ]

        desk.refuses(plain(desk.ids("ent"), legs, "settlement"), "flow-forbidden")

    def test_another_currency_does_not_lend_it_a_way(self, desk):
        legs = [
            Leg(OUTSIDE, -5, "CNY"),
            Leg("platform:fees", 5, "CNY"),
            Leg(PATHS["org:available"], -5, "USD"),
            Leg("platform:fees", 5, "USD"),
        ]

        desk.refuses(plain(desk.ids("ent"), legs, "settlement"), "flow-forbidden")

    def test_an_entry_of_many_legs_is_fine_when_the_money_can_take_allowed_ways(self, desk):
        # The subsidy goes to the host, the fee comes out of the takings.
        legs = [
            Leg(PATHS["gathering:takings"], -100, "CNY"),
            Leg(PATHS["claim:escrow"], -50, "CNY"),
            Leg(PATHS["org:available"], 120, "CNY"),
            Leg(OUTSIDE, 10, "CNY"),
            Leg("platform:fees", 20, "CNY"),
        ]

        outcome = desk.one(plain(desk.ids("ent"), legs, "settlement"))

        assert outcome.code == "floor-broken"  # and not the flow: nobody has the money here

    def test_a_reversal_only_takes_back(self, desk):
        entry = desk.move(OUTSIDE, desk.escrow, 5)
        desk.one(entry)

        desk.refuses(desk.move(desk.escrow, OUTSIDE, 5), "flow-forbidden")
        assert desk.one(reverse(desk.ids("ent"), entry.id, "refund")).stands

    def test_every_kind_of_account_in_the_list_is_in_the_chart(self):
        for shape in {shape for flow in FORBIDDEN for shape in flow}:
            assert floor_of(PATHS[shape]) <= 0
