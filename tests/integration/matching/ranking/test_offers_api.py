"""Offers for a host over HTTP."""

from __future__ import annotations

import statistics
import time
from datetime import timedelta

import pytest

from chassis.kernel.decisions import Decision
from chassis.kernel.money import Money
from chassis.mongo import atomically
from chassis.testing.patience import eventually
from services.matching.claims.domain import Status, Subsidy
from services.matching.claims.repositories import MongoClaims
from services.matching.offers.engine.points import Weights, subsidy_points
from tests.builders.matching import a_claim, an_id
from tests.integration.matching.ranking.caller import Caller
from tests.integration.matching.ranking.told import claim_id, lot_id
from tests.tokens import bearer
from tests.unit.matching.offers.builders import HOST, NOW, OFFER, OTHER_HOST

PLATFORM = "org_01m80t6qxcevrs0fn3mtvw1bjp"
TERMS = [*Weights._fields, "demand"]


def CNY(minor: int) -> dict:  # noqa: N802 - reads as an amount
    return {"minor": minor, "currency": "CNY"}


def claimed(number, host_id, at, *, status=Status.CONFIRMED, offer_id=OFFER):
    """A claim of 500.00 by a host at a time."""
    amount = Money(50_000, "CNY")
    claim = a_claim(
        id=claim_id(number),
        host_id=host_id,
        requested_at=at,
        status=status,
        subsidies=(Subsidy(offer_id=offer_id, amount=amount, base=amount),),
    )
    atomically(lambda: MongoClaims().save(Decision(claim)))


class TestUrgency:
    def test_raises_the_subsidy_and_says_why(self, told, host):
        ramp = {
            "ramp_steps": [{"days_before": 30, "extra_basis_points": 2_000}],
            "most_subsidy": {"minor": 70_000, "currency": "CNY"},
        }
        told.take(
            told.opened(**ramp),
            told.published(1, best_before="2026-03-20T00:00:00.000000Z"),
            told.published(2),
        )
        host.found()

        near, keeps = (host.offer(lot_id(number)).json for number in (1, 2))

        assert near["subsidy"] == {"minor": 60_000, "currency": "CNY"}
        assert near["base_subsidy"] == {"minor": 50_000, "currency": "CNY"}
        assert near["urgency_basis_points"] == 2_000
        assert near["terms"][1]["why_en"] == (
            "The brand gives 500.00 yuan for each gathering, "
            "and 600.00 now that the best-before date is near."
        )
        assert near["terms"][1]["why_zh"] == (
            "品牌为每场活动补贴 500.00 元，因临近保质期现为 600.00 元。"
        )
        assert keeps["subsidy"] == keeps["base_subsidy"]
        assert near["terms"][1]["points"] == subsidy_points(60_000)
        assert keeps["terms"][1]["points"] == subsidy_points(50_000)


