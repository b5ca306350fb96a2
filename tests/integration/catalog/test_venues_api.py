"""Venues over HTTP."""

from __future__ import annotations

import pytest

from tests.integration.catalog.bodies import a_venue_body
from tests.integration.catalog.conftest import everything, outbox_types
from tests.unit.catalog.fakes import (
    AUTHOR,
    BRAND,
    HOST,
    OTHER_VENUE_OWNER,
    a_manifest,
    an_id,
)


@pytest.fixture
def venue(owner) -> dict:
    answer = owner.post("/v1/venues", a_venue_body())
    assert answer.status_code == 201, answer.json
    return answer.json


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
        "changes",
        [
            {"capacity": 0},
            {"capacity": 1.5},
            {"name": " "},
            {"city": ""},
            {"x": 1},
            {"equipment": ["Tea Table"]},
            {"equipment": ["tea--table"]},
            {"time_zone": "Mars/Olympus"},
            {"time_zone": "../etc/passwd"},
            {"time_zone": "localtime"},
            {"rules": [{}]},
            {"rules": [{"fr": "Non"}]},
            {"policy": "whatever"},
            {"indoor": "yes"},
            {"accepts_at_once": "no"},
        ],
    )
    def test_refuse_what_is_no_venue(self, owner, changes):
        before = everything()

        assert owner.post("/v1/venues", a_venue_body(**changes)).status_code == 400
        assert everything() == before

    def test_say_what_they_are_and_where(self, owner, calling):
        body = a_venue_body(
            time_zone="Europe/Paris",
            indoor=False,
            rules=[{"zh": "请脱鞋", "en": "Shoes off"}, {"en": "No smoke"}],
            policy="strict",
            accepts_at_once=False,
            equipment=["tables", "tables", "kettle"],
        )

        opened = owner.post("/v1/venues", body).json

        assert {name: opened[name] for name in body} == body | {"equipment": ["tables", "kettle"]}
        assert calling(HOST).get(f"/v1/venues/{opened['id']}").json == opened

    def test_are_found_by_what_a_gathering_needs(self, owner, calling):
        small = owner.post("/v1/venues", a_venue_body(capacity=10, equipment=["kettle"])).json
        large = owner.post(
            "/v1/venues", a_venue_body(capacity=80, equipment=["kettle", "tables"], indoor=False)
        ).json
        host = calling(HOST)

        def found(**needs):
            return {one["id"] for one in host.get("/v1/venues", **needs).json["items"]}

        assert found() == {small["id"], large["id"]}
        assert found(capacity=11) == {large["id"]}
        assert found(equipment="tables,kettle") == {large["id"]}
        assert found(equipment="kettle", indoor="true") == {small["id"]}
        assert found(equipment="projector") == set()

    def test_tell_why_they_do_not_fit(self, venue, calling):
        host = calling(HOST)
        path = f"/v1/venues/{venue['id']}/fit"

        fits = host.get(path, capacity=40, equipment="projector").json
        not_at_all = host.get(path, capacity=41, equipment="kettle").json

        assert fits == {"fits": True, "reasons": []}
        assert not_at_all == {
            "fits": False,
            "reasons": [
                {"code": "too-small", "wanted": 41, "found": 40},
                {"code": "equipment-missing", "wanted": "kettle", "found": ["projector"]},
            ],
        }

    def test_tell_whether_a_cartridge_can_be_run_in_them(self, owner, venue, calling):
        theme = calling(AUTHOR).post("/v1/cartridges", {"manifest": a_manifest()}).json
        pinned = {"cartridge_id": theme["cartridge_id"], "version": theme["version"]}
        other = owner.post("/v1/venues", a_venue_body(equipment=["tables"], capacity=8)).json
        host = calling(HOST)

        unfit = host.get(f"/v1/venues/{venue['id']}/fit", **pinned).json
        fits = host.get(f"/v1/venues/{other['id']}/fit", **pinned).json
        half = host.get(f"/v1/venues/{venue['id']}/fit", version="1.0.0")
        unknown = host.get(f"/v1/venues/{venue['id']}/fit", **pinned | {"version": "9.9.9"})

        assert unfit["reasons"] == [
            {"code": "equipment-missing", "wanted": "tables", "found": ["projector"]}
        ]
        assert fits == {"fits": True, "reasons": []}
        assert half.status_code == 400
        assert (unknown.status_code, unknown.json["code"]) == (404, "cartridge-not-found")

    def test_are_changed_by_their_owner_on_what_was_read(self, owner, venue, calling):
        path = f"/v1/venues/{venue['id']}"
        body = {"name": "The front room", "capacity": 12}

        blind = owner.put(path, body)
        changed = owner.put(path, body, If_Match='"1"')
        stale = owner.put(path, body, If_Match='"1"')
        others = calling(OTHER_VENUE_OWNER).put(path, body, If_Match='"2"')

        assert (blind.status_code, blind.json["code"]) == (422, "if-match-missing")
        assert changed.status_code == 200
        assert (changed.json["name"], changed.json["capacity"]) == ("The front room", 12)
        assert changed.json["time_zone"] == venue["time_zone"]
        assert (stale.status_code, stale.json["code"]) == (409, "version-changed")
        assert (others.status_code, others.json["code"]) == (404, "venue-not-found")
        assert outbox_types(venue["id"])[1:] == ["catalog.venue.changed.v1"]

    def test_never_move(self, owner, venue):
        before = everything()
        body = {"name": "Room", "capacity": 12, "city": "北京"}

        answer = owner.put(f"/v1/venues/{venue['id']}", body, If_Match="*")

        assert answer.status_code == 400
        assert everything() == before

    def test_are_opened_by_venue_owners_only(self, calling):
        assert calling(BRAND).post("/v1/venues", a_venue_body()).status_code == 403

    def test_that_never_were_are_unknown(self, owner):
        for path in ("", "/slots"):
            answer = owner.get(f"/v1/venues/{an_id('ven')}{path}")
            assert (answer.status_code, answer.json["code"]) == (404, "venue-not-found")
