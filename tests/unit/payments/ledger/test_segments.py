"""What a segment takes, and what is stored of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.payments.ledger.domain import (
    Leg,
    hold,
    plain,
    void,
)
from services.payments.ledger.engine.columns import MAX_UNBOUNDED
from tests.unit.payments.ledger.books import (
    OUTSIDE,
    Desk,
)


@pytest.fixture
def desk() -> Desk:
    return Desk()


class TestSegments:
    def test_a_large_submission_is_cut_by_entries(self, desk):
        entries = [desk.move(OUTSIDE, desk.fund, 1) for _ in range(9_000)]

        outcomes = desk.writer.book(entries)

        assert [segment.entry_count for segment in desk.log.segments] == [1, 8_189, 811]
        assert outcomes[8_189].segment == 2
        assert desk.balances(desk.fund) == (10_000, 10_000)

    def test_and_by_legs(self, desk):
        legs = [Leg(OUTSIDE, -199, "CNY"), *[Leg(desk.fund, 1, "CNY")] * 199]
        entries = [plain(desk.ids("ent"), legs, "settlement") for _ in range(700)]

        desk.writer.book(entries)

        assert [segment.entry_count for segment in desk.log.segments] == [1, 327, 327, 46]

    def test_and_by_the_legs_that_holds_bring_in(self, desk):
        legs = [Leg(OUTSIDE, -199, "CNY"), *[Leg(desk.fund, 1, "CNY")] * 199]
        holds = [hold(desk.ids("ent"), legs, "escrow") for _ in range(400)]
        desk.writer.book(holds)

        desk.writer.book([void(desk.ids("ent"), held.id, "escrow") for held in holds])

        assert max(segment.leg_count for segment in desk.log.segments) <= 65_536
        assert len(desk.writer.books.holds) == 0

    def test_and_by_the_bytes_of_the_reasons(self, desk):
        reason = {"text": "x" * 16_000}
        entries = [replace(desk.move(OUTSIDE, desk.fund, 1), reason=reason) for _ in range(600)]

        desk.writer.book(entries)

        assert [segment.entry_count for segment in desk.log.segments] == [1, 261, 261, 78]
        assert desk.log.segments[3].reasons[77] == reason

    def test_a_column_of_zeros_is_not_stored(self, desk):
        desk.one(desk.move(OUTSIDE, desk.fund, 1))

        assert desk.log.segments[1].columns.keys() == {
            "id_high",
            "id_low",
            "leg_count",
            "code",
            "account",
            "amount",
        }

    def test_there_is_room_for_a_few_accounts_outside(self, desk):
        entries = [
            desk.move(OUTSIDE, desk.fund, 1, f"T{number:02}") for number in range(MAX_UNBOUNDED)
        ]

        outcomes = desk.writer.book(entries)

        assert [outcome.stands for outcome in outcomes] == [True] * (MAX_UNBOUNDED - 1) + [False]
        assert outcomes[-1].code == "account-not-in-chart"
