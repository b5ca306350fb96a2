"""One slot is never sold twice, however many ask at once, and by whichever door."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest
from pymongo.errors import DuplicateKeyError

from chassis.mongo import atomically, collection
from services.catalog.slots.domain import Calendar
from services.catalog.slots.handlers import handlers
from tests.integration.catalog.bodies import a_venue_body, soon
from tests.integration.catalog.conftest import in_parallel, outbox_types, post_until_decided
from tests.integration.catalog.slot_race import BOOK, Rush, a_booking, run
from tests.unit.catalog.fakes import HOST, NOW, OTHER_HOST, VENUE_OWNER, an_id
from tests.unit.catalog.lending import a_slot, a_venue

RUNS, ALL, PROCESSES = 10, 100, 4


@pytest.fixture(scope="module")
def processes() -> Iterator[ProcessPoolExecutor]:
    """Processes that share nothing with this one but the database."""
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        yield pool


@pytest.fixture
def venue(venues):
    return venues.save(a_venue().open(at=NOW))


@pytest.fixture
def slot(venue, calendars):
    slot = a_slot(venue.id)
    calendars.save_all([Calendar(venue, {}).open_slot(slot, at=NOW)])
    return slot


def answers() -> list[str]:
    """The kinds of the answers to sagas, sorted."""
    found = collection("outbox").find({"topic": "teahouse.matching.saga-replies"})
    return sorted(row["type"].split(".")[2] for row in found)


def sold(slot_id: str) -> list[str]:
    """The gatherings that have the slot, by its bookings."""
    found = collection("slot_bookings").find({"slot_id": slot_id, "state": "booked"})
    return [row["gathering_id"] for row in found]


class TestBookings:
    @pytest.mark.parametrize("number", range(RUNS))
    def test_a_hundred_at_once_from_four_processes_leave_one(
        self, processes, database, venue, slot, number
    ):
        gatherings = [an_id("gth") for _ in range(ALL)]
        rushes = [
            Rush(database, venue.id, slot.id, tuple(gatherings[first::PROCESSES]))
            for first in range(PROCESSES)
        ]

        handled = sum(processes.map(run, rushes))

        assert handled == ALL
        assert answers() == ["slot-booked"] + ["slot-refused"] * (ALL - 1)
        assert outbox_types(venue.id).count("catalog.venue.slot-booked.v1") == 1
        (winner,) = sold(slot.id)
        assert collection("slots").find_one({"_id": slot.id})["gathering_id"] == winner

    def test_a_second_is_refused_by_the_index_whoever_writes_it(self, venue, slot):
        row = {"venue_id": venue.id, "slot_id": slot.id, "state": "booked"}
        collection("slot_bookings").insert_one({"_id": "a", "gathering_id": "a", **row})

        with pytest.raises(DuplicateKeyError):
            collection("slot_bookings").insert_one({"_id": "b", "gathering_id": "b", **row})

        assert sold(slot.id) == ["a"]


class TestHolds:
    @pytest.fixture
    def venue_id(self, calling):
        return calling(VENUE_OWNER).post("/v1/venues", a_venue_body()).json["id"]

    @pytest.fixture
    def opened(self, calling, venue_id):
        hours = {"starts_at": soon(hours=48), "ends_at": soon(hours=50)}
        return calling(VENUE_OWNER).post(f"/v1/venues/{venue_id}/slots", hours).json["id"]

    @pytest.fixture
    def asking(self, calling, venue_id, opened):
        """Ask for a hold as one host or the other."""
        hosts = [calling(HOST), calling(OTHER_HOST)]
        body = {"slot_id": opened, "people": 9, "expires_at": soon(hours=1)}
        path = f"/v1/venues/{venue_id}/holds"
        return lambda number: post_until_decided(hosts[number % 2], path, body)

    @pytest.mark.parametrize("number", range(RUNS))
    def test_a_hundred_at_once_over_http_leave_one(self, asking, venue_id, opened, number):
        found = in_parallel(asking, ALL)

        assert sorted(one.status_code for one in found) == [201] + [422] * (ALL - 1)
        assert {one.json["code"] for one in found if one.status_code == 422} == {"slot-held"}
        assert collection("slot_holds").count_documents({"slot_id": opened}) == 1
        assert outbox_types(venue_id).count("catalog.venue.slot-held.v1") == 1

    def test_and_bookings_at_once_leave_one_taker(
        self, asking, venue_id, opened, calendars, database
    ):
        book = handlers(calendars, lambda: NOW)[BOOK]
        stranger = an_id("org")  # whose booking no hold of the hosts lets through

        def rush(number):
            if number % 2:
                return asking(number).status_code
            event = a_booking(Rush(database, venue_id, opened, ()), an_id("gth"))
            event.data["host_id"] = stranger
            return atomically(lambda: book([event]), timeout_seconds=30)

        found = in_parallel(rush, 40)

        held, booked = found.count(201), len(sold(opened))
        assert held + booked == 1
        assert len(answers()) == 20

    def test_at_once_for_many_weeks_leave_each_slot_to_one_series(
        self, calling, venue_id, database
    ):
        owner = calling(VENUE_OWNER)
        plan = {"windows": [{"weekday": "tuesday", "starts": "19:00", "ends": "22:00"}]}
        owner.put(f"/v1/venues/{venue_id}/plan", plan)
        tuesdays = sorted(row["starts_at"] for row in collection("slots").find())
        # The wall in Shanghai is eight hours ahead.
        first = tuesdays[1].replace(hour=19, tzinfo=None).isoformat(timespec="minutes")
        body = {
            "rule": "FREQ=WEEKLY;COUNT=6",
            "first": first,
            "people": 9,
            "expires_at": soon(hours=1),
        }
        path = f"/v1/venues/{venue_id}/recurring-holds"
        hosts = [calling(HOST), calling(OTHER_HOST)]

        found = in_parallel(lambda n: post_until_decided(hosts[n % 2], path, body), 20)

        assert sorted(one.status_code for one in found) == [201] + [422] * 19
        (refused,) = {one.json["code"] for one in found if one.status_code == 422}
        assert refused == "occurrences-not-free"
        assert collection("slot_holds").count_documents({}) == 6
        assert len({row["host_id"] for row in collection("slot_holds").find()}) == 1


class TestAnswers:
    def test_name_the_rule(self, venue, slot, calendars, database):
        rush = Rush(database, venue.id, slot.id, ())
        book = handlers(calendars, lambda: NOW)[BOOK]

        atomically(lambda: book([a_booking(rush, an_id("gth")) for _ in range(2)]))

        found = collection("outbox").find({"type": "catalog.reply.slot-refused.v1"})
        assert [json.loads(row["event"])["data"]["code"] for row in found] == ["slot-taken"]
