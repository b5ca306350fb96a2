"""Commands about packs, decided in runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.catalog.lots.domain import LotNotFound
from services.catalog.lots.engine.journal import Packs
from services.catalog.stock.events import (
    PacksRefusedAnswer,
    PacksReleasedAnswer,
    PacksReservedAnswer,
    PacksReturnedAnswer,
    ReturnRefusedAnswer,
)
from services.catalog.stock.use_cases import (
    ClaimConfirmed,
    ClaimEnded,
    ReleasePacks,
    ReturnPacks,
    expire_reservations,
    release_ended,
    release_packs,
    reserve_packs,
    return_packs,
    ship_confirmed,
)
from tests.unit.catalog.fakes import (
    NOW,
    OTHER_HOST,
    FakeHosts,
    FakeLots,
    FakeOffers,
    FakeStock,
    a_lot,
    a_reserve,
    an_id,
    an_offer,
)


class Counter:
    """A brand with lots and an offer, and what hosts ask of them."""

    def __init__(self, *lots) -> None:
        self.offer = an_offer()
        self.offers = FakeOffers(self.offer)
        self.lots = FakeLots(*lots)
        self.stock = FakeStock(self.lots)
        self.hosts = FakeHosts()

    def order(self, lot, **changes):
        return a_reserve(lot.id, self.offer.id, **changes)

    def reserve(self, *commands, now=NOW):
        reserve_packs(commands, stock=self.stock, offers=self.offers, hosts=self.hosts, now=now)
        return self.stock.answers[-len(commands) :]

    def packs(self, lot) -> Packs:
        return self.lots.get(lot.id).packs


def a_release(command, **changes) -> ReleasePacks:
    given = {
        "id": an_id("msg"),
        "correlation_id": command.correlation_id,
        "lot_id": command.lot_id,
        "claim_id": command.claim_id,
        "reason": "not-enough-funds",
    }
    return ReleasePacks(**given | changes)


def a_return(command, **changes) -> ReturnPacks:
    given = {
        "id": an_id("msg"),
        "correlation_id": an_id("sag"),
        "lot_id": command.lot_id,
        "claim_id": command.claim_id,
        "refund_id": an_id("rfd"),
        "packs": 1,
    }
    return ReturnPacks(**given | changes)


class TestReservePacks:
    def test_answers_every_command_in_order(self):
        lot = a_lot(packs=3)
        counter = Counter(lot)
        orders = [counter.order(lot, packs=2, host_id=an_id("org")) for _ in range(2)]
        stray = a_reserve(an_id("lot"), counter.offer.id)

        first, second, third = counter.reserve(*orders, stray)

        assert isinstance(first, PacksReservedAnswer)
        assert (first.packs, first.correlation_id) == (2, orders[0].correlation_id)
        assert first.key == orders[0].correlation_id
        assert isinstance(second, PacksRefusedAnswer)
        assert (second.code, second.detail) == ("not-enough-packs", "2 asked, 1 free")
        assert (third.code, third.lot_id) == ("lot-not-found", stray.lot_id)
        assert counter.packs(lot) == Packs(free=1, reserved=2)

    def test_saves_a_lot_once_for_a_whole_run(self):
        lot = a_lot(packs=50, max_packs_per_host=50)
        counter = Counter(lot)

        counter.reserve(*(counter.order(lot) for _ in range(50)))

        assert counter.packs(lot) == Packs(reserved=50)
        assert counter.lots.get(lot.id).revision.version == 1
        assert counter.lots.get(lot.id).revision.last_sequence == 50
        assert [fact.packs_free for fact in counter.lots.events] == list(range(49, -1, -1))

    def test_does_not_touch_a_lot_it_refuses(self):
        lot = a_lot(packs=1)
        counter = Counter(lot)

        counter.reserve(counter.order(lot, packs=2))

        assert counter.lots.get(lot.id) == lot
        assert counter.lots.entries == counter.lots.events == []

    def test_answers_a_claim_it_knows_the_same(self):
        lot = a_lot(packs=3)
        counter = Counter(lot)
        order = counter.order(lot, packs=2)
        (first,) = counter.reserve(order)

        (again,) = counter.reserve(replace(order, id=an_id("msg")))

        assert (again.reservation_id, again.packs) == (first.reservation_id, first.packs)
        assert again.id != first.id
        assert counter.packs(lot) == Packs(free=1, reserved=2)

    def test_answers_one_command_under_one_id(self):
        lot = a_lot(packs=3)
        counter = Counter(lot)
        order = counter.order(lot)

        (first,), (again,) = counter.reserve(order), counter.reserve(order)

        assert first.id == again.id

    def test_keeps_the_cap_over_several_runs(self):
        lot = a_lot(packs=10, max_packs_per_host=3)
        counter = Counter(lot)
        counter.reserve(counter.order(lot, packs=2))

        mine, others = counter.reserve(
            counter.order(lot, packs=2), counter.order(lot, packs=2, host_id=OTHER_HOST)
        )

        assert mine.code == "host-cap-reached"
        assert isinstance(others, PacksReservedAnswer)

    def test_tells_a_claim_released_before_it_came(self):
        lot = a_lot()
        counter = Counter(lot)
        order = counter.order(lot)
        release_packs([a_release(order)], stock=counter.stock, now=NOW)

        (answer,) = counter.reserve(order)

        assert answer.code == "claim-released"
        assert counter.packs(lot) == lot.packs


class TestReleasePacks:
    def test_frees_and_answers(self):
        lot = a_lot(packs=3)
        counter = Counter(lot)
        order = counter.order(lot, packs=2)
        counter.reserve(order)

        release_packs([a_release(order), a_release(order)], stock=counter.stock, now=NOW)

        assert counter.packs(lot) == Packs(free=3)
        assert [type(answer) for answer in counter.stock.answers[1:]] == [PacksReleasedAnswer] * 2
        assert [fact.type for fact in counter.lots.events] == [
            "catalog.lot.packs-reserved.v1",
            "catalog.lot.packs-released.v1",
        ]

    def test_answers_for_a_lot_that_never_was(self):
        counter = Counter()
        order = a_reserve(an_id("lot"), counter.offer.id)

        release_packs([a_release(order)], stock=counter.stock, now=NOW)

        (answer,) = counter.stock.answers
        assert isinstance(answer, PacksReleasedAnswer)
        assert answer.claim_id == order.claim_id


class TestReturnPacks:
    def test_books_and_answers(self):
        lot = a_lot(packs=3)
        counter = Counter(lot)
        order = counter.order(lot, packs=2)
        counter.reserve(order)

        return_packs([a_return(order)], stock=counter.stock, now=NOW)

        assert counter.packs(lot) == Packs(free=2, shipped=1)
        assert isinstance(counter.stock.answers[-1], PacksReturnedAnswer)

    @pytest.mark.parametrize(("packs", "code"), [(3, "more-than-shipped")])
    def test_answers_why_not_and_goes_on(self, packs, code):
        lot = a_lot(packs=3)
        counter = Counter(lot)
        order = counter.order(lot, packs=2)
        counter.reserve(order)

        return_packs(
            [a_return(order, packs=packs), a_return(order, packs=2)],
            stock=counter.stock,
            now=NOW,
        )

        refused, booked = counter.stock.answers[-2:]
        assert isinstance(refused, ReturnRefusedAnswer)
        assert refused.code == code
        assert isinstance(booked, PacksReturnedAnswer)
        assert counter.packs(lot) == Packs(free=3)

    def test_refuses_for_unknown_claims_and_lots(self):
        lot = a_lot(packs=3)
        counter = Counter(lot)
        unclaimed = counter.order(lot)
        stray = a_reserve(an_id("lot"), counter.offer.id)

        return_packs([a_return(unclaimed), a_return(stray)], stock=counter.stock, now=NOW)

        assert [answer.code for answer in counter.stock.answers] == [
            "nothing-shipped",
            "lot-not-found",
        ]
        assert counter.lots.get(lot.id) == lot


class TestClaimFacts:
    def test_confirmed_claims_ship(self):
        lot = a_lot(packs=3)
        counter = Counter(lot)
        order = counter.order(lot, packs=2)
        counter.reserve(order)
        fact = ClaimConfirmed(lot_id=lot.id, claim_id=order.claim_id)

        ship_confirmed([fact, fact], stock=counter.stock, now=NOW)

        assert counter.packs(lot) == Packs(free=1, shipped=2)

    def test_a_confirmed_claim_on_no_lot_is_a_fault(self):
        fact = ClaimConfirmed(lot_id=an_id("lot"), claim_id=an_id("clm"))

        with pytest.raises(LotNotFound):
            ship_confirmed([fact], stock=Counter().stock, now=NOW)

    def test_ended_claims_free_what_no_command_freed(self):
        lot = a_lot(packs=3)
        counter = Counter(lot)
        order = counter.order(lot, packs=2)
        counter.reserve(order)
        ended = ClaimEnded(lot_id=lot.id, claim_id=order.claim_id, reason="claim-rejected")

        release_ended([ended, ended], stock=counter.stock, now=NOW)
        release_packs([a_release(order)], stock=counter.stock, now=NOW)

        assert counter.packs(lot) == Packs(free=3)
        assert len(counter.lots.events) == 2

    def test_ended_claims_before_their_reserve_keep_it_out(self):
        lot = a_lot(packs=3)
        counter = Counter(lot)
        order = counter.order(lot)
        ended = ClaimEnded(lot_id=lot.id, claim_id=order.claim_id, reason="claim-rejected")
        stray = ClaimEnded(lot_id=an_id("lot"), claim_id=an_id("clm"), reason="claim-rejected")

        release_ended([ended, stray], stock=counter.stock, now=NOW)
        (answer,) = counter.reserve(order)

        assert answer.code == "claim-released"


class TestExpireReservations:
    def test_frees_what_is_over_and_only_that(self):
        lot = a_lot(packs=9)
        counter = Counter(lot)
        short = counter.order(lot, expires_at=NOW + timedelta(minutes=1))
        long = counter.order(lot, expires_at=NOW + timedelta(minutes=5))
        kept = counter.order(lot, expires_at=NOW + timedelta(minutes=1))
        counter.reserve(short, long, kept)
        fact = ClaimConfirmed(lot_id=lot.id, claim_id=kept.claim_id)
        ship_confirmed([fact], stock=counter.stock, now=NOW)

        looked_at = expire_reservations(stock=counter.stock, now=NOW + timedelta(minutes=2))
        again = expire_reservations(stock=counter.stock, now=NOW + timedelta(minutes=2))

        assert (looked_at, again) == (1, 0)
        assert counter.packs(lot) == Packs(free=7, reserved=1, shipped=1)

    def test_tells_a_late_repeat_that_it_expired(self):
        lot = a_lot(packs=9)
        counter = Counter(lot)
        order = counter.order(lot)
        counter.reserve(order)
        expire_reservations(stock=counter.stock, now=NOW + timedelta(days=1))

        (answer,) = counter.reserve(order)

        assert answer.code == "reservation-expired"
