"""All of a chain or none of it, and nobody else suffers for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.payments.ledger.domain import (
    BadChain,
    Status,
    chain,
    close_period,
    void,
)
from services.payments.ledger.repositories.sequencer import Sequencer
from tests.unit.payments.ledger.books import OUTSIDE, Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()


def codes(outcomes: list) -> list[str]:
    return [outcome.code for outcome in outcomes]


class TestChains:
    def test_stand_together(self, desk):
        outcomes = desk.writer.book(
            chain(desk.move(desk.fund, desk.escrow, 600), desk.move(desk.escrow, desk.fund, 600))
        )

        assert codes(outcomes) == ["", ""]
        assert desk.balances(desk.fund) == (1_000, 1_000)

    def test_fall_together_and_the_others_stand(self, desk):
        alone = desk.move(desk.fund, desk.escrow, 100)
        linked = chain(
            desk.move(desk.fund, desk.escrow, 200), desk.move(desk.fund, desk.escrow, 2_000)
        )
        after = desk.move(desk.fund, desk.escrow, 900)

        outcomes = desk.writer.book([alone, *linked, after])

        assert codes(outcomes) == ["", "chain-refused", "floor-broken", ""]
        assert desk.balances(desk.fund) == (0, 0)

    def test_money_may_not_be_lent_ahead_within_them(self, desk):
        spent_first = chain(
            desk.move(desk.escrow, desk.fund, 50), desk.move(OUTSIDE, desk.escrow, 50)
        )

        assert codes(desk.writer.book(spent_first)) == ["floor-broken", "chain-refused"]

    def test_a_hold_may_be_placed_and_posted_in_one(self, desk):
        held = desk.hold(800)

        assert codes(desk.writer.book(chain(held, desk.post(held, 300)))) == ["", ""]
        assert desk.balances(desk.fund) == (700, 700)

    def test_a_refused_one_leaves_the_hold_it_would_have_ended(self, desk):
        held = desk.hold(800)
        desk.one(held)
        linked = chain(desk.post(held), desk.move(desk.fund, desk.escrow, 201))
        voided = void(desk.ids("ent"), held.id, "escrow")

        outcomes = desk.writer.book([*linked, voided])

        assert codes(outcomes) == ["chain-refused", "floor-broken", ""]
        assert desk.balances(desk.fund) == (1_000, 1_000)

    def test_a_hold_of_a_refused_one_was_never_there(self, desk):
        held = desk.hold(800)
        linked = chain(held, desk.move(desk.fund, desk.escrow, 201))

        outcomes = desk.writer.book([*linked, desk.post(held)])

        assert codes(outcomes) == ["chain-refused", "floor-broken", "hold-not-found"]

    def test_are_the_same_however_often_they_come(self, desk):
        linked = chain(desk.move(desk.fund, desk.escrow, 1), desk.move(desk.fund, desk.escrow, 2))
        desk.writer.book(linked)

        again = desk.writer.book([*linked, *linked])

        assert {outcome.status for outcome in again} == {Status.EXISTS}
        assert desk.balances(desk.escrow) == (3, 3)

    def test_cannot_take_up_an_entry_that_stands_already(self, desk):
        first, second = desk.move(desk.fund, desk.escrow, 1), desk.move(desk.fund, desk.escrow, 2)
        desk.one(first)

        outcomes = desk.writer.book([*chain(second, first)])

        assert codes(outcomes) == ["chain-refused", ""]
        assert outcomes[1].status is Status.EXISTS

    def test_a_stand_alone_entry_is_not_a_linked_one(self, desk):
        entry = desk.move(desk.fund, desk.escrow, 1)
        desk.one(entry)

        outcomes = desk.writer.book(chain(entry, desk.move(desk.fund, desk.escrow, 2)))

        assert codes(outcomes) == ["id-conflict", "chain-refused"]
        assert outcomes[0].difference == {"linked": {"stored": False, "asked": True}}

    def test_an_id_twice_in_one_is_refused(self, desk):
        entry = desk.move(desk.fund, desk.escrow, 1)

        assert codes(desk.writer.book(chain(entry, entry))) == ["chain-refused", "bad-chain"]

    def test_a_period_is_closed_alone(self, desk):
        closing = close_period(desk.ids("ent"), desk.clock())
        linked = chain(closing, desk.move(desk.fund, desk.escrow, 1))

        assert codes(desk.writer.book(linked)) == ["bad-chain", "chain-refused"]

    def test_one_that_cannot_be_written_down_takes_the_rest_with_it(self, desk):
        poor = replace(desk.move(desk.fund, desk.escrow, 1), legs=())
        huge = desk.move(desk.fund, desk.escrow, 1 << 60)
        fine = desk.move(desk.fund, desk.escrow, 1)

        assert codes(desk.writer.book(chain(fine, huge))) == ["chain-refused", "bad-legs"]
        assert codes(desk.writer.book(chain(poor, fine))) == ["bad-legs", "chain-refused"]

    def test_are_never_cut_by_the_end_of_a_segment(self, desk):
        lone = [desk.move(OUTSIDE, desk.fund, 1) for _ in range(8_100)]
        linked = chain(*(desk.move(OUTSIDE, desk.fund, 1) for _ in range(150)))

        outcomes = desk.writer.book([*lone, *linked])

        assert {outcome.segment for outcome in outcomes[:8_100]} == {1}
        assert {outcome.segment for outcome in outcomes[8_100:]} == {2}

    def test_one_without_an_end_is_sent_back_whole(self, desk):
        sequencer = Sequencer(lambda: desk.writer)
        open_ended = replace(desk.move(desk.fund, desk.escrow, 1), linked=True)

        with pytest.raises(BadChain):
            sequencer.submit([desk.move(desk.fund, desk.escrow, 1), open_ended])

        assert len(desk.log.segments) == 1
        assert codes(desk.writer.book([open_ended])) == ["bad-chain"]
