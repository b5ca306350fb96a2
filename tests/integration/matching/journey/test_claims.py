"""Claims over HTTP, decided by scripted peers."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from chassis.mongo import collection
from services.matching.offers.repositories import MongoOfferNotes
from sharing.eligibility import Clause
from tests.builders.matching import (
    BRAND,
    CO_HOST,
    HOST,
    PLATFORM_ORG,
    STRANGER,
    VENUE_OWNER,
    an_id,
    an_offer,
)
from tests.integration.matching.journey.world import A_CLAIM, A_PLAN
from tests.tokens import bearer

REQUESTED = "matching.claim.requested.v1"
PROBLEM = "application/problem+json"


class TestRequest:
    def test_is_confirmed_once_packs_and_subsidy_are_set_aside(self, world):
        answer = world.post(HOST, "/v1/claims", A_CLAIM)

        assert answer.status_code == 201
        claim = answer.json
        assert (claim["status"], claim["host_id"], claim["brand_id"]) == (
            "requested",
            HOST,
            BRAND,
        )
        assert claim["subsidy"] == {"minor": 80_000, "currency": "CNY"}
        assert world.answer_all() == [
            "catalog.command.reserve-packs.v1",
            "payments.command.place-hold.v1",
        ]
        after = world.get(HOST, f"/v1/claims/{claim['id']}").json
        assert (after["status"], after["reservation_id"]) == ("confirmed", an_id("rsv"))
        assert world.facts(claim["id"]) == [REQUESTED, "matching.claim.confirmed.v1"]

    def test_is_for_a_gathering_in_the_communitys_city_unless_it_says_more(self, world):
        usual = world.post(HOST, "/v1/claims", A_CLAIM).json
        shop = world.post(HOST, "/v1/claims", A_CLAIM | {"channel": "community-shop"}).json

        assert (usual["region"], usual["channel"]) == ("beijing", "gathering")
        assert (usual["base_subsidy"], usual["urgency_basis_points"]) == (usual["subsidy"], 0)
        assert shop["channel"] == "community-shop"
        listed = world.get(HOST, "/v1/claims").json["items"]
        assert [claim["channel"] for claim in listed] == ["community-shop", "gathering"]
        assert listed[1]["base_subsidy"] == usual["subsidy"]
        refused = world.post(HOST, "/v1/claims", A_CLAIM | {"channel": "market"})
        assert refused.status_code == 400

    def test_is_rejected_with_the_reason_when_packs_run_out(self, world):
        world.answers["catalog.command.reserve-packs.v1"] = (
            "catalog.reply.packs-refused.v1",
            {"code": "not-enough-packs", "detail": "2 asked, 1 free"},
        )
        claim_id = world.claim()

        world.answer_all()

        claim = world.get(HOST, f"/v1/claims/{claim_id}").json
        assert (claim["status"], claim["refusal_code"], claim["refusal_detail"]) == (
            "rejected",
            "not-enough-packs",
            "2 asked, 1 free",
        )

    def test_gives_packs_back_when_funds_run_out(self, world):
        world.answers["payments.command.place-hold.v1"] = (
            "payments.reply.hold-refused.v1",
            {"code": "not-enough-funds", "detail": ""},
        )
        claim_id = world.claim()

        assert world.answer_all()[-1] == "catalog.command.release-packs.v1"

        claim = world.get(HOST, f"/v1/claims/{claim_id}").json
        assert (claim["status"], claim["refusal_code"]) == ("rejected", "not-enough-funds")

    def test_is_given_up_by_the_sweeper_when_nobody_answers(self, world):
        claim_id = world.claim()
        for _ in range(4):
            collection("sagas").update_many({}, {"$set": {"deadline_at": datetime.now(UTC)}})
            world.run_tasks()

        heard = world.answer_all()

        assert "catalog.command.release-packs.v1" in heard
        claim = world.get(HOST, f"/v1/claims/{claim_id}").json
        assert (claim["status"], claim["refusal_code"]) == ("rejected", "timed-out")

    def test_is_stored_once_for_one_key(self, world):
        first = world.post(HOST, "/v1/claims", A_CLAIM, key="one")
        again = world.post(HOST, "/v1/claims", A_CLAIM, key="one")
        other = world.post(HOST, "/v1/claims", A_CLAIM | {"packs": 1}, key="one")

        assert again.json == first.json
        assert other.status_code == 422
        assert world.counts()["claims"] == 1


class TestRefusals:
    def test_subsidy_is_for_hosts_only(self, world):
        before = world.counts()

        for who in (BRAND, VENUE_OWNER, PLATFORM_ORG):
            answer = world.post(who, "/v1/claims", A_CLAIM)

            assert (answer.status_code, answer.content_type) == (403, PROBLEM)
            assert answer.json["code"] == "hosts-only"
            assert answer.json["hint"]
        assert world.counts() == before

    def test_an_invalid_body_names_its_field(self, world):
        before = world.counts()
        wrong = [
            ("discount", 5),
            ("packs", "2"),
            ("packs", 0),
            ("packs", -1),
            ("packs", 1.5),
            ("packs", True),
            ("packs", 2**63),
            ("packs", None),
            ("lot_id", "lot_1"),
            ("lot_id", an_id("off")),
            ("community_id", 5),
        ]

        for field, value in wrong:
            answer = world.post(HOST, "/v1/claims", A_CLAIM | {field: value})

            assert (answer.status_code, answer.content_type) == (400, PROBLEM)
            assert set(answer.json["errors"]["json"]) == {field}
        assert world.counts() == before

    def test_what_is_unknown_or_of_another_host(self, world):
        before = world.counts()
        wrong = [
            ("lot_id", an_id("lot", 9), 404, "lot-not-found"),
            ("offer_id", an_id("off", 9), 404, "offer-not-found"),
            ("community_id", an_id("com", 9), 404, "community-not-found"),
            ("community_id", an_id("com", 2), 403, "community-of-another-host"),
        ]

        for field, value, status, code in wrong:
            answer = world.post(HOST, "/v1/claims", A_CLAIM | {field: value})

            assert (answer.status_code, answer.json["code"]) == (status, code)
        assert world.counts() == before

    def test_a_lot_past_its_date(self, world, clock):
        clock.advance(days=7)
        before = world.counts()

        answer = world.post(HOST, "/v1/claims", A_CLAIM)

        assert (answer.status_code, answer.json["code"]) == (422, "lot-closed")
        assert world.counts() == before

    def test_an_expired_token(self, world):
        token = world.keys.member(HOST, "host", exp=int(time.time()) - 3600)

        answer = world.app.test_client().post(
            "/v1/claims", json=A_CLAIM, headers=bearer(token, "key")
        )

        assert (answer.status_code, answer.json["code"]) == (401, "token-expired")
        assert world.counts()["claims"] == 0

    def test_nobody(self, world):
        answer = world.app.test_client().post(
            "/v1/claims", json=A_CLAIM, headers={"Idempotency-Key": "key"}
        )

        assert (answer.status_code, answer.json["code"]) == (401, "unauthenticated")


class TestEligibility:
    """The brand asks for something of those who claim its subsidy."""

    BIG = Clause("big", "community_size >= 41", "At least 41 people.", "至少四十一人。")
    FEW = Clause("few", "packs <= 2", "Two packs at most.", "最多两包。")
    ASKED = {"offer_id": an_id("off"), "community_id": an_id("com")}

    def ask_for(self, *clauses):
        MongoOfferNotes().open_offers([an_offer(eligibility=clauses)])

    def test_is_told_clause_by_clause_before_the_claim(self, world):
        self.ask_for(self.BIG, self.FEW)

        told = world.get(HOST, "/v1/claims/eligibility", **self.ASKED, packs=2).json

        assert told["eligible"] is False
        assert [(one["name"], one["passes"]) for one in told["clauses"]] == [
            ("big", False),
            ("few", True),
        ]
        assert told["clauses"][0] | {"passes": None} == asdict(self.BIG) | {"passes": None}

    def test_is_for_a_community_of_the_caller_s(self, world):
        answer = world.get(CO_HOST, "/v1/claims/eligibility", **self.ASKED)

        assert answer.json["code"] == "community-of-another-host"

    def test_refuses_the_claim_in_the_clause_s_own_words(self, world):
        self.ask_for(self.BIG, self.FEW)
        before = world.counts()

        answer = world.post(HOST, "/v1/claims", A_CLAIM)

        assert (answer.status_code, answer.json["code"]) == (422, "not-eligible")
        assert answer.json["clauses"] == [
            {"name": "big", "en": "At least 41 people.", "zh": "至少四十一人。"}
        ]
        assert world.counts() == before

    def test_is_frozen_in_the_claim(self, world):
        self.ask_for(self.FEW)

        claim = world.post(HOST, "/v1/claims", A_CLAIM).json
        self.ask_for()
        after = world.get(HOST, f"/v1/claims/{claim['id']}").json

        assert claim["subsidies"][0]["met"] == [asdict(self.FEW)]
        assert after["subsidies"] == claim["subsidies"]
        assert after["facts"] == {
            "community_size": 40,
            "city": "beijing",
            "tags": ["tea"],
            "settled_gatherings": 0,
            "packs": 2,
            "channel": "gathering",
        }

    def test_is_everybody_s_where_nothing_is_asked(self, world):
        assert world.get(HOST, "/v1/claims/eligibility", **self.ASKED).json == {
            "eligible": True,
            "clauses": [],
        }


class TestReading:
    def test_is_for_host_brand_and_platform(self, world):
        claim_id = world.claim()

        for who in (HOST, BRAND, PLATFORM_ORG):
            assert world.get(who, f"/v1/claims/{claim_id}").status_code == 200
            listed = world.get(who, "/v1/claims").json["items"]
            assert [item["id"] for item in listed] == [claim_id]
        for who in (STRANGER, CO_HOST, VENUE_OWNER):
            answer = world.get(who, f"/v1/claims/{claim_id}")
            assert (answer.status_code, answer.json["code"]) == (404, "claim-not-found")
            assert world.get(who, "/v1/claims").json["items"] == []

    def test_goes_page_by_page_from_the_latest(self, world):
        made = [world.claim(packs=1) for _ in range(3)]

        first = world.get(HOST, "/v1/claims", limit=2).json
        second = world.get(HOST, "/v1/claims", limit=2, cursor=first["next_cursor"]).json

        seen = [item["id"] for item in first["items"] + second["items"]]
        assert seen == sorted(made, reverse=True)
        assert second["next_cursor"] is None

    def test_picks_by_status(self, world):
        world.claim()
        world.answer_all()
        waiting = world.claim()

        found = world.get(HOST, "/v1/claims", status="requested").json["items"]

        assert [item["id"] for item in found] == [waiting]
        assert world.get(HOST, "/v1/claims", status="lost").status_code == 400


class TestCancellation:
    def test_gives_everything_back(self, world):
        claim_id = world.claim()
        world.answer_all()

        answer = world.post(HOST, f"/v1/claims/{claim_id}/cancellations")

        assert (answer.status_code, answer.json["status"]) == (200, "cancelled")
        assert world.answer_all() == [
            "catalog.command.release-packs.v1",
            "payments.command.release-hold.v1",
        ]
        assert world.facts(claim_id)[-1] == "matching.claim.cancelled.v1"
        assert collection("sagas").count_documents({"open": True}) == 0

    def test_is_refused_while_undecided_and_under_a_gathering(self, world, clock):
        claim_id = world.claim()
        undecided = world.post(HOST, f"/v1/claims/{claim_id}/cancellations")
        world.answer_all()
        clock.advance(seconds=timedelta(minutes=1).total_seconds())
        world.post(HOST, "/v1/gatherings", A_PLAN | {"claim_id": claim_id})

        taken = world.post(HOST, f"/v1/claims/{claim_id}/cancellations")

        assert (undecided.status_code, undecided.json["code"]) == (422, "claim-not-confirmed")
        assert (taken.status_code, taken.json["code"]) == (409, "claim-taken")
        assert world.get(HOST, f"/v1/claims/{claim_id}").json["status"] == "confirmed"

    def test_is_not_for_other_hosts(self, world):
        claim_id = world.claim()
        world.answer_all()

        answer = world.post(STRANGER, f"/v1/claims/{claim_id}/cancellations")

        assert (answer.status_code, answer.json["code"]) == (404, "claim-not-found")
        assert world.get(HOST, f"/v1/claims/{claim_id}").json["status"] == "confirmed"