class TestRankedOffers:
    def test_tell_all_a_host_needs_to_choose_and_claim(self, told, host):
        told.take(told.opened(), told.published(1, best_before="2026-03-20T00:00:00.000000Z"))
        host.found()

        answer = host.offers()

        assert answer.status_code == 200
        (item,) = answer.json["items"]
        terms = item.pop("terms")
        assert item == {
            "lot_id": lot_id(1),
            "brand_id": "org_01m80t6qxcevrs0fn3mtvw1bj0",
            "title": "Tea cups 1",
            "category": "Porcelain",
            "tags": ["tea"],
            "city": "",
            "condition": "new",
            "unit_price": {"minor": 2_000, "currency": "CNY"},
            "units_per_pack": 5,
            "pack_price": {"minor": 10_000, "currency": "CNY"},
            "packs_free": 10,
            "held_until": None,
            "max_packs_per_host": 2,
            "min_community_size": 1,
            "best_before": "2026-03-20T00:00:00.000000Z",
            "closes_at": "2026-03-31T09:00:00.000000Z",
            "restrictions": {
                "regions": [],
                "channels": [],
                "resale_allowed": True,
                "lowest_resale_price": None,
            },
            "has_actual_photo": False,
            "offer_id": OFFER,
            "subsidy": {"minor": 50_000, "currency": "CNY"},
            "base_subsidy": {"minor": 50_000, "currency": "CNY"},
            "urgency_basis_points": 0,
            "subsidy_left": {
                "total": CNY(100_000),
                "host": None,
                "period": None,
                "next_period_at": None,
            },
            "model": "built-in",
            "score": 761_286,
            "place": 1,
            "explored": False,
        }
        assert [term["name"] for term in terms] == TERMS
        assert sum(term["points"] for term in terms) == item["score"]
        assert terms[0] == {
            "name": "affinity",
            "points": 500_000,
            "why_en": "Your people care about tea.",
            "why_zh": "您的社群关注：tea。",
        }

    def test_always_add_up_to_the_score(self, told, host):
        told.take(
            told.opened(),
            *(
                told.published(
                    number,
                    tags=["tea"] * (number % 2),
                    city="Suzhou" * (number % 3 == 0),
                    unit_price={"minor": 137 * number, "currency": "CNY"},
                )
                for number in range(1, 41)
            ),
        )
        host.found()

        items = host.offers(limit=50).json["items"]

        assert len(items) == 40
        for item in items:
            assert sum(term["points"] for term in item["terms"]) == item["score"]
        scores = [item["score"] for item in items]
        assert scores == sorted(scores, reverse=True)

    def test_are_ten_unless_more_are_asked_for_and_can_be_paged(self, told, host):
        told.take(told.opened(), *(told.published(number) for number in range(1, 26)))
        host.found()

        pages, cursor = [], ""
        while cursor is not None:
            answer = host.offers(cursor=cursor) if cursor else host.offers()
            pages.append([item["lot_id"] for item in answer.json["items"]])
            cursor = answer.json["next_cursor"]

        assert list(map(len, pages)) == [10, 10, 5]
        shown = [lot for page in pages for lot in page]
        assert sorted(shown) == sorted(lot_id(number) for number in range(1, 26))

    def test_count_the_tags_of_all_her_communities(self, app, keys, told, host):
        told.take(told.opened(), told.published(1, tags=["toys"]), told.published(2, tags=["tea"]))
        host.found(tags={"toys": 100}, size=10)
        answer = app.test_client().post(
            "/v1/communities",
            json={"name": "More", "city": "Xian", "size": 90, "tags": {"tea": 90}},
            headers=bearer(keys.member(HOST, "host"), "another key"),
        )
        assert answer.status_code == 201

        items = host.offers().json["items"]

        # tea 8,100 of 9,100 people times weight, toys 1,000
        assert [(item["lot_id"], item["terms"][0]["points"]) for item in items] == [
            (lot_id(2), 500_000 * 8_100 // 9_100),
            (lot_id(1), 500_000 * 1_000 // 9_100),
        ]

    def test_are_none_without_a_community(self, told, host):
        told.take(told.opened(), told.published(1))

        assert host.offers().json["items"] == []
        assert host.offers().json["next_cursor"] is None

    def test_follow_the_market(self, told, host):
        told.take(told.opened())
        host.found()
        assert host.offers().json["items"] == []

        told.take(told.published(1))

        eventually(lambda: len(host.offers().json["items"]) == 1)

    def test_are_answered_quickly(self, told, host):
        told.take(told.opened(), *(told.published(number) for number in range(1, 501)))
        host.found()
        host.offers()
        seconds = []

        for _ in range(30):
            began = time.thread_time()
            assert host.offers().status_code == 200
            seconds.append(time.thread_time() - began)

        # The processor time of the whole answer; the clock would measure the neighbours.
        assert statistics.median(seconds) < 0.02


class TestAnExplainedOffer:
    def test_says_why(self, told, host):
        told.take(told.opened(), told.published(1))
        host.found()

        answer = host.offer(lot_id(1))

        assert answer.status_code == 200
        assert answer.json["eligible"] is True
        assert answer.json["reasons"] == []
        (ranked,) = host.offers().json["items"]
        assert answer.json["score"] == ranked["score"]
        assert answer.json["terms"] == ranked["terms"]

    def test_says_every_reason_why_not(self, told, host):
        told.take(told.published(1, city="Beijing", packs_free=0), told.closed(1))
        host.found()

        answer = host.offer(lot_id(1))

        assert answer.json["eligible"] is False
        assert (answer.json["score"], answer.json["terms"]) == (None, [])
        assert (answer.json["offer_id"], answer.json["subsidy"]) == (None, None)
        assert [reason["code"] for reason in answer.json["reasons"]] == [
            "lot-closed",
            "sold-out",
            "offer-not-open",
            "other-city",
        ]
        assert answer.json["reasons"][3] == {
            "code": "other-city",
            "why_en": "It is offered only in beijing, where you have no community.",
            "why_zh": "仅在 beijing 发放，您在当地没有社群。",
        }

    def test_tells_a_host_that_she_has_reached_her_cap(self, told, host):
        told.take(
            told.opened(),
            told.published(1),
            told.packs("reserved", 1, claim=1, packs=2, free=8),
        )
        host.found()

        answer = host.offer(lot_id(1))

        assert [reason["code"] for reason in answer.json["reasons"]] == ["host-cap-reached"]

    def test_tells_what_is_left_of_the_offer_s_caps_and_when_it_is_too_little(self, told, host):
        limits = {
            "total_cap": CNY(500_000),
            "most_per_host": CNY(130_000),
            "most_per_period": CNY(180_000),
            "period_days": 7,
        }
        told.take(told.opened(**limits), told.published(1))
        host.found()
        before = host.offer(lot_id(1)).json

        claimed(1, HOST, NOW, status=Status.REQUESTED)
        claimed(2, HOST, NOW - timedelta(days=30))
        claimed(3, OTHER_HOST, NOW)
        claimed(4, OTHER_HOST, NOW, status=Status.REJECTED)
        claimed(5, OTHER_HOST, NOW, offer_id=an_id("off", 9))
        after = host.offer(lot_id(1)).json
        (listed,) = host.offers().json["items"]

        assert before["eligible"]
        assert before["subsidy_left"] == {
            "total": CNY(500_000),
            "host": CNY(130_000),
            "period": CNY(180_000),
            "next_period_at": "2026-03-06T16:00:00.000000Z",
        }
        assert after["subsidy_left"]["host"] == CNY(30_000)
        assert after["subsidy_left"]["period"] == CNY(80_000)
        assert [reason["code"] for reason in after["reasons"]] == ["subsidy-host-cap-reached"]
        assert listed["subsidy_left"] == after["subsidy_left"]

    def test_tells_no_caps_of_an_offer_that_has_none(self, told, host):
        told.take(told.opened(), told.published(1))
        host.found()

        assert host.offer(lot_id(1)).json["subsidy_left"] == {
            "total": CNY(100_000),
            "host": None,
            "period": None,
            "next_period_at": None,
        }

    def test_is_not_found_for_a_lot_never_heard_of(self, told, host):
        answer = host.offer(lot_id(1))

        assert (answer.status_code, answer.json["code"]) == (404, "lot-not-found")


class TestWhoMayAsk:
    @pytest.mark.parametrize("path", ["", f"/{lot_id(1)}"])
    def test_another_host_may_not(self, app, keys, told, path):
        told.take(told.opened(), told.published(1))
        stranger = Caller(app, keys, OTHER_HOST)

        answer = stranger.offer(lot_id(1)) if path else stranger.offers()

        assert (answer.status_code, answer.json["code"]) == (403, "offers-of-another-host")

    @pytest.mark.parametrize("kind", ["brand", "venue", "author"])
    def test_nobody_but_hosts_may(self, app, keys, kind):
        answer = Caller(app, keys, HOST, kind).offers()

        assert (answer.status_code, answer.json["code"]) == (403, "permission-missing")

    def test_the_platform_may(self, app, keys, told, host):
        told.take(told.opened(), told.published(1))
        host.found()
        platform = Caller(app, keys, PLATFORM, "platform", "operator")

        assert len(platform.offers().json["items"]) == 1
        assert platform.offer(lot_id(1)).json["eligible"] is True

    def test_nobody_may_without_a_token(self, app):
        assert app.test_client().get(f"/v1/hosts/{HOST}/offers").status_code == 401


class TestABadQuestion:
    @pytest.mark.parametrize(
        "query", [{"limit": 0}, {"limit": 51}, {"limit": "many"}, {"cursor": "x" * 513}]
    )
    def test_is_refused_by_its_field(self, host, query):
        answer = host.offers(**query)

        assert answer.status_code == 400
        assert list(answer.json["errors"]["query"]) == list(query)

    @pytest.mark.parametrize("cursor", ["nonsense!", "bm9uc2Vuc2U", "MTIz", "LTU6bG90", "MTo"])
    def test_cursor_is_refused_by_name(self, host, cursor):
        answer = host.offers(cursor=cursor)

        assert (answer.status_code, answer.json["code"]) == (422, "cursor-malformed")
