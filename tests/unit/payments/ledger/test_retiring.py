"""A refusal that is final: the id of what was refused is taken, and nothing moves."""

from __future__ import annotations

import pytest

from services.payments.ledger.domain import Status, retire
from services.payments.ledger.use_cases import hold_or_retire
from tests.unit.payments.ledger.books import OUTSIDE, Desk


class Counter:
    """The desk's books as a ledger, at which something may happen before the next submission."""

    def __init__(self, desk):
        self.desk, self.before = desk, []

    def submit(self, requests):
        if self.before:
            self.before.pop(0)()
        return self.desk.writer.book(requests)


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def counter(desk):
    return Counter(desk)


def pay_in(desk):
    desk.one(desk.move(OUTSIDE, desk.fund, 1_000))


class TestRetired:
    def test_moves_nothing_and_is_the_same_for_everybody(self, desk):
        held = desk.hold(10)

        outcomes = [desk.one(retire(held.id)) for _ in range(2)]

        assert [one.status for one in outcomes] == [Status.POSTED, Status.EXISTS]
        assert desk.balances("external:retired") == (0, 0)
        assert not any(desk.writer.books.accounts.trial_balance().values())

    def test_is_never_placed_again(self, desk):
        held = desk.hold(10)
        desk.one(retire(held.id))

        desk.refuses(held, "id-conflict")

    def test_takes_no_id_that_stands(self, desk):
        held = desk.hold(10)
        desk.one(held)

        desk.refuses(retire(held.id), "id-conflict")


class TestHoldOrRetire:
    def test_places_what_can_be_and_refuses_the_rest_for_good(self, desk, counter):
        few, many = desk.hold(10), desk.hold(1_001)

        placed, refused = hold_or_retire([few, many], ledger=counter)
        pay_in(desk)
        again = hold_or_retire([few, many], ledger=counter)

        assert (placed.stands, refused.code) == (True, "floor-broken")
        assert [one.code for one in again] == ["", "floor-broken"]
        assert desk.balances(desk.fund) == (2_000, 1_990)

    def test_answers_that_it_stands_when_another_placed_it_in_between(self, desk, counter):
        held = desk.hold(1_001)
        counter.before = [lambda: None, lambda: (pay_in(desk), desk.one(held))]

        (outcome,) = hold_or_retire([held], ledger=counter)

        assert outcome.stands
        assert desk.balances(desk.fund) == (2_000, 999)

    def test_is_refused_when_another_retired_it_in_between(self, desk, counter):
        held = desk.hold(1_001)
        counter.before = [lambda: None, lambda: desk.one(retire(held.id))]

        (outcome,) = hold_or_retire([held], ledger=counter)

        assert outcome.code == "floor-broken"
