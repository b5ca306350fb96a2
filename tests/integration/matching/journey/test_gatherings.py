"""Gatherings over HTTP, from the plan to the settlement, with scripted peers."""

from __future__ import annotations

from datetime import timedelta

from chassis.kernel.time import to_rfc3339
from chassis.mongo import collection
from tests.builders.matching import (
    AUTHOR,
    BRAND,
    CO_HOST,
    DIGEST,
    HOST,
    PLATFORM_ORG,
    STARTS_AT,
    STRANGER,
    VENUE_OWNER,
    an_id,
)
from tests.integration.matching.journey.world import A_PLAN

PROBLEM = "application/problem+json"


def held(world, clock) -> str:
    """A gathering held with one guest; answer its path."""
    path = world.gathering()
    (code,) = world.invite(path)
    clock.set(STARTS_AT)
    assert world.check_in(path, code).status_code == 200
    world.show(path)
    answer = world.post(HOST, f"{path}/holdings")
    assert answer.status_code == 200, answer.json
    return path


def deeds(world, who) -> list[str]:
    return [line["deed"] for line in world.get(who, "/v1/behaviour").json["items"]]


class TestJourney:
    def test_goes_from_the_plan_to_the_settlement(self, world, clock):
        path = world.gathering()
        gathering_id = path.rpartition("/")[2]
        codes = world.invite(path, count=2)
        codes += world.invite(path, who=CO_HOST, community_id=an_id("com", 2))
        clock.set(STARTS_AT)

        tickets = [world.check_in(path, code).json for code in codes]
        world.sell(path, minor=500_000, ticket_id=tickets[0]["id"])
        world.show(path)
        held = world.post(HOST, f"{path}/holdings").json
        approved = world.post(BRAND, f"{path}/approvals").json
        heard = world.answer_all()

        settled = world.get(HOST, path).json
        assert [ticket["brought_by"] for ticket in tickets] == [HOST, HOST, CO_HOST]
        assert held["approve_by"] == to_rfc3339(STARTS_AT + timedelta(hours=72))
        assert (approved["status"], approved["approved_by"]) == ("approved", "brand")
        assert heard == ["payments.command.settle-gathering.v1"]
        assert (settled["status"], settled["settlement_id"]) == ("settled", an_id("stl"))
        assert world.facts(gathering_id) == [
            f"matching.gathering.{what}.v1"
            for what in (
                "planned",
                "opened",
                "checked-in",
                "checked-in",
                "checked-in",
                "sold",
                "held",
                "approved",
                "settled",
            )
        ]
        assert world.facts(settled["claim_id"])[-1] == "matching.claim.settled.v1"
        command = world.commands()[-1]
        assert (command.key, command.data["checked_in"], command.data["min_checked_in"]) == (
            an_id("off"),
            3,
            12,
        )
        assert command.data["parties"] == {
            "brand": [BRAND],
            "host": [HOST],
            "co_host": [CO_HOST],
            "venue": [VENUE_OWNER],
            "author": [AUTHOR],
            "platform": ["platform"],
        }

    def test_is_approved_when_the_brand_keeps_silent(self, world, clock):
        path = held(world, clock)

        clock.advance(hours=71)
        world.run_tasks()
        assert world.get(HOST, path).json["status"] == "held"
        clock.advance(hours=1)
        world.run_tasks()
        world.run_tasks()
        world.answer_all()

        settled = world.get(HOST, path).json
        assert (settled["status"], settled["approved_by"]) == ("settled", "silence")
        assert "answered" not in deeds(world, BRAND)

    def test_waits_for_the_platform_once_disputed(self, world, clock):
        path = held(world, clock)
        clock.advance(hours=1)

        disputed = world.post(BRAND, f"{path}/disputes", {"why": "nobody came"}).json
        clock.advance(days=30)
        world.run_tasks()
        still = world.get(HOST, path).json
        ruled = world.post(PLATFORM_ORG, f"{path}/approvals").json
        world.answer_all()

        assert (disputed["status"], disputed["why"]) == ("disputed", "nobody came")
        assert still["status"] == "disputed"
        assert ruled["approved_by"] == "platform"
        assert world.get(HOST, path).json["status"] == "settled"
        assert deeds(world, HOST)[:2] == ["settled", "disputed"]

    def test_goes_to_the_platform_when_nobody_said_for_a_week_that_it_took_place(
        self, world, clock
    ):
        path = world.gathering()
        clock.set(STARTS_AT + timedelta(days=7))
        world.run_tasks()
        before = world.get(HOST, path).json["status"]
        clock.advance(hours=3)

        world.run_tasks()
        due = world.get(HOST, path).json
        ruled = world.post(PLATFORM_ORG, f"{path}/cancellations", {"why": "nobody came"}).json
        world.answer_all()

        assert (before, due["status"], ruled["status"]) == ("opened", "disputed", "cancelled")
        assert world.commands()[-1].type == "payments.command.cancel-gathering.v1"


