"""The gathering that costs nothing, over HTTP: found, then really claimed and planned."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chassis.kernel.money import Money
from services.matching.offers.repositories import MongoOfferNotes
from services.matching.supply.domain import Holding, KitLine, OpenedSlot, SlotHold, Venue
from services.matching.supply.repositories import MongoCartridges, MongoKits, MongoSlots
from tests.builders.matching import (
    BRAND,
    CO_HOST,
    HOST,
    NOW,
    OTHER_BRAND,
    STARTS_AT,
    STRANGER,
    VENUE_OWNER,
    a_kit,
    a_lot,
    a_version,
    an_id,
    an_offer,
)

PATH = f"/v1/hosts/{HOST}/plans"
ASKED = {"community_id": an_id("com"), "first_day": "2026-03-04", "people": 16}
DAY = timedelta(days=1)
UNKNOWN_LINE = KitLine(an_id("lot", 99), BRAND, 1, 6_000)
WRONG = [
    {"people": 0},
    {"first_day": "soon"},
    {"last_day": "2026-03-03"},
    {"last_day": "2026-04-04"},
    {"contribution": -1},
    {"contribution": 1.5},
    {"currency": "USD"},
    {"community_id": "com_1"},
    {"co_host_ids": ["org_1"]},
    {"surprise": 1},
]


def a_room(number, **asked):
    """A slot on the same evening in the same room as the one the world knows."""
    starts_at = STARTS_AT + timedelta(hours=number)
    return OpenedSlot(
        id=an_id("slt", number),
        venue_id=an_id("ven"),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=3),
        **asked,
    )


@pytest.fixture
def market(world):
    """Beside the free room a rented one, one that somebody holds, and a dearer brand's lot."""
    slots = MongoSlots()
    slots.note_slots(
        [
            replace(a_room(1, rent=Money(100_000, "CNY")), starts_at=STARTS_AT),
            a_room(2, naming="At the Old Mill"),
        ]
    )
    slots.note_holdings(
        [Holding(an_id("slt", 2), SlotHold(STRANGER, NOW + DAY, is_accepted=True))]
    )
    notes = MongoOfferNotes()
    notes.publish_lots([a_lot(id=an_id("lot", 2), brand_id=OTHER_BRAND, title="Pans")])
    notes.open_offers(
        [an_offer(id=an_id("off", 2), brand_id=OTHER_BRAND, subsidy=Money(90_000, "CNY"))]
    )
    return slots


def found(world, **more):
    answer = world.get(HOST, PATH, **ASKED | more)
    assert answer.status_code == 200, answer.json
    return answer.json


def page_for(world, **more):
    token = world.keys.member(HOST, "host")
    return world.app.test_client().get(
        PATH,
        query_string=ASKED | more,
        headers={"Authorization": f"Bearer {token}", "Accept": "text/html"},
    )


