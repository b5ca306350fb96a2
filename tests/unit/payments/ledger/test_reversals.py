"""Taking entries back: whole, in part, by leg; never more than is left."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.kernel.money import Money
from services.payments.ledger.domain import (
    EntryRequest,
    Leg,
    Status,
    chain,
    close_period,
    plain,
    reverse,
)
from services.payments.ledger.engine.reversals import in_part
from tests.unit.payments.ledger.books import OUTSIDE, Desk

SHARES = (18_753, 6_251, 2_500, 1_563, 1_563, 625)


class Till(Desk):
    """A desk that has settled a sale of 312.55 among six parties."""

    def __init__(self) -> None:
        super().__init__(0)
        self.takings = f"gathering:{self.ids('gth')}:takings"
        self.parties = [f"org:{self.ids('org')}:pending" for _ in SHARES]
        legs = [
            Leg(self.takings, -31_255, "CNY"),
            *(Leg(party, minor, "CNY") for party, minor in zip(self.parties, SHARES, strict=True)),
        ]
        self.sale = self.move(OUTSIDE, self.takings, 31_255)
        self.settlement = plain(self.ids("ent"), legs, "settlement")
        self.writer.book([self.sale, self.settlement])

    def back(self, minor: int | None = None, **options: object) -> EntryRequest:
        part = None if minor is None else Money(minor, "CNY")
        return reverse(self.ids("ent"), self.settlement.id, "refund", part=part, **options)

    def shares(self) -> list[int]:
        return [self.balances(party)[0] for party in self.parties]


@pytest.fixture
def till() -> Till:
    return Till()


class TestWhole:
    def test_brings_every_account_back_to_where_it_was(self, till):
        assert till.one(till.back()).stands

        assert till.shares() == [0] * 6
        assert till.balances(till.takings) == (31_255, 31_255)

    def test_is_done_once_whoever_asks(self, till):
        outcomes = till.writer.book([till.back(), till.back(), till.back()])

        assert [outcome.code for outcome in outcomes] == ["", *["exceeds-original"] * 2]
        assert till.shares() == [0] * 6

    def test_is_the_same_entry_however_often_it_comes(self, till):
        entry = till.back()
        first = till.one(entry)

        assert till.one(entry) == replace(first, status=Status.EXISTS)
        named = tuple(replace(leg, minor=-leg.minor) for leg in till.settlement.legs)
        assert till.one(replace(entry, legs=named)).status is Status.EXISTS

    def test_takes_what_is_left_after_a_part(self, till):
        till.one(till.back(10_000))
        till.one(till.back())

        assert till.shares() == [0] * 6

    def test_needs_the_money_to_be_there(self, till):
        till.one(till.move(till.parties[0], OUTSIDE, 18_753))

        assert till.one(till.back()).code == "floor-broken"

    def test_only_what_moved_money_first_can_be_taken_back(self, till):
        back, held = till.back(), till.hold(0)
        till.one(back)

        assert till.one(reverse(till.ids("ent"), back.id, "refund")).code == "not-reversible"
        assert till.one(reverse(till.ids("ent"), held.id, "refund")).code == "original-not-found"

    def test_an_entry_of_the_same_batch_can_be_taken_back(self, till):
        sale = till.move(OUTSIDE, till.takings, 50)

        outcomes = till.writer.book([sale, reverse(till.ids("ent"), sale.id, "refund")])

        assert [outcome.code for outcome in outcomes] == ["", ""]

    def test_but_not_one_of_its_own_chain(self, till):
        sale = till.move(OUTSIDE, till.takings, 50)

        outcomes = till.writer.book(chain(sale, reverse(till.ids("ent"), sale.id, "refund")))

        assert [outcome.code for outcome in outcomes] == ["chain-refused", "original-not-found"]

    def test_works_though_the_period_of_the_original_is_closed(self, till):
        till.clock.forward(days=1)
        till.one(close_period(till.ids("ent"), till.clock()))

        assert till.one(till.back()).stands


class TestPart:
    def test_takes_each_share_back_and_carries_what_is_left_over(self, till):
        till.one(till.back(31_250))

        assert till.balances(till.takings)[0] == 31_250
        assert sum(till.shares()) == 5
        assert till.one(till.back(5)).stands
        assert till.shares() == [0] * 6

    def test_never_takes_more_than_is_left(self, till):
        till.one(till.back(31_000))

        till.refuses(till.back(256), "exceeds-original")
        assert till.one(till.back(255)).stands

    def test_two_at_once_share_what_is_left(self, till):
        outcomes = till.writer.book([till.back(20_000), till.back(20_000), till.back(11_255)])

        assert [outcome.code for outcome in outcomes] == ["", "exceeds-original", ""]

    def test_is_the_same_entry_however_often_it_comes(self, till):
        entry = till.back(10_000)
        first = till.one(entry)
        till.one(till.back(7))

        assert till.one(entry) == replace(first, status=Status.EXISTS)
        other = till.one(replace(entry, part=Money(10_001, "CNY")))
        assert other.code == "id-conflict"
        assert other.difference["legs"]["asked"] == {"part": {"minor": 10_001, "currency": "CNY"}}

    def test_may_name_single_legs(self, till):
        legs = [replace(leg, minor=0) for leg in till.settlement.legs]
        legs[0], legs[6] = replace(legs[0], minor=600), replace(legs[6], minor=-600)

        assert till.one(till.back(legs=legs)).stands
        assert till.shares()[5] == 25
        till.refuses(till.back(legs=legs), "exceeds-original")
        assert till.one(till.back(30_655)).stands
        assert till.shares() == [0] * 6

    @pytest.mark.parametrize("change", ["order", "sign", "nothing"])
    def test_single_legs_mirror_the_original(self, till, change):
        legs = [replace(leg, minor=-leg.minor) for leg in till.settlement.legs]
        strange = {
            "order": legs[::-1],
            "sign": list(till.settlement.legs),
            "nothing": [replace(leg, minor=0) for leg in legs],
        }[change]

        till.refuses(till.back(legs=strange), "legs-differ-from-original")

    @given(
        shares=st.lists(st.integers(1, 10**6), min_size=1, max_size=8),
        cuts=st.lists(st.integers(1, 10**6), max_size=12),
    )
    def test_any_cuts_add_up_to_the_whole_and_nobody_is_a_unit_off(self, shares, cuts):
        whole = sum(shares)
        amounts = [-whole, *shares]
        rest, back = list(amounts), 0
        for cut in [*cuts, whole]:
            minor = min(cut, whole - back)
            if not minor:
                break
            legs = in_part(minor, amounts, rest)
            rest = [left + taken for left, taken in zip(rest, legs, strict=True)]
            back += minor
            assert legs[0] == minor == -sum(legs[1:])
            for of, left in zip(shares, rest[1:], strict=True):
                assert 0 <= left <= of
                assert abs(of - left - Fraction(back * of, whole)) < 1
        assert not any(rest)
