"""Money set aside: posted, in part, let go, expired; once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.payments.ledger.domain import (
    Kind,
    Leg,
    Status,
    expire,
    hold,
    post,
    void,
)
from tests.unit.payments.ledger.books import (
    OUTSIDE,
    Desk,
)


@pytest.fixture
def desk() -> Desk:
    return Desk()


class TestHolds:
    def test_what_is_held_counts_at_once(self, desk):
        desk.one(desk.hold(800))

        assert desk.balances(desk.fund) == (1_000, 200)
        assert desk.balances(desk.escrow) == (0, 0)
        desk.refuses(desk.move(desk.fund, desk.escrow, 201), "floor-broken")

    def test_posting_moves_it(self, desk):
        held = desk.hold(800)
        desk.one(held)

        desk.one(desk.post(held))

        assert desk.balances(desk.fund) == (200, 200)
        assert desk.balances(desk.escrow) == (800, 800)

    def test_posting_a_part_lets_go_of_the_rest(self, desk):
        held = desk.hold(800)
        desk.one(held)

        desk.one(desk.post(held, 500))

        assert desk.balances(desk.fund) == (500, 500)
        assert desk.balances(desk.escrow) == (500, 500)

    def test_a_part_may_leave_a_leg_out(self, desk):
        legs = [Leg(desk.fund, -9, "CNY"), Leg(desk.escrow, 5, "CNY"), Leg(OUTSIDE, 4, "CNY")]
        held = hold(desk.ids("ent"), legs, "escrow")
        desk.one(held)
        part = [replace(legs[0], minor=-5), legs[1], replace(legs[2], minor=0)]

        assert desk.one(post(desk.ids("ent"), held.id, "escrow", legs=part)).stands
        assert desk.balances(desk.fund) == (995, 995)

    def test_voiding_lets_go_of_all(self, desk):
        held = desk.hold(800)
        desk.one(held)

        desk.one(void(desk.ids("ent"), held.id, "escrow"))

        assert desk.balances(desk.fund) == (1_000, 1_000)
        assert desk.balances(desk.escrow) == (0, 0)

    @pytest.mark.parametrize("minor", [801, 2_000])
    def test_no_more_can_be_posted_than_is_held(self, desk, minor):
        held = desk.hold(800)
        desk.one(held)

        desk.refuses(desk.post(held, minor), "exceeds-hold")

    def test_a_part_repeats_the_legs_of_the_hold(self, desk):
        held = desk.hold(800)
        desk.one(held)
        strange = [
            [Leg(desk.escrow, 5, "CNY"), Leg(desk.fund, -5, "CNY")],
            [Leg(desk.fund, 5, "CNY"), Leg(desk.escrow, -5, "CNY")],
            [Leg(desk.fund, 0, "CNY"), Leg(desk.escrow, 0, "CNY")],
        ]

        for legs in strange:
            desk.refuses(
                post(desk.ids("ent"), held.id, "escrow", legs=legs), "legs-differ-from-hold"
            )

    def test_a_hold_ends_once(self, desk):
        held = desk.hold(800)
        desk.one(held)
        desk.one(desk.post(held))

        desk.refuses(desk.post(held), "hold-resolved")
        desk.refuses(void(desk.ids("ent"), held.id, "escrow"), "hold-resolved")

    def test_of_two_endings_in_a_batch_the_first_stands(self, desk):
        held = desk.hold(800)

        outcomes = desk.writer.book(
            [held, desk.post(held, 1), void(desk.ids("ent"), held.id, "escrow")]
        )

        assert [outcome.code for outcome in outcomes] == ["", "", "hold-resolved"]
        assert desk.balances(desk.escrow) == (1, 1)

    def test_endings_of_a_hold_refused_in_the_same_batch_find_none(self, desk):
        held = desk.hold(1_800)
        spend = desk.move(desk.escrow, desk.fund, 1_800)

        outcomes = desk.writer.book([held, desk.post(held), desk.post(held), spend])

        assert [outcome.code for outcome in outcomes] == [
            "floor-broken",
            "hold-not-found",
            "hold-not-found",
            "floor-broken",
        ]

    def test_what_is_no_hold_cannot_be_posted(self, desk):
        entry = desk.move(desk.fund, desk.escrow, 1)
        desk.one(entry)

        desk.refuses(desk.post(entry), "hold-not-found")
        desk.refuses(post(desk.ids("ent"), desk.ids("ent"), "escrow"), "hold-not-found")

    def test_a_post_that_overtakes_its_hold_may_come_again(self, desk):
        held = desk.hold(800)
        early = desk.post(held)

        outcomes = desk.writer.book([early, held, early])

        assert [outcome.code for outcome in outcomes] == ["hold-not-found", "", ""]

    def test_naming_all_legs_asks_for_the_same_as_naming_none(self, desk):
        held = desk.hold(800)
        whole = desk.post(held)
        desk.writer.book([held, whole])
        legs = held.legs

        assert desk.one(replace(whole, legs=legs)).status is Status.EXISTS
        smaller = (replace(legs[0], minor=-1), replace(legs[1], minor=1))
        assert desk.one(replace(whole, legs=smaller)).code == "id-conflict"

    def test_a_part_is_not_the_whole(self, desk):
        held = desk.hold(800)
        part = desk.post(held, 500)
        desk.writer.book([held, part])

        assert desk.one(part).status is Status.EXISTS
        assert desk.one(replace(part, legs=())).code == "id-conflict"


class TestExpiry:
    def test_a_hold_can_be_posted_until_its_time_is_over(self, desk):
        end = desk.clock() + timedelta(minutes=1)
        first, second = desk.hold(1, expires_at=end), desk.hold(1, expires_at=end)
        desk.writer.book([first, second])
        desk.clock.forward(seconds=59.999)
        in_time = desk.one(desk.post(first))
        desk.clock.forward(seconds=0.001)

        assert in_time.stands
        assert desk.one(desk.post(second)).code == "hold-expired"
        desk.refuses(desk.post(second), "hold-expired")

    def test_it_expires_after_its_time_and_not_before(self, desk):
        held = desk.hold(800, expires_at=desk.clock() + timedelta(minutes=1))
        desk.one(held)
        desk.refuses(expire(held.id), "hold-not-expired")
        desk.clock.forward(minutes=1)

        assert desk.one(expire(held.id)).stands
        assert desk.one(expire(held.id)).status is Status.EXISTS
        assert desk.balances(desk.fund) == (1_000, 1_000)

    def test_one_without_an_end_never_expires(self, desk):
        held = desk.hold(800)
        desk.one(held)
        desk.clock.forward(days=9_999)

        desk.refuses(expire(held.id), "hold-not-expired")

    def test_after_its_time_there_is_nothing_to_void(self, desk):
        held = desk.hold(800, expires_at=desk.clock() + timedelta(minutes=1))
        desk.one(held)
        desk.clock.forward(days=1)

        assert desk.one(void(desk.ids("ent"), held.id, "escrow")).code == "hold-expired"
        assert desk.balances(desk.fund) == (1_000, 1_000)

    def test_what_is_over_counts_for_nobody_though_nobody_said_so(self, desk):
        desk.one(desk.hold(800, expires_at=desk.clock() + timedelta(minutes=1)))
        desk.clock.forward(minutes=1)

        assert desk.one(desk.move(desk.fund, desk.escrow, 1_000)).stands

    def test_the_log_has_the_expiry_before_what_relied_on_it(self, desk):
        held = desk.hold(800, expires_at=desk.clock() + timedelta(minutes=1))
        desk.one(held)
        desk.clock.forward(minutes=1)
        outcome = desk.one(desk.move(desk.fund, desk.escrow, 1_000))

        last = desk.log.segments[-1]
        assert last.entries.kind.tolist() == [Kind.EXPIRE, Kind.PLAIN]
        assert outcome.index == 1

    def test_thousands_that_end_at_once_end_before_anything_else(self, desk):
        end = desk.clock() + timedelta(minutes=1)
        desk.writer.book([desk.hold(1, expires_at=end) for _ in range(1_000)])
        desk.clock.forward(minutes=1)

        assert desk.one(desk.move(desk.fund, desk.escrow, 1_000)).stands
        assert len(desk.writer.books.holds) == 0

    def test_an_entry_under_the_id_of_its_expiry_cannot_keep_it_alive(self, desk):
        held = desk.hold(800, expires_at=desk.clock() + timedelta(minutes=1))
        squatter = replace(desk.move(OUTSIDE, desk.fund, 1), id=expire(held.id).id)
        desk.writer.book([held, squatter])
        desk.clock.forward(minutes=1)

        assert desk.one(desk.move(desk.fund, desk.escrow, 1_001)).stands

    def test_a_hold_that_is_over_cannot_be_placed(self, desk):
        held = desk.hold(1, expires_at=desk.clock() + timedelta(minutes=1))
        desk.clock.forward(minutes=1)

        desk.refuses(held, "hold-expired")

    def test_time_in_the_log_never_runs_backwards(self, desk):
        desk.clock.forward(hours=-1)
        desk.one(desk.move(OUTSIDE, desk.fund, 1))

        first, second = desk.log.segments
        assert second.at == first.at
