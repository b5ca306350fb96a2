"""Every list finds its index: nothing that grows is read from end to end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from chassis import mongo
from chassis.web import Place
from services.matching.attendance.queries import MongoTurnouts
from services.matching.audits.queries import MongoAuditLists
from services.matching.behaviour.queries import BehaviourQueries
from services.matching.claims.queries import MongoAsked, MongoClaimLists, MongoTaken
from services.matching.clearings.queries import MongoClearingLists
from services.matching.clearings.repositories import MongoAssignments, MongoClearings
from services.matching.communities.repositories import MongoCommunities
from services.matching.fits.queries import MongoGallery, MongoSupply
from services.matching.gatherings.queries import MongoGatheringLists
from services.matching.holds.queries import MongoHoldLists
from services.matching.holds.repositories import MongoHolds
from services.matching.models.queries import MongoExposureLog
from services.matching.offers.adapters import RecentHosts
from services.matching.offers.engine.kinships import NO_KINSHIPS
from services.matching.offers.engine.points import DEFAULT
from services.matching.offers.repositories import MongoOfferBook
from services.matching.offers.schemas import written_offer
from services.matching.offers.use_cases import (
    HostBook,
    Listing,
    OffersTold,
    RankingModel,
    rank_offers,
)
from services.matching.pictures.domain import HostRecord, Picture, Signs
from services.matching.pictures.queries import MongoPast
from services.matching.pictures.repositories import MongoPictures
from services.matching.planner.queries import MongoParts
from services.matching.sales.queries import MongoSaleLists
from services.matching.supply.domain import Venue
from services.matching.supply.repositories import MongoSlots
from tests.builders.exposures import an_exposure
from tests.builders.matching import BRAND, HOST, NOW, OTHER_BRAND, VENUE_OWNER, a_lot, an_id
from tests.unit.matching.clearings.builders import a_clearing, a_result


def two_venues() -> None:
    """Slots are looked up by the venues of a city, so there must be some."""
    told = {"venue_org_id": VENUE_OWNER, "capacity": 30, "equipment": ()}
    MongoSlots().note_venues(
        [
            Venue(id=an_id("ven", number), city=city, **told)
            for number, city in enumerate(("Beijing", "suzhou"))
        ]
    )


def rooms_for_plans() -> None:
    two_venues()
    MongoParts().rooms("beijing", NOW.date(), NOW.date(), NOW)


def rooms_of_two_venues():
    two_venues()
    return MongoSupply().rooms_in({"beijing", "suzhou"}, NOW)


BY_THE_BUILT_IN = {"weights": {"built-in": DEFAULT}, "kinships": lambda _: NO_KINSHIPS}
QUERIES = {
    "audits": lambda: MongoAuditLists().latest(before=Place(NOW, an_id("aud")), limit=10),
    "claims": lambda: MongoClaimLists().of_party(
        HOST, status="confirmed", before=an_id("clm"), limit=10
    ),
    "subsidies taken": lambda: MongoTaken().of_offer(an_id("off"), since=NOW),
    "subsidies taken by a host": lambda: MongoTaken().of_offer(an_id("off"), host_id=HOST),
    "claims a lot does not know of": lambda: MongoAsked().packs([a_lot()]),
    "holds": lambda: MongoHoldLists().of_host(
        HOST, standing_at=NOW, before=an_id("shd"), limit=10
    ),
    "holds on lots": lambda: MongoHolds().on_lots(HOST, [an_id("lot")], NOW),
    "holds that claims took": lambda: MongoHolds().taken_by([an_id("clm")]),
    "open claims of a host": lambda: MongoClaimLists().count_open(HOST),
    "clearings": lambda: MongoClearingLists().latest(before=an_id("clr"), limit=10),
    "a clearing that waits": lambda: MongoClearings().waiting(),
    "a period's clearing": lambda: MongoClearings().of_period("2026-w09"),
    "assignments": lambda: MongoClearingLists().assignments(
        a_clearing(result=a_result()), HOST, after=an_id("asg"), limit=10
    ),
    "assignments to hold": lambda: MongoAssignments().proposed(an_id("clr"), 1, limit=10),
    "lots assigned": lambda: MongoAssignments().lots(an_id("clr"), 1),
    "gatherings": lambda: MongoGatheringLists().of_party(
        HOST, status="held", before=an_id("gth"), limit=10
    ),
    "approvals due": lambda: MongoGatheringLists().consented(NOW, limit=10),
    "reviews due": lambda: MongoGatheringLists().unheld(NOW, limit=10),
    "goods for plans": lambda: MongoParts().goods(NOW),
    "rooms for plans": rooms_for_plans,
    "themes for plans": lambda: MongoParts().themes(16),
    "sales": lambda: MongoSaleLists().of_gathering(an_id("gth"), after=None, limit=10),
    "turnout": lambda: MongoTurnouts().of_gathering(an_id("gth")),
    "evenings": lambda: MongoPast().evenings_of(HOST, limit=10),
    "record": lambda: MongoPast().record_of(HOST),
    "pictures due": lambda: MongoPictures().due(limit=10),
    "hosts who share a tag": lambda: MongoGallery().sharing({"tea", "cups"}, limit=10),
    "hosts by id": lambda: MongoGallery().these(["org_1", "org_2"]),
    "every host": lambda: list(MongoGallery().all(limit=10)),
    "assortments": lambda: MongoSupply().assortments([BRAND, OTHER_BRAND]),
    "kits of brands": lambda: MongoSupply().kits_of([BRAND, OTHER_BRAND]),
    "rooms": rooms_of_two_venues,
    "themes": lambda: MongoSupply().themes_about(["tea", "cups"]),
    "pages of a model": lambda: MongoExposureLog().read(
        NOW, NOW, **BY_THE_BUILT_IN, held_out=True, most=10
    ),
    "what all hosts claimed": lambda: MongoExposureLog().claimed(most=10),
    "what a host claimed": lambda: MongoPast().claimed_by(HOST, limit=10),
    "pages of lost models": lambda: MongoExposureLog().unread(NOW, NOW, versions={"built-in"}),
    "behaviour": lambda: BehaviourQueries().of_organization(
        HOST, before=Place(NOW, an_id("bhv")), limit=10
    ),
}


@pytest.fixture
def profile(database) -> Iterator:
    """What MongoDB did for the queries of a test."""
    name = "system.profile"
    mongo.database().command("profile", 2)
    yield lambda: list(mongo.collection(name).find({"op": {"$in": ["query", "command"]}}))
    mongo.database().command("profile", 0)
    mongo.database().drop_collection(name)


class TestLists:
    @pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES.keys())
    def test_read_by_index_and_in_order(self, profile, query):
        query()

        read = [line for line in profile() if line.get("planSummary")]
        assert read
        for line in read:
            assert "COLLSCAN" not in line["planSummary"], line["command"]
            if "sort" in line["command"]:
                assert not line.get("hasSortStage"), line["command"]


class TestTrials:
    def test_read_no_page_that_another_model_ranked(self, profile):
        pages = [an_exposure(n, HOST, NOW, model="retired") for n in range(20)]
        mongo.collection("exposures").insert_many(pages)

        MongoExposureLog().read(
            NOW, NOW + timedelta(days=1), **BY_THE_BUILT_IN, held_out=False, most=10
        )

        (read,) = (line for line in profile() if line["ns"].endswith(".exposures"))
        assert read["docsExamined"] == 0


class Nothing:
    """A ranking that finds nothing."""

    def model(self):
        return RankingModel("built-in", DEFAULT)

    def page(self, host, **_):
        self.host = host
        return Listing(1, [], None, NOW, NOW)


class TestTheRanking:
    @pytest.mark.parametrize("settled", [0, 1])
    def test_reads_her_communities_and_her_picture_once_each(self, profile, settled):
        ranking, pictures = Nothing(), MongoPictures()
        pictures.mark([HOST])
        record = HostRecord(held=1, settled=settled)
        pictures.put([Picture(host_id=HOST, shown={"tea": Signs(1, 20)}, record=record)])

        rank_offers(
            HOST,
            limit=1,
            seed=1,
            after=None,
            hosts=HostBook(
                RecentHosts(MongoCommunities(), pictures), MongoTaken(), OffersTold(written_offer)
            ),
            ranking=ranking,
            book=MongoOfferBook(),
            now=NOW,
        )

        read = [line["ns"].split(".")[1] for line in profile() if "find" in line["command"]]
        assert sorted(read) == ["communities", "offers", "pictures"]
        assert ranking.host.has_record is (settled > 0)
        (picture,) = [line for line in profile() if line["ns"].endswith(".pictures")]
        assert picture["planSummary"] in {"IDHACK", "EXPRESS_IXSCAN { _id: 1 }"}
