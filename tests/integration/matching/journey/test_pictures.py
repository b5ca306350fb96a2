"""A host's picture: drawn from where the facts lie, kept for ranking, shown to her alone."""

from __future__ import annotations

import itertools

import pytest

from chassis.envelope import parse
from chassis.kernel.decisions import Decision
from chassis.mongo import atomically, collection
from services.matching.claims.queries import MongoTaken
from services.matching.communities.repositories import MongoCommunities
from services.matching.offers.adapters import RecentHosts
from services.matching.offers.engine.points import DEFAULT
from services.matching.offers.repositories import MongoOfferBook
from services.matching.offers.schemas import written_offer
from services.matching.offers.use_cases import HostBook, OffersTold, RankingModel, explain_offer
from services.matching.pictures.domain import NOTHING_CLAIMED, Claimed, Signs
from services.matching.pictures.repositories import MongoPictures
from services.matching.prepare import prepare
from services.matching.supply.repositories import MongoCartridges
from tests.builders.matching import (
    BRAND,
    CO_HOST,
    HOST,
    PLATFORM_ORG,
    STARTS_AT,
    STRANGER,
    a_community,
    a_version,
    an_id,
)


@pytest.fixture
def held(world, clock) -> str:
    """A gathering of the host's with three guests and two sales, one of them refunded; held."""
    path = world.gathering()
    MongoCartridges().note([a_version(manifest={"tags": ["Lanterns"]})])
    clock.set(STARTS_AT)
    for code in world.invite(path, count=3):
        assert world.check_in(path, code).status_code == 200
    sales = [world.sell(path, minor=10_000, units=4).json["id"] for _ in range(2)]
    refund = {"amount": {"minor": 5_000, "currency": "CNY"}, "packs_returned": 0}
    assert world.post(HOST, f"{path}/sales/{sales[0]}/refunds", refund).status_code == 201
    world.show(path)
    assert world.post(HOST, f"{path}/holdings").status_code == 200
    world.answer_all()
    return path


def hear_own_facts(world, about="matching.g") -> None:
    """Hand matching's own facts to its projection, as the broker would."""
    handlers = world.worker.subscriptions[1].handlers
    rows = list(collection("outbox").find({"sequence": {"$gt": 0}}).sort("place", 1))
    for row in rows:
        event = parse(row["event"])
        if event.type in handlers and event.type.startswith(about):
            atomically(lambda event=event: handlers[event.type]([event]))


def draw(world) -> None:
    (task,) = [task for task in world.worker.tasks if task.name == "pictures"]
    while task.function():
        pass


def explained():
    """The lot for the host, as her list of offers counts it."""
    return explain_offer(
        HOST,
        an_id("lot"),
        model=RankingModel("built-in", DEFAULT),
        hosts=HostBook(
            RecentHosts(MongoCommunities(), MongoPictures()),
            MongoTaken(),
            OffersTold(written_offer),
        ),
        book=MongoOfferBook(),
        now=STARTS_AT,
    ).explanation


def numbers(answer) -> dict[str, int]:
    return {line["name"]: line["number"] for line in answer.json["record"]}


class TestHerPicture:
    def test_has_every_figure_with_where_it_comes_from(self, world, held):
        answer = world.get(HOST, f"/v1/hosts/{HOST}/picture")

        assert answer.status_code == 200
        tea, *unsaid = answer.json["interests"]
        assert (tea["tag"], tea["stated"], tea["gatherings"]) == ("tea", 2_000, 1)
        # three came of twelve, eight bought of which two went back
        assert (tea["came"], tea["missed"], tea["kept"], tea["returned"]) == (3, 9, 6, 2)
        assert (tea["factor"], tea["weight"]) == (983, 1_966)
        assert unsaid == []
        assert answer.json["trade"] | {"why_en": "", "why_zh": ""} == {
            "gatherings": 1,
            "guests": 3,
            "units_sold": 8,
            "sold": {"minor": 20_000, "currency": "CNY"},
            "units_returned": 2,
            "refunded": {"minor": 5_000, "currency": "CNY"},
            "why_en": "",
            "why_zh": "",
        }
        assert numbers(answer) == {
            "held": 1,
            "approved": 0,
            "settled": 0,
            "disputed": 0,
            "called-off": 0,
            "fair-returns": 1,
            "ratings": 0,
            "stars": 0,
            "reliability": 800,
        }
        assert answer.json["claimed"]["brands"] == [BRAND]
        assert answer.json["claimed"]["categories"] == ["porcelain"]
        assert answer.json["people"]["cities"] == [{"city": "beijing", "largest": 40}]
        told = [*answer.json["interests"], *answer.json["record"]]
        told += [answer.json[part] for part in ("people", "rhythm", "trade", "claimed")]
        assert all(each["why_en"] and each["why_zh"] for each in told)

    def test_follows_what_becomes_of_the_gathering(self, world, held):
        assert world.post(BRAND, f"{held}/approvals").status_code == 200
        world.answer_all()

        found = numbers(world.get(HOST, f"/v1/hosts/{HOST}/picture"))

        assert (found["approved"], found["settled"], found["reliability"]) == (1, 1, 818)

    def test_counts_what_she_called_off_and_what_a_brand_disputed(self, world, held):
        assert world.post(BRAND, f"{held}/disputes", {"why": "Nobody came."}).status_code == 200

        answer = world.get(HOST, f"/v1/hosts/{HOST}/picture")

        assert (numbers(answer)["disputed"], numbers(answer)["reliability"]) == (1, 727)
        repairs = {line["name"]: line["repair_en"] for line in answer.json["record"]}
        assert repairs["disputed"].startswith("It stays, and weighs less")
        assert repairs["held"] is None

    def test_is_hers_and_the_platforms_alone(self, world):
        path = f"/v1/hosts/{HOST}/picture"

        refused = world.get(STRANGER, path)

        assert (refused.status_code, refused.json["code"]) == (403, "picture-of-another")
        assert world.get(BRAND, path).json["code"] == "permission-missing"
        assert world.get(PLATFORM_ORG, path).status_code == 200


