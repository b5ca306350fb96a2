"""What a host is shown is as described, and noted; what others look at is not noted."""

from __future__ import annotations

import pytest

from chassis import mongo
from chassis.web import cursor_of, position_of
from services.matching.exposures.adapters import ExposuresLater
from services.matching.exposures.repositories import EXPOSURES, MongoExposureNotes
from services.matching.models.domain import BUILT_IN
from services.matching.offers.api import Showing
from services.matching.offers.schemas import ListedOfferSchema, OfferPage
from tests.integration.matching.ranking.test_offers_api import PLATFORM, Caller
from tests.integration.matching.ranking.told import lot_id
from tests.unit.matching.exposures.builders import an_exposure
from tests.unit.matching.offers.builders import HOST, NOW, OTHER_HOST


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


class TestACursor:
    """What a host could write herself is no evidence of what she was shown."""

    @pytest.fixture
    def host(self, app, keys, told) -> Caller:
        told.take(told.opened(), *(told.published(number) for number in range(1, 16)))
        host = Caller(app, keys)
        host.found()
        return host

    @pytest.fixture
    def given(self, host) -> str:
        return position_of(host.offers(limit=2).json["next_cursor"])

    def test_that_was_made_up_shows_a_page_that_is_not_noted(self, host, given, noted):
        score, lot, _, seed, explored, seal = given.split(":")
        changed = [
            f"{score}:{lot}:0:{seed}:{explored}:{seal}",
            f"{score}:{lot}:2:{seed}:{explored}:",
            f"{score}:{lot_id(9)}:2:{seed}:{explored}:{seal}",
        ]

        answers = [host.offers(cursor=cursor_of(each)) for each in changed]

        assert [answer.status_code for answer in answers] == [200] * 3
        assert len(noted()) == 1

    def test_after_one_that_was_made_up_is_not_noted(self, host, given, noted):
        score, lot, _, seed, explored, _ = given.split(":")
        made_up = cursor_of(f"{score}:{lot}:0:{seed}:{explored}:")

        following = host.offers(cursor=made_up, limit=1).json["next_cursor"]

        assert host.offers(cursor=following).json["items"]
        assert len(noted()) == 1

    def test_of_another_host_is_not_noted(self, app, keys, given, noted):
        other = Caller(app, keys, OTHER_HOST)
        other.found()

        answer = other.offers(OTHER_HOST, cursor=cursor_of(given))

        assert answer.json["items"]
        assert len(noted()) == 1

    def test_beyond_what_can_be_listed_is_refused(self, host, given):
        score, lot, _, *rest = given.split(":")
        far = cursor_of(":".join([score, lot, "1000000", *rest]))

        assert host.offers(cursor=far).json["code"] == "cursor-malformed"

    def test_is_not_sealed_without_a_key_and_then_known_to_nobody(self):
        keyless = Showing(lambda *_: 7, None, None)

        assert keyless.seal("1:lot_1:10:7:", HOST) == ""
        assert not keyless.knows(cursor_of("1:lot_1:10:7::"), HOST)


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
