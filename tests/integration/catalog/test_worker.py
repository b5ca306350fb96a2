"""What catalog's worker listens to, and what it does by the clock."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from chassis.kernel.time import system_clock
from chassis.mongo import atomically, collection
from services.catalog.app import create_worker
from services.catalog.hosts.repositories import MongoHosts
from services.catalog.lots.domain import ClosingReason, StockLot
from services.catalog.offers.domain import OfferEnd
from services.catalog.photos.repositories import MongoPictures
from services.catalog.plans.domain import Hours, Weekday, WeeklyPlan, Window
from services.catalog.plans.repositories import MongoPlans
from services.catalog.shipments.domain import COUNT_WITHIN, Parcel, Shipment, ShipmentState
from services.catalog.shipments.repositories import MongoShipments
from services.catalog.slots.domain import Calendar, HoldState, HoldWish, Slot
from services.catalog.slots.use_cases import Place
from services.catalog.stock.use_cases import reserve_packs
from tests.unit.catalog.fakes import BRAND, HOST, a_lot, a_reserve, an_id, an_offer, some_goods
from tests.unit.catalog.lending import a_venue


@pytest.fixture
def worker(settings, database):
    return create_worker(settings)


@pytest.fixture
def tasks(worker):
    return {task.name: task.function for task in worker.tasks}


class TestSubscriptions:
    def test_take_commands_claims_and_runs_in_groups_of_their_own(self, worker):
        found = {one.group: (list(one.topics), set(one.handlers)) for one in worker.subscriptions}

        assert found == {
            "catalog.commands": (
                ["teahouse.catalog.commands"],
                {
                    "catalog.command.reserve-packs.v1",
                    "catalog.command.release-packs.v1",
                    "catalog.command.return-packs.v1",
                    "catalog.command.book-slot.v1",
                    "catalog.command.release-slot.v1",
                    "catalog.command.reserve-kit.v1",
                    "catalog.command.release-kit.v1",
                },
            ),
            "catalog.runs": (
                ["teahouse.matching.gathering"],
                {
                    "matching.gathering.settled.v1",
                    "matching.gathering.rated.v1",
                    "matching.gathering.refunded.v1",
                },
            ),
            "catalog.claims": (
                ["teahouse.matching.claim"],
                {
                    "matching.claim.confirmed.v1",
                    "matching.claim.rejected.v1",
                    "matching.claim.cancelled.v1",
                    "matching.claim.settled.v1",
                    "matching.claim.kit-confirmed.v1",
                    "matching.claim.kit-rejected.v1",
                    "matching.claim.kit-cancelled.v1",
                    "matching.claim.kit-settled.v1",
                },
            ),
        }


class TestTasks:
    def test_close_lots_and_offers_whose_time_is_over(self, tasks, lots, offers):
        now = system_clock()
        goods = some_goods(closes_at=now - timedelta(hours=1))
        lot = lots.save(
            StockLot.publish(an_id("lot"), BRAND, goods=goods, at=now - timedelta(hours=2))
        )
        offer = offers.save(
            an_offer(closes_at=now - timedelta(hours=1)).open(at=now - timedelta(hours=2))
        )

        for name in ("close-lots", "close-offers") * 2:
            tasks[name]()

        assert lots.get(lot.id).closed is ClosingReason.CLOSING_TIME
        assert offers.get(offer.id).closed is OfferEnd.CLOSING_TIME
        assert lots.get(lot.id).revision.last_sequence == 2

    def test_expire_reservations_nobody_confirmed(self, tasks, lots, offers, stock):
        now = system_clock()
        goods = some_goods(closes_at=now + timedelta(days=1), max_packs_per_host=9)
        lot = lots.save(StockLot.publish(an_id("lot"), BRAND, goods=goods, at=now))
        offer = offers.save(an_offer(closes_at=now + timedelta(days=1)).open(at=now))
        stale = a_reserve(lot.id, offer.id, packs=4, expires_at=now - timedelta(seconds=1))
        fresh = a_reserve(lot.id, offer.id, packs=3, expires_at=now + timedelta(hours=1))
        earlier = now - timedelta(seconds=2)
        hosts = MongoHosts()
        atomically(
            lambda: reserve_packs(
                [stale, fresh], stock=stock, offers=offers, hosts=hosts, now=earlier
            )
        )

        tasks["expire-reservations"]()

        assert (lots.get(lot.id).packs.free, lots.get(lot.id).packs.reserved) == (7, 3)

    def test_expire_holds_nobody_booked(self, tasks, venues, calendars):
        now = system_clock()
        venue = venues.save(a_venue().open(at=now))
        slot = Slot(an_id("slt"), venue.id, now + timedelta(hours=5), now + timedelta(hours=6))
        calendars.save_all([Calendar(venue, {}).open_slot(slot, at=now)])
        wish = HoldWish(
            hold_id=an_id("hld"),
            slot_id=slot.id,
            host_id=HOST,
            people=1,
            expires_at=now - timedelta(seconds=1),
        )
        calendar = calendars.find([Place(venue.id, slot.id)])[venue.id]
        calendars.save_all([calendar.hold(wish, at=now - timedelta(seconds=2))])

        for _ in range(2):
            tasks["expire-holds"]()

        assert calendars.hold(wish.hold_id).state is HoldState.EXPIRED
        after = calendars.find([Place(venue.id, slot.id)])[venue.id]
        assert after.slots[slot.id].is_free
        assert after.venue.revision.last_sequence == 4

    def test_make_the_slots_of_days_that_came_within_reach(self, tasks, venues, calendars):
        now = system_clock()
        venue = venues.save(a_venue().open(at=now))
        windows = tuple(Window(day, Hours(time(19), time(22))) for day in Weekday)
        plan = WeeklyPlan(
            venue_id=venue.id, organization_id=venue.organization_id, windows=windows
        )
        MongoPlans().save(plan.reach(now.date()))

        for _ in range(2):
            tasks["extend-plans"]()

        found = calendars.between(venue.id, now, now + timedelta(days=70)).slots
        assert len(found) in {56, 57}
        assert len({slot.starts_at for slot in found.values()}) == len(found)

    def test_sweep_photos_that_no_lot_shows(self, tasks):
        hours_ago = system_clock() - timedelta(hours=2)
        MongoPictures().put(an_id("pho"), b"x", at=hours_ago)

        tasks["sweep-photos"]()

        assert not list(collection("photos.files").find())

    def test_release_goods_that_need_wait_no_more_and_receive_what_nobody_counted(
        self, tasks, database
    ):
        shipments, long_ago = MongoShipments(), system_clock() - COUNT_WITHIN
        lots = a_lot(ships_after_gatherings=1), a_lot()
        waiting, ready = (
            Shipment.open(lot, claim_id=an_id("clm"), host_id=HOST, packs=1, at=long_ago)
            for lot in lots
        )
        shipments.save_all([waiting, ready])
        sent = shipments.get(ready.state.id).dispatch(Parcel(), lots[1], at=long_ago)
        shipments.save(sent)

        for name in ("release-shipments", "receive-shipments") * 2:
            tasks[name]()

        assert shipments.get(waiting.state.id).state is ShipmentState.PREPARING
        assert shipments.get(ready.state.id).state is ShipmentState.RECEIVED
        assert shipments.get(ready.state.id).revision.last_sequence == 3

    def test_find_nothing_to_do_in_an_empty_catalog(self, tasks):
        for function in tasks.values():
            assert not function()
