"""The history of what catalog keeps, for its owner and the platform."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chassis.mongo import atomically, collection
from services.catalog.hosts.repositories import MongoHosts
from services.catalog.stock.use_cases import reserve_packs
from tests.integration.catalog.bodies import a_lot_body, a_venue_body, an_offer_body
from tests.integration.catalog.conftest import PLATFORM
from tests.unit.catalog.fakes import (
    AUTHOR,
    NOW,
    OTHER_BRAND,
    VENUE_OWNER,
    a_manifest,
    a_reserve,
    an_id,
    an_offer,
)


@pytest.fixture
def lot(brand):
    return brand.post("/v1/lots", a_lot_body()).json


def versions(caller, subject, **query):
    answer = caller.get("/v1/history", subject=subject, **query)
    assert answer.status_code == 200, answer.json
    return answer.json["items"]


class TestHistory:
    def test_tells_what_changed_who_did_it_and_why(self, brand, lot):
        brand.post(f"/v1/lots/{lot['id']}/closures")

        closed, published = versions(brand, lot["id"])

        assert (published["version"], published["before"], published["after"]) == (1, None, None)
        assert published["reason"] == "publish_lot_view"
        assert published["facts"] == ["catalog.lot.published.v1"]
        assert closed["before"] == {"closed": None, "is_open": True}
        assert closed["after"] == {"closed": "withdrawn", "is_open": False}
        assert closed["actor"].startswith("usr_")
        assert closed["organization"] == lot["brand_id"]
        assert closed["reason"] == "close_lot_view"
        assert closed["facts"] == ["catalog.lot.closed.v1"]
        assert len(closed["trace_id"]) == 32

    def test_leaves_moving_packs_to_the_journal(self, brand, lot, stock, offers):
        now = datetime.now(UTC)
        offer = offers.save(an_offer(closes_at=now + timedelta(days=9)).open(at=NOW))
        wish = a_reserve(lot["id"], offer.id, expires_at=now + timedelta(minutes=5))
        atomically(
            lambda: reserve_packs([wish], stock=stock, offers=offers, hosts=MongoHosts(), now=now)
        )
        brand.post(f"/v1/lots/{lot['id']}/adjustments", {"packs": 1, "why": "found one"})

        assert brand.get(f"/v1/lots/{lot['id']}").json["packs_reserved"] == 1
        assert [row["version"] for row in versions(brand, lot["id"])] == [1]
        assert len(brand.get(f"/v1/lots/{lot['id']}/stock-entries").json["items"]) == 3

    def test_comes_in_pages_newest_first(self, brand, lot):
        brand.post(f"/v1/lots/{lot['id']}/closures")

        first = brand.get("/v1/history", subject=lot["id"], limit=1).json
        second = brand.get(
            "/v1/history", subject=lot["id"], limit=1, cursor=first["next_cursor"]
        ).json

        assert [row["version"] for row in first["items"] + second["items"]] == [2, 1]
        assert second["next_cursor"] is None

    def test_writes_times_as_answers_do(self, calling):
        author = calling(AUTHOR)
        first = author.post("/v1/cartridges", {"manifest": a_manifest()}).json
        author.post("/v1/cartridges", {"manifest": a_manifest(version="1.1.0")})

        changed, _ = versions(author, first["cartridge_id"])

        assert changed["before"]["latest"] == "1.0.0"
        assert changed["at"].endswith("Z")


class TestKept:
    def test_of_offers_venues_and_batches_too(self, brand, calling, lot):
        offer = brand.post("/v1/offers", an_offer_body()).json
        venue_owner = calling(VENUE_OWNER)
        venue = venue_owner.post("/v1/venues", a_venue_body()).json
        batch = brand.post("/v1/codes", {"kind": "pack", "count": 1, "lot_id": lot["id"]}).json
        brand.post(f"/v1/offers/{offer['id']}/closures")
        brand.post(f"/v1/codes/{batch['id']}/withdrawals")

        assert [row["version"] for row in versions(brand, offer["id"])] == [2, 1]
        assert [row["version"] for row in versions(brand, batch["id"])] == [2, 1]
        assert [row["version"] for row in versions(venue_owner, venue["id"])] == [1]
        assert list(versions(brand, batch["id"])[0]["after"]) == ["withdrawn_at"]

    def test_no_row_of_a_refused_change(self, brand, lot):
        brand.post(f"/v1/lots/{lot['id']}/closures")
        before = list(collection("history").find())

        assert brand.post(f"/v1/lots/{lot['id']}/closures").status_code == 422

        assert list(collection("history").find()) == before


class TestReader:
    def test_is_the_owner_or_the_platform(self, brand, calling, lot):
        theirs = versions(brand, lot["id"])

        assert versions(calling(PLATFORM, "operator"), lot["id"]) == theirs
        for query in ({}, {"cursor": "MTA"}):
            answer = calling(OTHER_BRAND).get("/v1/history", subject=lot["id"], **query)
            assert (answer.status_code, answer.json["code"]) == (404, "history-not-found")

    def test_is_told_when_there_is_no_such_document(self, brand):
        answer = brand.get("/v1/history", subject=an_id("lot"))

        assert (answer.status_code, answer.json["code"]) == (404, "history-not-found")

    @pytest.mark.parametrize("subject", ["", "lot", "lot_1", "lot_{}", "$gt", "lot_" + "0" * 27])
    def test_must_name_a_document(self, brand, subject):
        assert brand.get("/v1/history", subject=subject).status_code == 400

    def test_must_follow_the_cursor(self, brand, lot):
        answer = brand.get("/v1/history", subject=lot["id"], cursor="tea")

        assert (answer.status_code, answer.json["code"]) == (422, "cursor-malformed")
