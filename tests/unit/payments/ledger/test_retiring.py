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


class TestARefusalWithAReason:
    """Who is refused for good is told why, and everybody is told the same."""

    def test_names_the_account_that_has_too_little(self, desk):
        refused = desk.refuses(desk.hold(1_001), "floor-broken")

        assert refused.account == desk.fund

    def test_names_none_when_only_others_of_the_same_moment_were_first(self, desk):
        _, late = desk.writer.book([desk.hold(600), desk.hold(600)])

        assert (late.code, late.account) == ("floor-broken", "")

    def test_is_the_first_one_s_for_everybody_who_comes_later(self, desk, counter):
        held = desk.hold(1_001)

        told = [
            hold_or_retire([held], ledger=counter, reason_of=lambda _, why=why: why)[0].code
            for why in ("fund-empty", "host-poor")
        ]

        assert told == ["fund-empty", "fund-empty"]

    def test_is_the_one_s_who_retired_it_in_between(self, desk, counter):
        held = desk.hold(1_001)
        counter.before = [lambda: None, lambda: desk.one(retire(held.id, "fund-empty"))]

        (outcome,) = hold_or_retire([held], ledger=counter, reason_of=lambda _: "host-poor")

        assert outcome.code == "fund-empty"


class TestOpenings:
    """An account that a hold takes from is filled when it is first needed, and never again."""

    def opened(self, desk):
        held, opening = desk.hold(1_500), desk.move(OUTSIDE, desk.fund, 1_000)
        return held, {held.id: [opening]}

    def test_are_booked_when_the_hold_finds_too_little(self, desk, counter):
        held, openings = self.opened(desk)

        (outcome,) = hold_or_retire([held], ledger=counter, openings=openings)

        assert outcome.stands
        assert desk.balances(desk.fund) == (2_000, 500)

    def test_are_booked_once_however_often_they_are_needed(self, desk, counter):
        held, openings = self.opened(desk)
        opening = openings[held.id]
        more = [desk.hold(1_500) for _ in range(2)]

        hold_or_retire([held], ledger=counter, openings=openings)
        outcomes = hold_or_retire(
            more, ledger=counter, openings={each.id: opening for each in more}
        )

        assert [outcome.code for outcome in outcomes] == ["floor-broken", "floor-broken"]
        assert desk.balances(desk.fund) == (2_000, 500)

    def test_are_left_alone_when_the_hold_stands(self, desk, counter):
        held, opening = desk.hold(10), desk.move(OUTSIDE, desk.fund, 1_000)

        hold_or_retire([held], ledger=counter, openings={held.id: [opening]})

        assert desk.balances(desk.fund) == (1_000, 990)
