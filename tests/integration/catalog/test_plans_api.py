"""Weekly plans and recurring wishes over HTTP."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.integration.catalog.bodies import soon, tuesdays
from tests.integration.catalog.conftest import everything, in_parallel
from tests.unit.catalog.fakes import OTHER_VENUE_OWNER, an_id


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
