"""Slots, holds and calendars over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime

import icalendar
import pytest

from chassis.mongo import collection
from tests.integration.catalog.bodies import a_venue_body, soon, yuan
from tests.integration.catalog.conftest import everything, in_parallel, outbox_types
from tests.unit.catalog.fakes import (
    BRAND,
    HOST,
    OTHER_HOST,
    OTHER_VENUE_OWNER,
    VENUE_OWNER,
    an_id,
)


@pytest.fixture
def venue(owner) -> dict:
    answer = owner.post("/v1/venues", a_venue_body())
    assert answer.status_code == 201, answer.json
    return answer.json


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
        assert (quoted.json["refund_basis_points"], quoted.json["refund"]) == (
            5_000,
            yuan(10_000),
        )
        assert quoted.json["agreement"]["policy"] == {
            "name": "flexible",
            "steps": [
                {"hours": 24, "refund_basis_points": 10_000},
                {"hours": 2, "refund_basis_points": 5_000},
            ],
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
