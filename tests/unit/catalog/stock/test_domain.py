"""The rules by which packs move between free, reserved and shipped."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.catalog.lots.domain import ClosingReason
from services.catalog.lots.engine.journal import EntryKind, Packs
from services.catalog.lots.engine.restrictions import Channel, Restrictions
from services.catalog.stock.domain import (
    ReservationLost,
    ReservationState,
    Shelf,
)
from services.catalog.stock.events import (
    PacksReleased,
    PacksReserved,
    PacksShipped,
)
from tests.unit.catalog.fakes import (
    BRAND,
    HOST,
    NOW,
    OTHER_BRAND,
    a_lot,
    an_id,
    an_offer,
)
from tests.unit.catalog.stock.shelves import OFFER, a_shelf, an_order, reserved

LATER = NOW + timedelta(hours=1)
IN_SHANGHAI = Restrictions(regions=("上海",))
NO_SHOP = Restrictions(channels=(Channel.GATHERING,))


def codes(shelf: Shelf) -> list[str]:
    return [reservation.code for reservation in shelf.reservations.values()]


class TestReserve:
    def test_sets_packs_aside_and_says_so(self):
        shelf = a_shelf(packs=10)
        order = an_order(packs=3)

        after, (fact,), _ = shelf.reserve(order, OFFER, at=NOW)

        assert after.lot.packs == Packs(free=7, reserved=3)
        reservation = after.reservations[order.claim_id]
        assert (reservation.state, reservation.packs) == (ReservationState.RESERVED, 3)
        assert fact == PacksReserved(
            lot_id=shelf.lot.id,
            brand_id=BRAND,
            claim_id=order.claim_id,
            host_id=HOST,
            packs=3,
            packs_free=7,
            reservation_id=reservation.id,
            occurred_at=NOW,
        )
        assert after.lot.fresh[-1].reference == order.claim_id

    def test_may_take_the_last_pack(self):
        shelf, _ = reserved(a_shelf(packs=2), packs=2)

        assert shelf.lot.packs == Packs(free=0, reserved=2)

    @pytest.mark.parametrize(
        ("code", "lot", "offer", "order"),
        [
            ("not-enough-packs", {"packs": 2}, OFFER, {"packs": 3}),
            ("host-cap-reached", {"max_packs_per_host": 2}, OFFER, {"packs": 3}),
            ("lot-not-found", {}, OFFER, {"brand_id": OTHER_BRAND}),
            ("lot-closed", {"closes_at": NOW}, OFFER, {}),
            ("lot-closed", {"best_before": NOW}, OFFER, {}),
            ("offer-not-open", {}, None, {}),
            ("offer-not-open", {}, an_offer(brand_id=OTHER_BRAND), {}),
            ("offer-not-open", {}, an_offer(closes_at=NOW), {}),
            ("offer-not-open", {}, an_offer(opens_at=LATER), {}),
            ("reservation-expired", {}, OFFER, {"expires_at": NOW}),
            ("region-not-allowed", {"restrictions": IN_SHANGHAI}, OFFER, {"region": "北京"}),
            ("region-not-allowed", {"restrictions": IN_SHANGHAI}, OFFER, {}),
            ("channel-not-allowed", {"restrictions": NO_SHOP}, OFFER, {"channel": "online"}),
        ],
    )
    def test_notes_why_not_and_moves_nothing(self, code, lot, offer, order):
        terms = {name: lot.pop(name) for name in ("closes_at", "best_before") if name in lot}
        fresh = a_shelf(**lot)
        shelf = replace(fresh, lot=replace(fresh.lot, terms=replace(fresh.lot.terms, **terms)))

        after, facts, _ = shelf.reserve(an_order(**order), offer, at=NOW)

        assert codes(after) == [code]
        assert after.lot == shelf.lot
        assert facts == ()
        assert after.lot.fresh == ()

    def test_lets_goods_go_where_their_brand_allows(self):
        restrictions = Restrictions(regions=("上海",), channels=(Channel.ONLINE,))
        shelf = a_shelf(packs=2, restrictions=restrictions)

        after, _ = reserved(shelf, region="上海", channel="online")

        assert after.lot.packs == Packs(free=0, reserved=2)

    def test_refuses_a_withdrawn_lot(self):
        lot = a_lot().close(ClosingReason.WITHDRAWN, at=NOW).state

        after = Shelf(lot, {}, {}).reserve(an_order(), OFFER, at=NOW).state

        assert codes(after) == ["lot-closed"]

    def test_counts_all_live_packs_of_a_host_against_the_cap(self):
        shelf = Shelf(a_lot(max_packs_per_host=5), {}, {HOST: 3})

        after, _ = reserved(shelf, packs=2)
        refused, _ = reserved(after, packs=1)

        assert after.lot.packs.reserved == 2
        assert codes(refused) == ["", "host-cap-reached"]
        assert refused.lot.packs == after.lot.packs

    def test_lets_a_host_claim_again_what_was_released(self):
        shelf, claim_id = reserved(a_shelf(packs=10, max_packs_per_host=2), packs=2)
        shelf = shelf.release(claim_id, why="x", at=NOW).state

        again, _ = reserved(shelf, packs=2)

        assert again.lot.packs == Packs(free=8, reserved=2)

    def test_answers_the_same_claim_the_same(self):
        order = an_order(packs=2)
        shelf = a_shelf(packs=10).reserve(order, OFFER, at=NOW).state

        again, facts, _ = shelf.reserve(order, OFFER, at=LATER)

        assert again == shelf
        assert facts == ()

    def test_stays_refused_when_packs_come_free(self):
        order = an_order(packs=2)
        shelf, holder = reserved(a_shelf(packs=2), packs=2)
        shelf = shelf.reserve(order, OFFER, at=NOW).state
        shelf = shelf.release(holder, why="x", at=NOW).state

        again = shelf.reserve(order, OFFER, at=NOW).state

        assert again.lot.packs == Packs(free=2)
        assert again.reservations[order.claim_id].code == "not-enough-packs"


class TestRelease:
    def test_frees_what_was_reserved(self):
        shelf, claim_id = reserved(a_shelf(packs=10), packs=2)

        after, (fact,), _ = shelf.release(claim_id, why="no-funds", at=NOW)

        assert after.lot.packs == Packs(free=10)
        assert isinstance(fact, PacksReleased)
        assert (fact.packs, fact.packs_free, fact.reason) == (2, 10, "no-funds")

    def test_happens_once(self):
        shelf, claim_id = reserved(a_shelf(packs=10), packs=2)
        once = shelf.release(claim_id, why="x", at=NOW).state

        twice, facts, _ = once.release(claim_id, why="x", at=NOW)

        assert twice == once
        assert facts == ()

    def test_that_comes_before_its_reserve_wins(self):
        order = an_order()

        shelf, facts, _ = a_shelf(packs=10).release(order.claim_id, why="x", at=NOW)
        after = shelf.reserve(order, OFFER, at=NOW).state

        assert facts == ()
        assert after.lot.packs == Packs(free=10)
        assert after.reservations[order.claim_id].state is ReservationState.RELEASED

    def test_brings_back_what_was_shipped(self):
        shelf, claim_id = reserved(a_shelf(packs=10), packs=2)
        shelf = shelf.ship(claim_id, at=NOW).state

        after, (fact,), _ = shelf.release(claim_id, why="claim-cancelled", at=NOW)

        assert after.lot.packs == Packs(free=10)
        assert isinstance(fact, PacksReleased)
        assert after.lot.fresh[-1].kind is EntryKind.RETURNED

    def test_brings_back_only_what_has_not_come_back(self):
        shelf, claim_id = reserved(a_shelf(packs=10), packs=3)
        shelf = shelf.give_back(claim_id, refund_id="rfd_1", packs=1, at=NOW).state

        after, (fact,), _ = shelf.release(claim_id, why="x", at=NOW)

        assert after.lot.packs == Packs(free=10)
        assert fact.packs == 2

    def test_leaves_a_refusal_a_refusal(self):
        shelf, claim_id = reserved(a_shelf(packs=1), packs=2)

        assert shelf.release(claim_id, why="x", at=NOW).state == shelf


class TestShip:
    def test_makes_a_reservation_final(self):
        shelf, claim_id = reserved(a_shelf(packs=10), packs=2)

        after, (fact,), _ = shelf.ship(claim_id, at=NOW)

        assert after.lot.packs == Packs(free=8, shipped=2)
        assert isinstance(fact, PacksShipped)
        assert (fact.packs, fact.packs_free) == (2, 8)

    def test_happens_once(self):
        shelf, claim_id = reserved(a_shelf(), packs=2)
        once = shelf.ship(claim_id, at=NOW).state

        assert once.ship(claim_id, at=NOW).state == once

    def test_works_on_a_closed_lot(self):
        shelf, claim_id = reserved(a_shelf(packs=10), packs=2)
        closed = shelf.lot.close(ClosingReason.WITHDRAWN, at=NOW).state

        after = replace(shelf, lot=closed).ship(claim_id, at=NOW).state

        assert after.lot.packs == Packs(free=8, shipped=2)

    def test_yields_to_a_release_that_came_first(self):
        shelf, claim_id = reserved(a_shelf(packs=10), packs=2)
        released = shelf.release(claim_id, why="x", at=NOW).state

        after, facts, _ = released.ship(claim_id, at=NOW)

        assert after == released
        assert facts == ()

    def test_takes_packs_again_that_expired_before_the_news_came(self):
        shelf, claim_id = reserved(a_shelf(packs=10), packs=2)
        expired = shelf.expire(claim_id, at=LATER).state

        after, (fact,), _ = expired.ship(claim_id, at=LATER)

        assert after.lot.packs == Packs(free=8, shipped=2)
        assert isinstance(fact, PacksShipped)

    def test_never_ships_packs_that_others_have_by_now(self):
        shelf, claim_id = reserved(a_shelf(packs=2, max_packs_per_host=9), packs=2)
        expired = shelf.expire(claim_id, at=LATER).state
        taken, _ = reserved(expired, packs=1, expires_at=LATER)

        with pytest.raises(ReservationLost, match="2 packs expired and went"):
            taken.ship(claim_id, at=LATER)

    @pytest.mark.parametrize("packs", [2, 3])
    def test_stops_at_a_claim_that_was_never_reserved(self, packs):
        shelf, refused = reserved(a_shelf(packs=1), packs=packs)

        with pytest.raises(ReservationLost):
            shelf.ship(refused, at=NOW)
        with pytest.raises(ReservationLost):
            shelf.ship(an_id("clm"), at=NOW)


class TestExpire:
    def test_frees_a_reservation_from_its_time_on(self):
        shelf, claim_id = reserved(a_shelf(packs=10), packs=2)
        over = shelf.reservations[claim_id].expires_at

        early = shelf.expire(claim_id, at=over - timedelta(microseconds=1)).state
        after, (fact,), _ = shelf.expire(claim_id, at=over)

        assert early == shelf
        assert after.lot.packs == Packs(free=10)
        assert (fact.packs, fact.reason) == (2, "expired")

    def test_never_touches_what_was_confirmed(self):
        shelf, claim_id = reserved(a_shelf(packs=10), packs=2)
        shipped = shelf.ship(claim_id, at=NOW).state

        assert shipped.expire(claim_id, at=LATER).state == shipped

    def test_leaves_nothing_for_a_later_reserve_or_release(self):
        order = an_order(packs=2)
        shelf = a_shelf(packs=10).reserve(order, OFFER, at=NOW).state
        expired = shelf.expire(order.claim_id, at=LATER).state

        again = expired.reserve(order, OFFER, at=LATER).state
        released, facts, _ = expired.release(order.claim_id, why="x", at=LATER)

        assert again == expired
        assert facts == ()
        assert released.lot.packs == Packs(free=10)

    def test_that_is_released_ships_no_more(self):
        shelf, claim_id = reserved(a_shelf(packs=10), packs=2)
        released = shelf.expire(claim_id, at=LATER).state.release(claim_id, why="x", at=LATER)

        after = released.state.ship(claim_id, at=LATER).state

        assert after.lot.packs == Packs(free=10)
