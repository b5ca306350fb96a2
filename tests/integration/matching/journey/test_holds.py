"""Packs that are held for a host, on a real database: seen, claimed, given back, run out."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import timedelta

from chassis.kernel.decisions import Decision
from chassis.mongo import atomically, collection
from services.matching.claims.queries import MongoAsked
from services.matching.claims.repositories import MongoClaims
from services.matching.claims.use_cases import Docket, SagaEnd, decide_claims
from services.matching.communities.repositories import MongoCommunities
from services.matching.holds.repositories import MongoHolds
from services.matching.holds.use_cases import HoldDesk, PlaceHold, place_holds
from services.matching.offers.repositories import MongoOfferBook, MongoOfferNotes, MongoShelf
from tests.builders.matching import (
    CO_HOST,
    HOST,
    NOW,
    PLATFORM_ORG,
    STRANGER,
    a_community,
    a_hold,
    a_lot,
    an_id,
)
from tests.integration.matching.journey.world import A_CLAIM
from tests.tokens import bearer

LOT = an_id("lot")
HOLDS = f"/v1/hosts/{HOST}/holds"
CROWD = 6


def hold(number=1, host_id=HOST, packs=1, *, now=NOW) -> str:
    """What became of a wish to hold packs of the lot: nothing against it, or why not."""
    made = a_hold()
    wish = PlaceHold(
        id=an_id("shd", number),
        host_id=host_id,
        has_record=False,
        lot_id=LOT,
        offer_id=made.offer_id,
        packs=packs,
        subsidy=made.subsidy,
        clearing_id=made.clearing_id,
        why=made.why,
    )
    desk, book = a_desk(), MongoOfferBook()
    MongoShelf().announce([LOT], now + timedelta(hours=49))
    (placed,) = atomically(lambda: place_holds([wish], desk=desk, book=book, now=now))
    return placed.refusal


def a_desk() -> HoldDesk:
    """The real one."""
    return HoldDesk(MongoHolds(), MongoShelf(), MongoAsked())


def at_once(*works: Callable[[], object]) -> None:
    """Run all of them in threads that begin together."""
    start = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        start.wait()
        work()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class TestAHost:
    def test_finds_what_is_held_for_her_with_its_reason_and_claims_it(self, world):
        hold(packs=2)

        (item,) = world.get(HOST, HOLDS).json["items"]

        assert (item["state"], item["lot_id"], item["packs"]) == ("standing", LOT, 2)
        assert item["title"] == a_lot().title
        collection("holds").update_one({"_id": item["id"]}, {"$unset": {"title": ""}})
        assert world.get(HOST, HOLDS).json["items"][0]["title"] == ""
        assert item["until"] == "2026-03-03T12:00:00.000000Z"
        assert item["subsidy"] == {"minor": 80_000, "currency": "CNY"}
        assert "3 other hosts wanted it too" in item["why"]["en"]
        assert item["why"]["zh"].endswith("。")
        claim_id = world.claim(packs=2)
        assert world.get(HOST, HOLDS).json["items"] == []
        (ended,) = world.get(HOST, HOLDS, all=True).json["items"]
        assert (ended["state"], ended["claim_id"]) == ("claimed", claim_id)
        assert collection("offers").find_one({"_id": LOT})["held"] == {}

    def test_gives_back_what_she_does_not_want(self, world):
        hold(packs=3)
        path = f"{HOLDS}/{an_id('shd')}/releases"

        assert world.post(CO_HOST, path).json["code"] == "hold-not-found"
        assert world.post(HOST, path).json["state"] == "released"

        assert world.post(HOST, path).json["code"] == "hold-ended"
        assert collection("offers").find_one({"_id": LOT})["held"] == {}
        mine = {"community_id": an_id("com", 2), "packs": 3}
        assert world.post(CO_HOST, "/v1/claims", A_CLAIM | mine).status_code == 201

    def test_reads_her_own_holds_only(self, world):
        hold()

        assert world.get(CO_HOST, HOLDS).json["code"] == "holds-of-another-host"
        assert world.get(STRANGER, f"/v1/hosts/{STRANGER}/holds").json["items"] == []
        assert len(world.get(PLATFORM_ORG, HOLDS).json["items"]) == 1


class TestARejectedClaim:
    REFUSAL = ("catalog.reply.packs-refused.v1", {"code": "lot-paused", "detail": "counted"})

    def refused(self, world) -> str:
        world.answers["catalog.command.reserve-packs.v1"] = self.REFUSAL
        claim_id = world.claim(packs=2)
        world.answer_all()
        return claim_id

    def test_gives_the_host_back_what_is_left_of_her_hold(self, world, clock):
        hold(packs=2)
        clock.advance(hours=5)

        claim_id = self.refused(world)

        assert world.get(HOST, f"/v1/claims/{claim_id}").json["status"] == "rejected"
        (item,) = world.get(HOST, HOLDS).json["items"]
        assert (item["state"], item["claim_id"]) == ("standing", None)
        assert item["until"] == "2026-03-03T12:00:00.000000Z"
        others = A_CLAIM | {"community_id": an_id("com", 2), "packs": 2}
        assert world.post(CO_HOST, "/v1/claims", others).json["code"] == "held-for-another"
        (newest, *_) = world.get(HOST, "/v1/history", subject=an_id("shd")).json["items"]
        assert newest["before"] == {"claim_id": claim_id}

    def test_leaves_the_hold_to_her_other_claim_until_that_is_rejected_too(self, world):
        hold()
        first, second = world.claim(packs=1), world.claim(packs=1)
        docket = Docket(MongoClaims(), a_desk(), MongoOfferBook())

        def reject(claim_id):
            end = SagaEnd(claim_id, code="not-enough-funds")
            atomically(lambda: decide_claims([end], docket=docket, now=NOW))
            return world.get(HOST, HOLDS, all=True).json["items"][0]

        assert reject(first)["claim_id"] == second
        assert reject(second)["state"] == "standing"

    def test_is_refused_at_once_above_what_one_host_may_have(self, world):
        hold()

        refused = world.post(HOST, "/v1/claims", A_CLAIM | {"packs": 4})

        assert (refused.status_code, refused.json["code"]) == (422, "host-cap-reached")
        assert refused.json["left"] == 3
        (item,) = world.get(HOST, HOLDS).json["items"]
        assert item["state"] == "standing"

    def test_gives_it_back_once_however_often_the_answer_comes(self, world):
        hold(packs=2)
        self.refused(world)
        (refused,) = [sent.correlation_id for sent in world.commands()]
        del world.answers["catalog.command.reserve-packs.v1"]
        later = world.claim(packs=2)

        answer, data = self.REFUSAL
        world.hear(answer, refused, **data)

        (ended,) = world.get(HOST, HOLDS, all=True).json["items"]
        assert (ended["state"], ended["claim_id"]) == ("claimed", later)

    def test_gives_nothing_back_once_the_hold_would_have_ended(self, world, clock):
        hold(packs=2)
        world.answers["catalog.command.reserve-packs.v1"] = self.REFUSAL
        world.claim(packs=2)
        clock.advance(hours=48)

        world.answer_all()

        assert world.get(HOST, HOLDS).json["items"] == []
        assert collection("offers").find_one({"_id": LOT})["held"] == {}


class TestWhatEndedLongAgo:
    def test_is_forgotten_400_days_after_its_end(self, world):
        found = collection("holds").index_information()

        assert found["until_1"]["expireAfterSeconds"] == 400 * 86_400


class TestOthers:
    def test_are_told_why_they_cannot_have_it_and_from_when_on(self, world, clock):
        hold(packs=2)
        wish = A_CLAIM | {"community_id": an_id("com", 2), "packs": 2}

        refused = world.post(CO_HOST, "/v1/claims", wish)

        assert refused.status_code == 409
        assert refused.json["code"] == "held-for-another"
        assert (refused.json["free"], refused.json["again_at"]) == (
            1,
            "2026-03-03T12:00:00.000000Z",
        )
        assert collection("claims").count_documents({}) == 0
        assert world.post(CO_HOST, "/v1/claims", wish | {"packs": 1}).status_code == 201
        assert world.post(CO_HOST, "/v1/claims", wish | {"packs": 1}).status_code == 409
        clock.advance(hours=48)
        assert world.post(CO_HOST, "/v1/claims", wish).status_code == 201


class TestAtOnce:
    def test_two_clearings_never_hold_the_same_pack(self, world):
        refusals = []

        at_once(
            *(
                lambda number=number: refusals.append(hold(number, an_id("org", 100 + number)))
                for number in range(1, CROWD + 1)
            )
        )

        assert sorted(refusals) == [""] * 3 + ["sold-out"] * (CROWD - 3)
        assert len(collection("offers").find_one({"_id": LOT})["held"]) == 3

    def test_claims_and_holds_together_never_take_more_than_is_free(self, world):
        MongoOfferNotes().publish_lots([a_lot(packs_free=CROWD, packs_total=CROWD)])
        hosts = [an_id("org", 100 + number) for number in range(2 * CROWD)]
        for number, host_id in enumerate(hosts):
            community = a_community(id=an_id("com", 100 + number), host_id=host_id)
            MongoCommunities().save(Decision(community))
        statuses, refusals = [], []

        def claim(number: int) -> None:
            token = world.keys.member(hosts[number], "host", "owner")
            answer = world.app.test_client().post(
                "/v1/claims",
                json=A_CLAIM | {"community_id": an_id("com", 100 + number), "packs": 1},
                headers=bearer(token, uuid.uuid4().hex),
            )
            statuses.append(answer.status_code)

        MongoShelf().announce([LOT], NOW + timedelta(hours=49))
        claims = [lambda number=number: claim(number) for number in range(CROWD)]
        holds = [
            lambda number=number: refusals.append(hold(number, hosts[number]))
            for number in range(CROWD, 2 * CROWD)
        ]
        at_once(*(work for pair in zip(claims, holds, strict=True) for work in pair))

        held = len(collection("offers").find_one({"_id": LOT})["held"])
        taken = collection("claims").count_documents({})
        assert set(statuses) <= {201, 409}
        assert (taken, held) == (statuses.count(201), refusals.count(""))
        assert taken + held == CROWD
