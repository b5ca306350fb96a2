"""Clearings on a real database: asked for over HTTP, worked out by the worker, held for hosts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chassis.kernel.ids import id_maker
from chassis.kernel.money import Money
from chassis.mongo import collection
from services.matching.app import create_worker
from services.matching.clearings.adapters.solving import SolvedApart
from services.matching.clearings.handlers import ask_each_week, clear_next
from services.matching.clearings.repositories import MongoClearings
from services.matching.offers.repositories import MongoOfferNotes
from services.matching.pictures.domain import HostRecord, Picture
from services.matching.pictures.repositories import MongoPictures
from tests.builders.matching import (
    BRAND,
    CO_HOST,
    HOST,
    NOW,
    OTHER_BRAND,
    PLATFORM_ORG,
    STRANGER,
    VENUE_OWNER,
    an_id,
    an_offer,
)
from tests.integration.matching.journey.clearing import (
    CLEARINGS,
    DRY,
    LOTS,
    WET,
    a_bench,
)
from tests.integration.matching.journey.world import A_CLAIM


class TestADryRun:
    def test_is_certified_and_holds_nothing(self, market):
        asked = market.post(PLATFORM_ORG, CLEARINGS, DRY)

        assert asked.status_code == 202
        assert (asked.json["stage"], asked.json["period"]) == ("waiting", "2026-w09")
        assert clear_next(a_bench(solve=SolvedApart()), lambda: NOW)
        found = market.get(PLATFORM_ORG, f"{CLEARINGS}/{asked.json['id']}").json
        assert (found["stage"], found["held"]) == ("cleared", 0)
        proof, figures = found["certificate"], found["figures"]
        assert proof["gap"] == 0
        assert proof["objective"] <= proof["bound"]
        assert proof["market_digest"].startswith("sha256:")
        assert (figures["hosts"], figures["lots"], figures["candidates"]) == (2, 2, 4)
        assert figures["hosts_full"] == 0
        assert figures["cleared"]["assignments"] == 2
        assert figures["cleared"]["hosts_with_nothing"] == 0
        assert figures["first_come"]["value"] <= figures["cleared"]["value"]
        assert collection("holds").count_documents({}) == 0
        assert market.facts(found["id"]) == ["matching.clearing.cleared.v1"]
        assert not clear_next(a_bench(), lambda: NOW)

    def test_is_the_platforms_to_ask_for(self, market):
        for who in (HOST, BRAND, VENUE_OWNER):
            assert market.post(who, CLEARINGS, DRY).status_code == 403
        assert collection("clearings").count_documents({}) == 0

    def test_refuses_what_makes_no_sense(self, market):
        for wrong in (
            {},
            DRY | {"rule": "whatever"},
            DRY | {"valuation": "whatever"},
            DRY | {"first_host_bonus": -1},
            DRY | {"period": "This week!"},
            DRY | {"horizon_days": 0},
        ):
            assert market.post(PLATFORM_ORG, CLEARINGS, wrong).status_code == 400
        assert collection("clearings").count_documents({}) == 0


class TestAClearing:
    def test_holds_what_it_assigned_and_tells_each_what_concerns_it(self, market):
        path = f"{CLEARINGS}/{market.post(PLATFORM_ORG, CLEARINGS, WET).json['id']}"

        assert clear_next(a_bench(), lambda: NOW)

        assert market.get(PLATFORM_ORG, path).json["held"] == 2
        everybodys = market.get(PLATFORM_ORG, f"{path}/assignments").json["items"]
        assert {each["host_id"] for each in everybodys} == {HOST, CO_HOST}
        (mine,) = market.get(HOST, f"{path}/assignments").json["items"]
        assert (mine["host_id"], mine["fate"]) == (HOST, "held")
        assert mine["why_en"].startswith("It is worth 0.")
        assert mine["why_zh"].endswith("。")
        assert len(market.get(BRAND, f"{path}/assignments").json["items"]) == 2
        assert market.get(OTHER_BRAND, f"{path}/assignments").json["items"] == []
        assert market.get(STRANGER, f"{path}/assignments").json["items"] == []
        (hold,) = market.get(HOST, f"/v1/hosts/{HOST}/holds").json["items"]
        assert (hold["id"], hold["lot_id"]) == (mine["hold_id"], mine["lot_id"])
        assert (hold["until"], hold["title"]) == (mine["held_until"], mine["title"])
        offered = market.get(HOST, f"/v1/hosts/{HOST}/offers/{mine['lot_id']}").json
        assert offered["held_until"] == hold["until"]
        demand = {each["name"]: each for each in offered["terms"]}["demand"]
        assert demand["why_en"].startswith("It is held for you until 2026-03-03 20:00")
        theirs = {"lot_id": mine["lot_id"], "community_id": an_id("com", 2), "packs": 1}
        refused = market.post(CO_HOST, "/v1/claims", A_CLAIM | theirs)
        assert refused.json["code"] == "held-for-another"
        assert market.claim(lot_id=mine["lot_id"], packs=1)

    def test_gives_a_lot_to_whom_its_brand_accepts_or_to_who_wants_it_most(self, market):
        kept, broken = HostRecord(approved=90, settled=90), HostRecord(disputed=90)
        pictures = [Picture(host_id=HOST, record=broken), Picture(host_id=CO_HOST, record=kept)]
        MongoPictures().mark([HOST, CO_HOST])
        MongoPictures().put(pictures)
        collection("offers").delete_one({"_id": LOTS[1]})
        collection("communities").update_one(
            {"host_id": CO_HOST}, {"$set": {"tags.0.weight": 60, "size": 40}}
        )
        given = {}
        for valuation in ("host", "reciprocal"):
            asked = DRY | {"valuation": valuation, "first_host_bonus": 0}
            path = f"{CLEARINGS}/{market.post(PLATFORM_ORG, CLEARINGS, asked).json['id']}"
            clear_next(a_bench(), lambda: NOW)
            (given[valuation],) = market.get(PLATFORM_ORG, f"{path}/assignments").json["items"]

        assert given["host"]["host_id"] == HOST
        assert given["host"]["brand_accepts"] is None
        assert " points to its host, " in given["host"]["why_en"]
        both = given["reciprocal"]
        assert both["host_id"] == CO_HOST
        assert both["value"] == pytest.approx(
            both["host_wants"] * both["brand_accepts"] / 1_000, abs=2
        )
        assert " points to both: the host wants it with 0." in both["why_en"]
        assert "品牌接受度 0." in both["why_zh"]

    @pytest.mark.parametrize(("valuation", "bonus"), [("reciprocal", 100), ("host", 200)])
    def test_takes_bonuses_after_what_a_pair_is_worth(self, market, valuation, bonus):
        asked = market.post(PLATFORM_ORG, CLEARINGS, DRY | {"valuation": valuation}).json

        assert (asked["valuation"], asked["first_host_bonus"]) == (valuation, bonus)
        assert asked["first_brand_bonus"] == bonus

    def test_of_before_brands_were_asked_is_read_as_it_was(self, market):
        asked = market.post(PLATFORM_ORG, CLEARINGS, DRY).json["id"]
        collection("clearings").update_one({"_id": asked}, {"$unset": {"order.valuation": ""}})

        assert market.get(PLATFORM_ORG, f"{CLEARINGS}/{asked}").json["valuation"] == "host"

    def test_of_before_full_hosts_were_counted_has_none(self, market):
        asked = market.post(PLATFORM_ORG, CLEARINGS, DRY).json["id"]
        clear_next(a_bench(), lambda: NOW)
        collection("clearings").update_one(
            {"_id": asked}, {"$unset": {"result.figures.hosts_full": ""}}
        )

        found = market.get(PLATFORM_ORG, f"{CLEARINGS}/{asked}").json

        assert found["figures"]["hosts_full"] == 0

    def test_pages_through_what_it_assigned(self, market):
        path = f"{CLEARINGS}/{market.post(PLATFORM_ORG, CLEARINGS, WET).json['id']}/assignments"
        clear_next(a_bench(), lambda: NOW)

        first = market.get(PLATFORM_ORG, path, limit=1).json
        second = market.get(PLATFORM_ORG, path, limit=1, cursor=first["next_cursor"]).json

        assert len({first["items"][0]["id"], second["items"][0]["id"]}) == 2
        assert second["next_cursor"] is None

    def test_is_one_a_period_and_listed_latest_first(self, market):
        first = market.post(PLATFORM_ORG, CLEARINGS, WET).json["id"]

        again = market.post(PLATFORM_ORG, CLEARINGS, WET)

        assert (again.status_code, again.json["code"]) == (409, "period-cleared")
        assert again.json["clearing_id"] == first
        dry = market.post(PLATFORM_ORG, CLEARINGS, DRY).json["id"]
        listed = market.get(BRAND, CLEARINGS).json["items"]
        assert [each["id"] for each in listed] == [dry, first]
        ask_each_week(MongoClearings(), id_maker(lambda: NOW), lambda: NOW, reserve=False)
        assert collection("clearings").count_documents({}) == 2

    def test_is_asked_for_each_week_only_where_that_is_set(self, settings):
        def tasks(*, weekly):
            worker = create_worker(replace(settings, clearing_weekly=weekly))
            return {task.name for task in worker.tasks}

        assert tasks(weekly=True) - tasks(weekly=False) == {"weekly-clearing"}
        assert "clearings" in tasks(weekly=False)

    @pytest.mark.parametrize("reserve", [False, True])
    def test_keeps_a_reserve_each_week_only_where_that_is_set(self, world, settings, reserve):
        given = replace(settings, clearing_weekly=True, clearing_reserve=reserve)
        tasks = {task.name: task for task in create_worker(given).tasks}

        tasks["weekly-clearing"].function()

        assert collection("clearings").find_one()["order"]["reserve"] is reserve

    def test_of_before_anybody_asked_for_a_reserve_or_evidence_is_read_as_it_was(self, market):
        asked = market.post(PLATFORM_ORG, CLEARINGS, WET).json["id"]
        assert clear_next(a_bench(), lambda: NOW)
        collection("clearings").update_one(
            {"_id": asked}, {"$unset": {"order.reserve": "", "result.evidence": ""}}
        )

        found = market.get(PLATFORM_ORG, f"{CLEARINGS}/{asked}").json

        assert (found["reserve"], found["evidence"], found["stage"]) == (False, None, "cleared")

    def test_never_holds_again_what_the_one_before_holds(self, market):
        for number in (1, 2):
            market.post(PLATFORM_ORG, CLEARINGS, WET | {"period": f"p{number}"})
        clear_next(a_bench(), lambda: NOW)

        clear_next(a_bench(), lambda: NOW)

        assert collection("holds").count_documents({}) == 2
        held = [each["held"] for each in market.get(PLATFORM_ORG, CLEARINGS).json["items"]]
        assert held == [0, 2]

    def test_does_not_hold_what_somebody_claimed_meanwhile(self, market):
        path = f"{CLEARINGS}/{market.post(PLATFORM_ORG, CLEARINGS, WET).json['id']}"
        theirs = {"community_id": an_id("com", 2), "packs": 1}

        def claim_all(_seconds) -> None:
            for lot in LOTS:
                market.post(CO_HOST, "/v1/claims", A_CLAIM | theirs | {"lot_id": lot})

        clear_next(a_bench(wait=claim_all), lambda: NOW)

        fates = market.get(PLATFORM_ORG, f"{path}/assignments").json["items"]
        assert [(each["fate"], each["refusal"]) for each in fates] == [
            ("not-held", "sold-out")
        ] * 2
        assert market.get(PLATFORM_ORG, path).json["held"] == 0

    def test_stops_at_the_brands_money(self, market):
        MongoOfferNotes().open_offers([an_offer(total_cap=Money(159_999, "CNY"))])
        path = f"{CLEARINGS}/{market.post(PLATFORM_ORG, CLEARINGS, WET).json['id']}"

        clear_next(a_bench(), lambda: NOW)

        (only,) = market.get(PLATFORM_ORG, f"{path}/assignments").json["items"]
        assert only["bound_by"] == "brand-budget"

    def test_is_a_page_that_needs_no_script(self, market):
        path = f"{CLEARINGS}/{market.post(PLATFORM_ORG, CLEARINGS, WET).json['id']}"
        before = market.get(HOST, f"{path}/report")
        clear_next(a_bench(), lambda: NOW)

        page = market.get(HOST, f"{path}/report")

        assert "No result: waiting." in before.text
        assert page.content_type == "text/html; charset=utf-8"
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert "<script" not in page.text
        assert "First-come-first-served would lose" in page.text
        assert "先到先得" in page.text
        assert "minimum-cost flow · 最小费用流" in page.text
        assert "held until 2026-03-03 20:00 UTC+08:00 · 预留至该时" in page.text
        assert HOST in page.text
        assert CO_HOST not in page.text