class TestSearch:
    def test_finds_the_cheapest_first_and_says_what_is_missing_for_zero(self, world, market):
        answer = found(world)

        assert [
            (each["cost"], each["owed_at_booking"], each["paid_at_settlement"], each["lot_title"])
            for each in answer["items"]
        ] == [(10_000, 100_000, 90_000, "Pans"), (20_000, 100_000, 80_000, "Tea cups")]
        assert (answer["is_complete"], answer["has_more"]) == (True, False)
        above = answer["missing"][0]
        assert (above["code"], above["minor"]) == ("rent-above-subsidy", 10_000)
        (held,) = answer["blockers"]
        assert (held["about"], held["code"], held["times"]) == ("slot", "slot-not-free", 1)
        assert held["why"]["zh"]

    def test_finds_one_at_zero_that_can_really_be_claimed_and_planned(self, world, market):
        market.note_slots([a_room(3, share_basis_points=800)])

        best = found(world, co_host_ids=[CO_HOST])["items"][0]
        claim = world.post(HOST, "/v1/claims", best["claim"])
        world.answer_all()
        body = best["plan"] | {"claim_id": claim.json["id"], "title": "Tea for nothing"}
        planned = world.post(HOST, "/v1/gatherings", body)
        world.answer_all()

        assert (best["cost"], best["owed_at_booking"]) == (0, 0)
        assert planned.status_code == 201, planned.json
        gathering = world.get(HOST, f"/v1/gatherings/{planned.json['id']}").json
        assert (gathering["status"], gathering["capacity"]) == ("opened", 16)
        assert gathering["slot"]["id"] == an_id("slt", 3)
        assert gathering["co_host_ids"] == [CO_HOST]
        claimed = world.get(HOST, f"/v1/claims/{claim.json['id']}").json
        assert claimed["subsidy"] == {"minor": best["paid_at_settlement"], "currency": "CNY"}

    def test_finds_what_she_has_claimed_already_and_plans_on_it(self, world, market):
        market.note_slots([a_room(3, share_basis_points=800)])
        claim_id = world.claim(packs=2)
        world.answer_all()

        own, *_ = [each for each in found(world)["items"] if each["claim"] is None]
        planned = world.post(HOST, "/v1/gatherings", own["plan"] | {"title": "Tea"})

        assert (own["plan"]["claim_id"], own["cost"]) == (claim_id, 0)
        assert own["lot_title"] == "Tea cups"
        assert planned.status_code == 201, planned.json
        assert claim_id not in {each["plan"].get("claim_id") for each in found(world)["items"]}

    def test_finds_a_kit_at_zero_that_can_really_be_claimed_and_planned(self, world, market):
        MongoKits().note([a_kit(equipment=())])

        best = found(world, co_host_ids=[CO_HOST])["items"][0]
        claim = world.post(HOST, "/v1/claims/kits", best["claim"])
        world.answer_all()
        own = next(each for each in found(world)["items"] if each["claim"] is None)
        planned = world.post(HOST, "/v1/gatherings", own["plan"] | {"title": "A pan for nothing"})
        world.answer_all()

        assert (best["cost"], best["paid_at_settlement"]) == (0, 170_000)
        assert (best["kit_id"], best["lot_title"]) == (an_id("kit"), a_kit().title)
        assert best["brand_ids"] == [BRAND, OTHER_BRAND]
        assert claim.status_code == 201, claim.json
        assert (own["plan"]["claim_id"], own["cost"]) == (claim.json["id"], 0)
        assert planned.status_code == 201, planned.json
        gathering = world.get(HOST, f"/v1/gatherings/{planned.json['id']}").json
        assert gathering["status"] == "opened"

    def test_says_when_there_are_more_kits_than_it_reads(self, world, market, monkeypatch):
        kits = [a_kit(id=an_id("kit", number), equipment=()) for number in (1, 2)]
        MongoKits().note([*kits, a_kit(id=an_id("kit", 3), lines=(UNKNOWN_LINE,))])
        assert found(world, limit=50)["is_complete"] is True

        monkeypatch.setattr("services.matching.planner.queries.MOST_KITS", 2)

        answer = found(world, limit=50)
        assert [each["kit_id"] for each in answer["items"] if each["kit_id"]] == [kits[1].id]
        (limit,) = answer["limits"]
        assert "more kits" in limit["en"]

    def test_says_of_more_people_than_any_room_holds_that_no_slot_can_be_had(self, world, market):
        answer = found(world, people=200)

        assert [hint["code"] for hint in answer["missing"]] == ["no-slot", "slot-without-rent"]
        assert "for 200 people" in answer["missing"][0]["why"]["en"]
        (room,) = [each for each in answer["blockers"] if each["code"] == "room-too-small"]
        assert (room["times"], room["members"]) == (2, {"most": 30})

    def test_every_combination_can_be_claimed_and_planned(self, world, market):
        market.note_slots([a_room(3, share_basis_points=800), a_room(4, naming="Old Mill")])
        other = a_version(digest="sha256:" + "b" * 64, cartridge_id=an_id("crt", 2))
        MongoCartridges().note([other])

        items = found(world, last_day="2026-03-05", limit=50)["items"]

        ways = [(each, theme["digest"]) for each in items for theme in each["themes"]]
        assert len(ways) == 2 * 3 * 2
        for each, digest in ways:
            claim = world.post(HOST, "/v1/claims", each["claim"])
            assert claim.status_code == 201, claim.json
            world.answer_all()
            plan = each["plan"] | {"claim_id": claim.json["id"], "cartridge_digest": digest}
            planned = world.post(HOST, "/v1/gatherings", plan | {"title": "Tea"})
            assert planned.status_code == 201, planned.json

    def test_stores_nothing(self, world, market):
        before = world.counts()

        found(world)

        assert world.counts() == before

    def test_looks_in_the_city_and_on_the_days_that_were_asked(self, world, market):
        slots = MongoSlots()
        slots.note_venues(
            [
                Venue(
                    id=an_id("ven", 2),
                    venue_org_id=VENUE_OWNER,
                    city="bEIJING",
                    capacity=30,
                    equipment=(),
                    time_zone="Asia/Tokyo",
                ),
                Venue(
                    id=an_id("ven", 3),
                    venue_org_id=VENUE_OWNER,
                    city="Suzhou",
                    capacity=30,
                    equipment=(),
                ),
            ]
        )
        late = STARTS_AT.replace(hour=15, minute=30)  # 00:30 on the next day in Tokyo
        here = replace(a_room(5, naming="Roji"), venue_id=an_id("ven", 2), starts_at=late)
        here = replace(here, ends_at=late + timedelta(hours=2))
        there = replace(here, id=an_id("slt", 6), venue_id=an_id("ven", 3))
        slots.note_slots([here, there])

        today = {each["plan"]["slot_id"] for each in found(world)["items"]}
        both = {each["plan"]["slot_id"] for each in found(world, last_day="2026-03-05")["items"]}

        assert today == {an_id("slt", 1)}
        assert both == {an_id("slt", 1), an_id("slt", 5)}

    def test_leaves_out_a_room_of_which_it_was_never_told_what_it_is_lent_for(self, world, market):
        market.note_slots([a_room(3)])

        answer = found(world)

        assert {each["plan"]["slot_id"] for each in answer["items"]} == {an_id("slt", 1)}
        assert answer["is_complete"] is False
        (limit,) = answer["limits"]
        assert "left out" in limit["en"]
        assert "未列入" in limit["zh"]

    def test_follows_a_booking_and_a_yank(self, world, market):
        market.note_slots([a_room(3, naming="Old Mill")])
        assert found(world)["items"][0]["cost"] == 0

        MongoCartridges().note_yanked([a_version().digest])

        answer = found(world)
        assert answer["items"] == []
        assert "no-theme" in [hint["code"] for hint in answer["missing"]]


