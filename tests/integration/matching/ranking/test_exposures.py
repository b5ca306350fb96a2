"""What a host is shown is as described, and noted; what others look at is not noted."""

from __future__ import annotations

import pytest

from chassis import mongo
from services.matching.exposures.adapters import ExposuresLater
from services.matching.exposures.repositories import EXPOSURES, MongoExposureNotes
from services.matching.models.domain import BUILT_IN
from services.matching.offers.schemas import ListedOfferSchema, OfferPage
from tests.integration.matching.ranking.test_offers_api import PLATFORM, Caller
from tests.integration.matching.ranking.told import lot_id
from tests.unit.matching.exposures.builders import an_exposure
from tests.unit.matching.offers.builders import HOST, NOW


@pytest.fixture
def noted(exposures):
    """All that was noted, oldest first, once the writing in the background has ended."""

    def read():
        exposures.close()
        return list(mongo.collection(EXPOSURES).find().sort("_id"))

    return read


class TestAPage:
    def test_is_noted_as_it_was_shown(self, app, keys, told, noted):
        told.take(told.opened(), *(told.published(number) for number in range(1, 16)))
        host = Caller(app, keys)
        host.found()

        first = host.offers().json
        second = host.offers(cursor=first["next_cursor"]).json

        assert (first["model"], first["seed"]) == (BUILT_IN.version, 7)
        pages = noted()
        for answer, page in zip((first, second), pages, strict=True):
            assert page["_id"].startswith("exp_")
            assert (page["host_id"], page["at"]) == (HOST, NOW)
            assert (page["model"], page["seed"]) == (answer["model"], answer["seed"])
            assert page["shown"] == [
                {
                    "lot_id": item["lot_id"],
                    "brand_id": item["brand_id"],
                    "place": item["place"],
                    "score": item["score"],
                    "terms": {term["name"]: term["points"] for term in item["terms"]},
                    "propensity": row["propensity"],
                    "explored": item["explored"],
                }
                for item, row in zip(answer["items"], page["shown"], strict=True)
            ]
            for item in answer["items"]:
                assert sum(term["points"] for term in item["terms"]) == item["score"]
        assert [item["place"] for item in first["items"] + second["items"]] == [*range(1, 16)]
        (explored,) = [row for row in pages[0]["shown"] if row["explored"]]
        # One of the six that are not among the nine best anyway, at one of ten places.
        assert explored["propensity"] == pytest.approx(1 / 60, rel=0.05)

    def test_is_what_is_described_of_it(self, app, keys, told):
        told.take(
            told.opened(most_per_period={"minor": 180_000, "currency": "CNY"}, period_days=7),
            told.published(
                1,
                best_before="2026-03-20T00:00:00.000000Z",
                lowest_resale_price={"minor": 100, "currency": "CNY"},
                channels=["gathering"],
            ),
            told.published(2),
        )
        host = Caller(app, keys)
        host.found()

        answer = host.offers()

        assert answer.content_type == "application/json"
        assert set(answer.json) == set(OfferPage().fields)
        for item in answer.json["items"]:
            assert ListedOfferSchema().validate(item) == {}
            assert set(item) == set(ListedOfferSchema().fields)
        assert answer.json["items"][0]["restrictions"]["lowest_resale_price"]["minor"] == 100

    def test_of_nothing_is_not_noted(self, app, keys, noted):
        Caller(app, keys).offers()

        assert noted() == []

    def test_that_the_platform_looks_at_is_not_noted(self, app, keys, told, noted):
        told.take(told.opened(), told.published(1))
        Caller(app, keys).found()
        platform = Caller(app, keys, PLATFORM, "platform", "operator")

        assert [item["lot_id"] for item in platform.offers().json["items"]] == [lot_id(1)]
        assert noted() == []


class TestTheCollection:
    def test_forgets_after_half_a_year(self, database):
        (ttl,) = [
            index
            for index in mongo.collection(EXPOSURES).index_information().values()
            if "expireAfterSeconds" in index
        ]

        assert (ttl["key"], ttl["expireAfterSeconds"]) == ([("at", 1)], 180 * 86_400)

    def test_keeps_many_in_one_batch(self, database, noted):
        later = ExposuresLater(MongoExposureNotes())
        for number in range(300):
            later.note(an_exposure(number))

        later.close()

        assert [row["_id"] for row in noted()] == [an_exposure(n).id for n in range(300)]