class TestTheKeptPicture:
    def test_is_drawn_of_both_hosts_after_a_fact_however_often_it_is_heard(self, world, held):
        for _ in range(2):
            hear_own_facts(world)
        assert sorted(MongoPictures().due(limit=9)) == sorted([HOST, CO_HOST])

        draw(world)

        assert MongoPictures().due(limit=9) == []
        conduct = MongoPictures().conduct_of(HOST)
        shown = Signs(1, came=3, missed=9, kept=6, returned=2)
        assert conduct.shown == {"lanterns": shown, "porcelain": shown, "tea": shown}
        assert not conduct.has_record
        assert MongoPictures().conduct_of(CO_HOST).shown == {}

    def test_tells_the_ranking_what_she_claimed_until_she_gives_it_back(self, world):
        claim_id = world.claim()
        world.answer_all()
        hear_own_facts(world, "matching.claim.confirmed")
        assert MongoPictures().due(limit=9) == [HOST]
        draw(world)
        claimed = Claimed(frozenset({BRAND}), frozenset({"porcelain"}))
        assert MongoPictures().conduct_of(HOST).claimed == claimed

        assert world.post(HOST, f"/v1/claims/{claim_id}/cancellations").status_code == 200
        world.answer_all()
        hear_own_facts(world, "matching.claim.cancelled")
        draw(world)

        assert MongoPictures().conduct_of(HOST).claimed == NOTHING_CLAIMED

    def test_gives_the_ranking_a_record_once_a_gathering_was_settled(self, world, held):
        world.post(BRAND, f"{held}/approvals")
        world.answer_all()
        hear_own_facts(world)
        assert not MongoPictures().conduct_of(HOST).has_record

        draw(world)

        assert MongoPictures().conduct_of(HOST).has_record

    def test_changes_what_the_list_of_offers_counts(self, world, held):
        before = explained()
        MongoCommunities().save(Decision(a_community(id=an_id("com", 7), size=20)))
        hear_own_facts(world)
        draw(world)
        collection("pictures").update_one(
            {"_id": HOST}, {"$push": {"shown": {"tag": "toys", **Signs(1, 90)._asdict()}}}
        )

        after = explained()

        tea, toys = 3_000 * 983 // 1_000, 90 * 100 * 692 // 1_000
        assert [each.terms[0].points for each in (before, after)] == [
            500_000,
            500_000 * tea // (tea + toys),
        ]
        assert sum(term.points for term in after.terms) == after.score

    def test_is_drawn_of_hosts_of_before_there_were_pictures(self, world):
        prepare()
        draw(world)
        collection("pictures").update_one({"_id": HOST}, {"$unset": {"claimed": ""}})
        prepare()
        assert MongoPictures().due(limit=9) == [HOST]
        draw(world)
        prepare()

        assert MongoPictures().due(limit=9) == []
        kept = {row["_id"]: row["tags"] for row in collection("pictures").find()}
        assert kept == {HOST: ["tea"], CO_HOST: ["tea"]}

    def test_is_drawn_some_at_a_time(self, world):
        hosts = [an_id("org", number) for number in range(100, 125)]
        for number, host in enumerate(hosts):
            MongoCommunities().save(
                Decision(a_community(id=an_id("com", 100 + number), host_id=host))
            )
        MongoPictures().mark(itertools.chain(hosts, hosts))
        (task,) = [task for task in world.worker.tasks if task.name == "pictures"]

        assert [task.function(), len(MongoPictures().due(limit=99))] == [True, 5]
        assert [task.function(), len(MongoPictures().due(limit=99))] == [False, 0]