class TestPage:
    def test_shows_every_line_in_both_languages_without_script(self, world, market):
        answer = page_for(world)

        assert answer.content_type == "text/html; charset=utf-8"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        for part in ("1. 100.00 CNY · Pans · Beijing", "租金 1000.00 CNY", "-900.00 CNY", "冠名"):
            assert part in answer.text
        assert 'name="viewport"' in answer.text
        assert "<script" not in answer.text

    def test_says_when_nothing_goes_together(self, world, market):
        answer = page_for(world, people=30)

        assert "没有可行的组合" in answer.text

    def test_names_what_its_words_speak_of(self, world, market):
        answer = page_for(world, people=200)

        assert "最大场地的容量（most）" in answer.text
        assert "<td>most: 30</td>" in answer.text


class TestRefusals:
    def test_a_host_reads_her_own_plans_only(self, world, market):
        answer = world.get(STRANGER, PATH, **ASKED)

        assert (answer.status_code, answer.json["code"]) == (403, "plans-of-another-host")

    @pytest.mark.parametrize(
        ("asked", "code"),
        [
            ({"first_day": "2026-02-27"}, "days-passed"),
            ({"contribution": 1_000}, "contribution-of-nobody"),
        ],
    )
    def test_a_question_that_nothing_can_answer_is_refused(self, world, market, asked, code):
        answer = world.get(HOST, PATH, **ASKED | asked)

        assert (answer.status_code, answer.json["code"]) == (422, code)
        assert answer.json["title_zh"]

    def test_a_question_that_is_none_is_told_so(self, world):
        for wrong in WRONG:
            answer = world.get(HOST, PATH, **ASKED | wrong)

            assert answer.status_code == 400, answer.json
            assert set(answer.json["errors"]["query"]) == set(wrong)
