"""Slots, holds, plans and recurring wishes over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import icalendar
import pytest

from chassis.mongo import atomically, collection
from services.catalog.slots.handlers import handlers
from tests.integration.catalog.bodies import a_venue_body, soon, tuesdays, yuan
from tests.integration.catalog.conftest import everything, in_parallel, outbox_types
from tests.integration.catalog.slot_race import BOOK, Rush, a_booking
from tests.unit.catalog.fakes import (
    BRAND,
    HOST,
    NOW,
    OTHER_HOST,
    OTHER_VENUE_OWNER,
    VENUE_OWNER,
    an_id,
)


@pytest.fixture
def owner(calling):
    return calling(VENUE_OWNER)


@pytest.fixture
def host(calling):
    return calling(HOST)


@pytest.fixture
def lending(owner):
    """Open a venue and answer its path."""

    def open_venue(**changes) -> str:
        answer = owner.post("/v1/venues", a_venue_body(**changes))
        assert answer.status_code == 201, answer.json
        return f"/v1/venues/{answer.json['id']}"

    return open_venue


@pytest.fixture
def venue(owner) -> dict:
    answer = owner.post("/v1/venues", a_venue_body())
    assert answer.status_code == 201, answer.json
    return answer.json


@pytest.fixture
def booking(calendars, database):
    """Book a slot as matching does for HOST."""

    def book(path: str, slot_id: str) -> str:
        gathering_id = an_id("gth")
        rush = Rush(database, path.removeprefix("/v1/venues/"), slot_id, ())
        event = a_booking(rush, gathering_id)
        handle = handlers(calendars, lambda: NOW)[BOOK]
        atomically(lambda: handle([event]))
        return gathering_id

    return book


def hours(start: float, length: float = 3, **changes) -> dict:
    return {"starts_at": soon(hours=start), "ends_at": soon(hours=start + length), **changes}


def a_hold_body(slot_id: str) -> dict:
    return {"slot_id": slot_id, "people": 9, "expires_at": soon(hours=1)}


class TestSlots:
    def test_are_opened_and_listed(self, owner, venue, calling):
        path = f"/v1/venues/{venue['id']}/slots"

        opened = [owner.post(path, hours(start)).json for start in (24, 27, 48)]
        listed = calling(HOST).get(path).json["items"]

        assert [slot["id"] for slot in listed] == [slot["id"] for slot in opened]
        assert all(slot["is_free"] for slot in listed)
        assert outbox_types(venue["id"])[1:] == ["catalog.venue.slot-opened.v1"] * 3

    def test_never_overlap(self, owner, venue):
        path = f"/v1/venues/{venue['id']}/slots"
        owner.post(path, hours(24))
        before = everything()

        answer = owner.post(path, hours(26.9))

        assert (answer.status_code, answer.json["code"]) == (422, "slots-overlap")
        assert everything() == before

    def test_never_overlap_when_opened_at_once(self, owner, venue):
        path = f"/v1/venues/{venue['id']}/slots"

        answers = in_parallel(lambda n: owner.post(path, hours(24 + n / 10)), 8)

        codes = sorted(answer.json.get("code", "opened") for answer in answers)
        assert codes == ["opened"] + ["slots-overlap"] * 7

    @pytest.mark.parametrize("body", [hours(-1), hours(1, 25), hours(1, -1)])
    def test_refuse_times_that_cannot_be_kept(self, owner, venue, body):
        answer = owner.post(f"/v1/venues/{venue['id']}/slots", body)

        assert (answer.status_code, answer.json["code"]) == (422, "slot-times-wrong")

    def test_of_anothers_venue_cannot_be_opened(self, venue, calling):
        before = everything()

        answer = calling(OTHER_VENUE_OWNER).post(f"/v1/venues/{venue['id']}/slots", hours(24))

        assert (answer.status_code, answer.json["code"]) == (404, "venue-not-found")
        assert everything() == before


class TestAsks:
    @pytest.mark.parametrize(
        "asks",
        [{"rent": yuan(20_000)}, {"share_basis_points": 800}, {"naming": "Held at the mill"}],
    )
    def test_are_rent_or_a_share_or_a_line_of_naming(self, owner, lending, asks):
        path = lending()

        opened = owner.post(f"{path}/slots", hours(24, asks=asks)).json

        nothing = {"rent": None, "share_basis_points": None, "naming": None}
        assert opened["asks"] == nothing | asks
        assert owner.get(f"{path}/slots").json["items"] == [opened]

    @pytest.mark.parametrize(
        "asks",
        [
            {},
            {"rent": yuan(0)},
            {"rent": yuan(1), "naming": "x"},
            {"share_basis_points": 10_001},
            {"naming": ""},
            {"rent": None},
        ],
    )
    def test_are_for_one_thing_exactly(self, owner, lending, asks):
        path = lending()
        before = everything()

        assert owner.post(f"{path}/slots", hours(24, asks=asks)).status_code == 400
        assert everything() == before


class TestListOfSlots:
    def test_goes_on_by_time_whatever_was_opened_first(self, owner, lending):
        path = lending()
        opened = {start: owner.post(f"{path}/slots", hours(start)).json for start in (48, 24, 72)}

        first = owner.get(f"{path}/slots", limit=2).json
        second = owner.get(f"{path}/slots", limit=2, cursor=first["next_cursor"]).json

        ids = [slot["id"] for slot in first["items"] + second["items"]]
        assert ids == [opened[start]["id"] for start in (24, 48, 72)]
        assert second["next_cursor"] is None

    @pytest.mark.parametrize("cursor", ["eA", "OTk5OTk5OTk5OTk5OTk5OTk5"])
    def test_bears_a_cursor_from_elsewhere(self, owner, lending, cursor):
        assert owner.get(f"{lending()}/slots", cursor=cursor).status_code in {200, 422}


class TestHolds:
    @pytest.fixture
    def path(self, lending):
        return lending(accepts_at_once=False, policy="moderate")

    @pytest.fixture
    def slot_id(self, owner, path):
        return owner.post(f"{path}/slots", hours(24, asks={"rent": yuan(20_000)})).json["id"]

    def test_are_made_accepted_and_read_by_both_parties(self, owner, host, path, slot_id, calling):
        made = host.post(f"{path}/holds", a_hold_body(slot_id))
        one = f"{path}/holds/{made.json['id']}"
        accepted = owner.post(f"{one}/acceptances")

        assert (made.status_code, made.json["state"]) == (201, "asked")
        assert made.json["agreement"]["asks"]["rent"] == yuan(20_000)
        assert made.json["agreement"]["policy"]["name"] == "moderate"
        assert (accepted.status_code, accepted.json["state"]) == (201, "accepted")
        assert host.get(one).json == owner.get(one).json == accepted.json
        assert owner.get(f"{path}/slots").json["items"][0]["is_free"] is False
        assert outbox_types(path.split("/")[-1])[2:] == [
            "catalog.venue.slot-held.v1",
            "catalog.venue.hold-accepted.v1",
        ]
        for other in (OTHER_HOST, OTHER_VENUE_OWNER, BRAND):
            answer = calling(other).get(one)
            assert (answer.status_code, answer.json["code"]) == (404, "hold-not-found")

    def test_are_listed_for_the_owner_and_to_each_host_its_own(
        self, owner, host, path, slot_id, calling
    ):
        held = host.post(f"{path}/holds", a_hold_body(slot_id)).json

        listed = {
            who: [one["id"] for one in calling(who).get(f"{path}/holds").json["items"]]
            for who in (VENUE_OWNER, HOST, OTHER_HOST, OTHER_VENUE_OWNER, BRAND)
        }

        assert listed == {
            VENUE_OWNER: [held["id"]],
            HOST: [held["id"]],
            OTHER_HOST: [],
            OTHER_VENUE_OWNER: [],
            BRAND: [],
        }

    def test_are_refused_or_withdrawn_and_free_the_slot(self, owner, host, path, slot_id):
        for ended, who in (("refusals", owner), ("withdrawals", host)):
            held = host.post(f"{path}/holds", a_hold_body(slot_id)).json
            answer = who.post(f"{path}/holds/{held['id']}/{ended}")
            again = who.post(f"{path}/holds/{held['id']}/{ended}")

            assert answer.status_code == 201
            assert (again.status_code, again.json["code"]) == (422, "hold-ended")
            assert owner.get(f"{path}/slots").json["items"][0]["is_free"] is True

    def test_are_answered_by_nobody_elses_owner(self, host, path, slot_id, calling):
        held = host.post(f"{path}/holds", a_hold_body(slot_id)).json
        before = everything()

        for word in ("acceptances", "refusals"):
            answer = calling(OTHER_VENUE_OWNER).post(f"{path}/holds/{held['id']}/{word}")
            assert (answer.status_code, answer.json["code"]) == (404, "hold-not-found")
        withdrawn = calling(OTHER_HOST).post(f"{path}/holds/{held['id']}/withdrawals")
        assert (withdrawn.status_code, withdrawn.json["code"]) == (404, "hold-not-found")

        assert everything() == before

    @pytest.mark.parametrize("who", [BRAND, VENUE_OWNER])
    def test_are_for_hosts(self, path, slot_id, calling, who):
        answer = calling(who).post(f"{path}/holds", a_hold_body(slot_id))

        assert (answer.status_code, answer.json["code"]) == (403, "permission-missing")

    @pytest.mark.parametrize(
        "changes", [{"people": 0}, {"expires_at": "tomorrow"}, {"slot_id": "x"}, {"state": "x"}]
    )
    def test_refuse_what_is_no_hold(self, host, path, slot_id, changes):
        before = everything()

        answer = host.post(f"{path}/holds", a_hold_body(slot_id) | changes)

        assert answer.status_code == 400
        assert everything() == before

    def test_are_the_same_for_the_same_key(self, host, path, slot_id):
        body = a_hold_body(slot_id)

        answers = [host.post(f"{path}/holds", body, key="one") for _ in range(2)]

        assert answers[0].json == answers[1].json
        assert collection("slot_holds").count_documents({}) == 1


class TestCancellationQuote:
    def test_tells_the_parties_what_would_come_back(self, owner, host, lending, booking, calling):
        path = lending(policy="flexible")
        asks = {"rent": yuan(20_000)}
        slot_id = owner.post(f"{path}/slots", hours(12, asks=asks)).json["id"]
        one = f"{path}/slots/{slot_id}/cancellation-quote"
        unbooked = host.get(one)
        booking(path, slot_id)
        before = everything()

        quoted = host.get(one)

        assert (unbooked.status_code, unbooked.json["code"]) == (404, "booking-not-found")
        assert quoted.json == {
            "policy": "flexible",
            "refund_basis_points": 5_000,
            "refund": yuan(10_000),
        }
        assert owner.get(one).json == quoted.json
        assert calling(OTHER_HOST).get(one).status_code == 404
        assert everything() == before


class TestCalendar:
    @pytest.fixture
    def path(self, lending):
        return lending(time_zone="Europe/Paris", accepts_at_once=True)

    @pytest.fixture
    def slots(self, owner, host, path, booking):
        """A free slot, one held and one booked."""
        found = [owner.post(f"{path}/slots", hours(start)).json for start in (24, 48, 72)]
        held = host.post(f"{path}/holds", a_hold_body(found[1]["id"])).json
        gathering_id = booking(path, found[2]["id"])
        return {"opened": found, "hold_id": held["id"], "gathering_id": gathering_id}

    def read(self, caller, path):
        answer = caller.get(path)
        assert answer.status_code == 200, answer.data
        assert answer.content_type == "text/calendar; charset=utf-8"
        return icalendar.Calendar.from_ical(answer.data)

    def test_gives_the_owner_every_slot_in_its_own_zone(self, owner, path, slots):
        calendar = self.read(owner, f"{path}/calendar.ics")

        events = calendar.walk("VEVENT")
        assert [str(event["UID"]) for event in events] == [
            f"{slot['id']}@teahouse" for slot in slots["opened"]
        ]
        assert [str(event["TRANSP"]) for event in events] == ["TRANSPARENT", "OPAQUE", "OPAQUE"]
        for event, slot in zip(events, slots["opened"], strict=True):
            assert event["DTSTART"].params["TZID"] == "Europe/Paris"
            starts_at = datetime.fromisoformat(slot["starts_at"])
            assert event["DTSTART"].dt.astimezone(UTC) == starts_at.replace(microsecond=0)
        (zone,) = calendar.walk("VTIMEZONE")
        assert str(zone["TZID"]) == "Europe/Paris"
        assert slots["gathering_id"] in str(events[2]["DESCRIPTION"])
        assert HOST in str(events[2]["DESCRIPTION"])

    def test_keeps_its_identifiers(self, owner, path, slots):
        read = [self.read(owner, f"{path}/calendar.ics") for _ in range(2)]

        first, second = ([str(e["UID"]) for e in one.walk("VEVENT")] for one in read)
        assert first == second

    def test_tells_everybody_else_only_when_the_room_is_free(self, app, path, slots):
        answer = app.test_client().get(f"{path}/public.ics")

        events = icalendar.Calendar.from_ical(answer.data).walk("VEVENT")
        assert [str(event["SUMMARY"]) for event in events] == [
            "空闲 · Free",
            "占用 · Busy",
            "占用 · Busy",
        ]
        text = answer.data.decode().replace("\r\n ", "")
        for secret in (slots["gathering_id"], slots["hold_id"], HOST, VENUE_OWNER):
            assert secret not in text

    def test_is_for_the_owner_alone(self, path, slots, calling):
        for other in (OTHER_VENUE_OWNER, HOST):
            answer = calling(other).get(f"{path}/calendar.ics")
            assert (answer.status_code, answer.json["code"]) == (404, "venue-not-found")

    def test_is_none_for_a_venue_that_never_was(self, app, owner):
        path = f"/v1/venues/{an_id('ven')}"

        assert app.test_client().get(f"{path}/public.ics").status_code == 404
        assert owner.get(f"{path}/calendar.ics").status_code == 404

    def test_of_an_empty_venue_can_be_read(self, owner, path):
        assert self.read(owner, f"{path}/calendar.ics").walk("VEVENT") == []


class TestPlan:
    def test_makes_slots_at_once(self, owner, host, lending):
        path = lending(time_zone="America/New_York")

        planned = owner.put(f"{path}/plan", tuesdays(asks={"naming": "At the mill"}))
        slots = host.get(f"{path}/slots").json["items"]

        assert planned.status_code == 200
        assert host.get(f"{path}/plan").json == planned.json
        assert planned.json["windows"][0]["starts"] == "19:00"
        assert len(slots) in {8, 9}
        assert {slot["asks"]["naming"] for slot in slots} == {"At the mill"}
        walls = {
            datetime.fromisoformat(slot["starts_at"])
            .astimezone(ZoneInfo("America/New_York"))
            .strftime("%a %H:%M")
            for slot in slots
        }
        assert walls == {"Tue 19:00"}

    def test_is_empty_before_it_is_made(self, host, lending):
        plan = host.get(f"{lending()}/plan").json

        assert (plan["windows"], plan["exceptions"], plan["planned_until"]) == ([], [], None)

    def test_takes_exceptions_and_changes_without_touching_what_is_booked(
        self, owner, host, lending, booking
    ):
        path = lending()
        owner.put(f"{path}/plan", tuesdays())
        slots = host.get(f"{path}/slots").json["items"]
        booking(path, slots[1]["id"])
        closed = {"date": slots[2]["starts_at"][:10]}

        owner.put(f"{path}/plan", {"windows": [], "exceptions": [closed]})
        left = host.get(f"{path}/slots").json["items"]
        owner.put(f"{path}/plan", tuesdays() | {"exceptions": [closed]})
        after = host.get(f"{path}/slots").json["items"]

        assert [slot["id"] for slot in left] == [slots[1]["id"]]
        assert [slot["id"] for slot in after] == [
            slot["id"] for slot in slots if slot["id"] != slots[2]["id"]
        ]

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"windows": [{"weekday": "tisdag", "starts": "19:00", "ends": "20:00"}]},
            {"windows": [{"weekday": "tuesday", "starts": "25:00", "ends": "20:00"}]},
            {"windows": [{"weekday": "tuesday", "starts": "19:00"}]},
            {"windows": [], "exceptions": [{"date": "2026-02-31"}]},
            {"windows": [], "exceptions": [{"date": "2030-01-01"}] * 2},
            {"windows": [], "zone": "UTC"},
            tuesdays(asks={}),
        ],
    )
    def test_refuses_what_is_no_plan(self, owner, lending, body):
        path = lending()
        before = everything()

        assert owner.put(f"{path}/plan", body).status_code == 400
        assert everything() == before

    def test_of_anothers_venue_cannot_be_made(self, lending, calling):
        path = lending()
        before = everything()

        answer = calling(OTHER_VENUE_OWNER).put(f"{path}/plan", tuesdays())

        assert (answer.status_code, answer.json["code"]) == (404, "venue-not-found")
        assert everything() == before

    def test_is_made_by_many_at_once_as_by_one(self, owner, host, lending):
        path = lending()

        answers = in_parallel(lambda _: owner.put(f"{path}/plan", tuesdays()), 6)

        assert {answer.status_code for answer in answers} <= {200, 409}
        assert 200 in {answer.status_code for answer in answers}
        starts = [slot["starts_at"] for slot in host.get(f"{path}/slots").json["items"]]
        assert len(starts) == len(set(starts)) in {8, 9}


class TestRecurring:
    @pytest.fixture
    def path(self, owner, lending):
        path = lending()
        owner.put(f"{path}/plan", tuesdays())
        return path

    @pytest.fixture
    def slots(self, host, path):
        return host.get(f"{path}/slots").json["items"]

    @pytest.fixture
    def asked(self, slots):
        """The next six Tuesdays but one, at seven in the evening."""
        first = datetime.fromisoformat(slots[1]["starts_at"]).astimezone(ZoneInfo("Asia/Shanghai"))
        return {"rule": "FREQ=WEEKLY;COUNT=6", "first": first.strftime("%Y-%m-%dT%H:%M")}

    def conditions(self, **changes):
        return {"people": 9, "expires_at": soon(hours=2)} | changes

    def test_is_looked_at_with_conflicts_first(self, host, path, slots, asked, booking):
        booking(path, slots[3]["id"])
        before = everything()

        found = host.get(f"{path}/occurrences", **asked).json

        assert (found["free"], found["conflicts"]) == (5, 1)
        assert [(one["state"], one["slot_id"]) for one in found["items"]] == [
            ("taken", slots[3]["id"]),
            *(("free", slots[place]["id"]) for place in (1, 2, 4, 5, 6)),
        ]
        assert everything() == before

    def test_holds_all_at_once_or_none(self, host, path, slots, asked, booking):
        booking(path, slots[3]["id"])
        before = everything()

        refused = host.post(f"{path}/recurring-holds", asked | self.conditions())

        assert (refused.status_code, refused.json["code"]) == (422, "occurrences-not-free")
        (conflict,) = refused.json["occurrences"]
        assert (conflict["starts_at"], conflict["state"]) == (slots[3]["starts_at"], "taken")
        assert everything() == before

    def test_holds_what_is_free_when_asked_to(self, host, path, slots, asked, booking):
        booking(path, slots[3]["id"])

        held = host.post(f"{path}/recurring-holds", asked | self.conditions(skip_conflicts=True))

        assert (held.status_code, held.json["free"], held.json["conflicts"]) == (201, 5, 1)
        ids = {one["hold_id"] for one in held.json["items"]} - {None}
        assert {one["id"] for one in host.get(f"{path}/holds").json["items"]} == ids
        assert len(ids) == 5

    @pytest.mark.parametrize(
        "changes",
        [
            {"rule": "FREQ=MONTHLY;COUNT=2"},
            {"rule": "FREQ=DAILY;UNTIL=29991231"},
            {"rule": 7},
            {"first": "2026-03-03T19:00Z"},
            {"first": "0001-01-01T00:00"},
            {"people": 0},
        ],
    )
    def test_refuses_what_does_not_recur(self, host, path, asked, changes):
        before = everything()

        answer = host.post(f"{path}/recurring-holds", asked | self.conditions() | changes)

        assert answer.status_code == 400
        assert everything() == before

    def test_is_held_by_hosts_only(self, owner, path, asked):
        answer = owner.post(f"{path}/recurring-holds", asked | self.conditions())

        assert answer.status_code == 403

    def test_knows_no_venue_that_never_was(self, host, asked):
        path = f"/v1/venues/{an_id('ven')}"

        assert host.get(f"{path}/occurrences", **asked).status_code == 404
        assert host.post(f"{path}/recurring-holds", asked | self.conditions()).status_code == 404
