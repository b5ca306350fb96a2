"""Venues and slots over HTTP."""

from __future__ import annotations

import pytest

from tests.integration.catalog.bodies import a_venue_body, soon
from tests.integration.catalog.conftest import everything, in_parallel, outbox_types
from tests.unit.catalog.fakes import (
    BRAND,
    HOST,
    OTHER_VENUE_OWNER,
    VENUE_OWNER,
    an_id,
)


@pytest.fixture
def owner(calling):
    return calling(VENUE_OWNER)


@pytest.fixture
def venue(owner) -> dict:
    answer = owner.post("/v1/venues", a_venue_body())
    assert answer.status_code == 201, answer.json
    return answer.json


def hours(start: float, length: float = 3) -> dict:
    return {"starts_at": soon(hours=start), "ends_at": soon(hours=start + length)}


class TestVenues:
    def test_are_read_by_everybody_and_listed_by_city(self, owner, venue, calling):
        elsewhere = owner.post("/v1/venues", a_venue_body(city="北京")).json
        host = calling(HOST)

        read = host.get(f"/v1/venues/{venue['id']}")
        here = host.get("/v1/venues", city="上海").json["items"]
        mine = owner.get("/v1/venues", mine="true").json["items"]
        none_mine = host.get("/v1/venues", mine="true").json["items"]

        assert read.json == venue
        assert read.headers["ETag"] == '"1"'
        assert [one["id"] for one in here] == [venue["id"]]
        assert {one["id"] for one in mine} == {venue["id"], elsewhere["id"]}
        assert none_mine == []
        assert outbox_types(venue["id"]) == ["catalog.venue.opened.v1"]

    @pytest.mark.parametrize(
        "changes", [{"capacity": 0}, {"capacity": 1.5}, {"name": " "}, {"city": ""}, {"x": 1}]
    )
    def test_refuse_what_is_no_venue(self, owner, changes):
        before = everything()

        assert owner.post("/v1/venues", a_venue_body(**changes)).status_code == 400
        assert everything() == before

    def test_are_opened_by_venue_owners_only(self, calling):
        assert calling(BRAND).post("/v1/venues", a_venue_body()).status_code == 403

    def test_that_never_were_are_unknown(self, owner):
        for path in ("", "/slots"):
            answer = owner.get(f"/v1/venues/{an_id('ven')}{path}")
            assert (answer.status_code, answer.json["code"]) == (404, "venue-not-found")


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