class TestSlot:
    def test_taken_by_another_leaves_the_claim_for_a_second_plan(self, world):
        world.answers["catalog.command.book-slot.v1"] = (
            "catalog.reply.slot-refused.v1",
            {"code": "slot-taken", "detail": "by another gathering"},
        )

        path = world.gathering()

        refused = world.get(HOST, path).json
        assert (refused["status"], refused["refusal_code"]) == ("refused", "slot-taken")
        again = world.post(HOST, "/v1/gatherings", A_PLAN | {"claim_id": refused["claim_id"]})
        assert (again.status_code, again.json["status"]) == (201, "planned")

    def test_carries_one_gathering_a_claim(self, world):
        claim_id = world.get(HOST, world.gathering()).json["claim_id"]
        before = world.counts()

        answer = world.post(HOST, "/v1/gatherings", A_PLAN | {"claim_id": claim_id})

        assert (answer.status_code, answer.json["code"]) == (409, "claim-taken")
        assert world.counts() == before


class TestCancellation:
    def test_gives_slot_packs_and_money_back(self, world):
        path = world.gathering()

        answer = world.post(HOST, f"{path}/cancellations", {"why": "rain"})

        assert (answer.status_code, answer.json["status"]) == (200, "cancelled")
        assert world.answer_all() == [
            "catalog.command.release-slot.v1",
            "catalog.command.release-packs.v1",
            "payments.command.cancel-gathering.v1",
        ]
        claim = world.get(HOST, f"/v1/claims/{answer.json['claim_id']}").json
        assert claim["status"] == "cancelled"
        assert deeds(world, HOST) == ["called-off"]
        assert collection("sagas").count_documents({"open": True}) == 0

    def test_wins_over_a_booking_under_way(self, world):
        claim_id = world.claim()
        world.answer_all()
        planned = world.post(HOST, "/v1/gatherings", A_PLAN | {"claim_id": claim_id}).json
        path = f"/v1/gatherings/{planned['id']}"

        world.post(HOST, f"{path}/cancellations", {"why": "rain"})
        heard = world.answer_all()

        assert heard[:2] == ["catalog.command.book-slot.v1", "catalog.command.release-slot.v1"]
        assert world.get(HOST, path).json["status"] == "cancelled"

    def test_comes_too_late_once_held(self, world, clock):
        path = held(world, clock)
        before = world.counts()

        answer = world.post(HOST, f"{path}/cancellations", {"why": "rain"})

        assert (answer.status_code, answer.json["code"]) == (409, "cannot-cancel")
        assert world.counts() == before


class TestRefusals:
    def test_invalid_plans_name_their_field(self, world):
        claim_id = world.claim()
        world.answer_all()
        before = world.counts()
        wrong = [
            ("theme", "tea"),
            ("title", ""),
            ("title", "tea" * 50),
            ("title", "\x00"),
            ("claim_id", an_id("lot")),
            ("slot_id", 5),
            ("co_host_ids", "org"),
            ("co_host_ids", [CO_HOST] * 11),
            ("naming_rights_id", "nam_1"),
        ]

        for field, value in wrong:
            plan = A_PLAN | {"claim_id": claim_id, field: value}
            answer = world.post(HOST, "/v1/gatherings", plan)

            assert (answer.status_code, answer.content_type) == (400, PROBLEM), field
            assert set(answer.json["errors"]["json"]) == {field}
        assert world.counts() == before

    def test_plans_that_do_not_fit(self, world):
        claim_id = world.claim()
        world.answer_all()
        before = world.counts()
        wrong = [
            ("cartridge_digest", "sha256:" + "b" * 64, 404, "cartridge-not-found"),
            ("slot_id", an_id("slt", 9), 404, "slot-not-found"),
            ("claim_id", an_id("clm", 9), 404, "claim-not-found"),
            ("co_host_ids", [VENUE_OWNER], 422, "not-a-co-host"),
            ("co_host_ids", [an_id("org", 99)], 422, "not-a-co-host"),
            ("co_host_ids", [HOST], 422, "not-a-co-host"),
        ]

        for field, value, status, code in wrong:
            plan = A_PLAN | {"claim_id": claim_id, field: value}
            answer = world.post(HOST, "/v1/gatherings", plan)

            assert (answer.status_code, answer.json["code"]) == (status, code)
        assert world.post(STRANGER, "/v1/gatherings", plan).json["code"] == "claim-not-found"
        assert world.post(BRAND, "/v1/gatherings", plan).json["code"] == "permission-missing"
        assert world.counts() == before

    def test_steps_cannot_be_skipped(self, world, clock):
        path = world.gathering()
        before = world.counts()
        early = [
            (HOST, "holdings", None, 422, "not-begun"),
            (BRAND, "approvals", None, 422, "not-under-review"),
            (PLATFORM_ORG, "approvals", None, 422, "not-under-review"),
            (BRAND, "disputes", {"why": "no"}, 422, "not-under-review"),
        ]

        for who, verb, body, status, code in early:
            answer = world.post(who, f"{path}/{verb}", body)
            assert (answer.status_code, answer.json["code"]) == (status, code)
        clock.set(STARTS_AT)
        nothing = world.post(HOST, f"{path}/holdings")
        assert (nothing.status_code, nothing.json["code"]) == (422, "nothing-to-show")
        assert world.counts() == before

    def test_nobody_approves_her_own(self, world, clock):
        path = held(world, clock)
        before = world.counts()

        host = world.post(HOST, f"{path}/approvals")
        co_host = world.post(CO_HOST, f"{path}/holdings")
        brand = world.post(BRAND, f"{path}/cancellations", {"why": "no"})

        assert (host.status_code, host.json["code"]) == (403, "permission-missing")
        assert (co_host.status_code, co_host.json["code"]) == (403, "not-the-host")
        assert (brand.status_code, brand.json["code"]) == (403, "not-the-host")
        assert world.counts() == before

    def test_strangers_find_nothing(self, world, clock):
        path = held(world, clock)
        before = world.counts()
        doors = [
            ("holdings", None),
            ("cancellations", {"why": "no"}),
            ("evidence", {"kind": "note", "text": "no"}),
            ("invitations", {"count": 1}),
            ("sales", {"units": 1, "amount": {"minor": 1, "currency": "CNY"}}),
        ]

        for verb, body in doors:
            answer = world.post(STRANGER, f"{path}/{verb}", body)
            assert (answer.status_code, answer.json["code"]) == (404, "gathering-not-found")
        for reading in (path, f"{path}/sales", f"{path}/attendance"):
            assert world.get(STRANGER, reading).status_code == 404
        assert world.get(STRANGER, "/v1/gatherings").json["items"] == []
        assert world.counts() == before

    def test_evidence_is_words_or_a_digest(self, world):
        path = world.gathering()
        wrong = [
            {"kind": "note"},
            {"kind": "note", "text": "both", "digest": DIGEST},
            {"kind": "rumour", "text": "so they say"},
            {"kind": "photo", "digest": "md5:1"},
            {"kind": "note", "text": " "},
        ]
        before = world.counts()

        answers = [world.post(HOST, f"{path}/evidence", body).status_code for body in wrong]

        assert answers == [400] * 5
        assert world.counts() == before


class TestReading:
    def test_is_for_everybody_with_a_part_in_it(self, world):
        path = world.gathering()

        for who in (BRAND, HOST, CO_HOST, VENUE_OWNER, AUTHOR, PLATFORM_ORG):
            assert world.get(who, path).json["title"] == A_PLAN["title"]
            listed = world.get(who, "/v1/gatherings", status="opened").json["items"]
            assert [f"/v1/gatherings/{item['id']}" for item in listed] == [path]
