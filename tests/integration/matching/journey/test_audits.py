"""Audits on a real database: what was shown and claimed is counted, and each reads her own."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest

from chassis.kernel.decisions import Decision
from chassis.kernel.money import Money
from chassis.mongo import collection
from chassis.web import cursor_of
from services.matching.audits.handlers import audit_daily
from services.matching.audits.queries import MongoBooks
from services.matching.audits.repositories import MongoAudits
from services.matching.audits.use_cases import keep_audit, last_days, make_audit
from services.matching.claims.domain import Subsidy
from services.matching.claims.repositories import MongoClaims
from services.matching.offers.repositories import MongoOfferNotes
from tests.builders.matching import (
    BRAND,
    CO_HOST,
    HOST,
    NOW,
    OTHER_BRAND,
    PLATFORM_ORG,
    STARTS_AT,
    STRANGER,
    a_claim,
    a_lot,
    an_id,
)
from tests.integration.matching.inside import Peer
from tests.integration.matching.journey.auditing import DAY, a_settled_week, was_shown
from tests.integration.matching.journey.clearing import Killed

AUDITS = "/v1/audits"


@pytest.fixture
def week(world, clock):
    return a_settled_week(world, clock)


def audited(world, **body):
    answer = world.post(PLATFORM_ORG, AUDITS, body)
    assert answer.status_code == 201, answer.json
    return answer.json


def rows_for(world, who, audit_id):
    answer = world.get(who, f"{AUDITS}/{audit_id}/rows.csv")
    assert answer.content_type == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))[1:]


class TestFigures:
    def test_count_what_was_shown_claimed_and_settled_in_the_window(self, week):
        told = audited(week)

        brands, hosts = told["brands"], told["hosts"]
        assert brands["total"] == {
            "parties": 2,
            "shown": 2,
            "with_nothing": 1,
            "places": 3,
            "exposure": 2_000_000 + 630_930,
            "claims": 1,
            "packs": 2,
            "settled": 1,
            "subsidy": 80_000,
        }
        assert (hosts["total"]["claims"], hosts["total"]["settled"]) == (1, 1)
        assert (hosts["total"]["parties"], hosts["total"]["with_nothing"]) == (2, 1)
        assert (told["reachable"], told["reachable_shown"]) == (2, 2)
        assert brands["gini"]["claims"] == hosts["gini"]["subsidy"] == 0.5
        assert told["newcomers"] == {
            "hosts": 1,
            "share_of_hosts": 5_000,
            "share_of_places": 3_333,
            "share_of_claims": 0,
            "share_of_packs": 0,
            "packs_kept": 1,
            "packs_listed": 12,
            "share_kept": 1_000,
        }
        assert told["blocking"] is None

    def test_sum_the_subsidies_of_one_currency_and_tell_the_others_apart(self, week):
        euros = Money(900, "EUR")
        part = Subsidy(offer_id=an_id("off", 7), amount=euros, base=euros)
        foreign = {"id": an_id("clm", 7), "currency": "EUR", "subsidies": (part,)}
        MongoClaims().save(Decision(a_claim(host_id=CO_HOST, **foreign)))

        told = audited(week)

        assert (told["currency"], told["other_subsidies"]) == ("CNY", {"EUR": 900})
        for side in ("brands", "hosts"):
            total = told[side]["total"]
            assert (total["claims"], total["subsidy"]) == (2, 80_000)
        assert {row[-1] for row in rows_for(week, PLATFORM_ORG, told["id"])} == {"CNY"}
        seen = week.get(BRAND, f"{AUDITS}/{told['id']}").json
        assert (seen["currency"], seen["other_subsidies"]) == ("CNY", None)

    @pytest.mark.parametrize(
        ("changed", "counted"),
        [
            ({}, 2),
            ({"packs_free": 1}, 1),
            ({"closed": "sold-out"}, 0),
            ({"newcomers_until": NOW}, 0),
            ({"newcomers_until": None}, 0),
        ],
    )
    def test_count_packs_that_newcomers_could_still_have(self, world, changed, counted):
        given = {"packs_kept": 2, "newcomers_until": NOW + DAY}
        MongoOfferNotes().publish_lots([a_lot(**given | changed)])

        assert audited(world)["newcomers"]["packs_kept"] == counted

    def test_look_back_as_far_as_was_asked(self, week):
        assert audited(week, days=60)["brands"]["total"]["places"] == 4
        assert audited(week, days=1)["brands"]["total"]["places"] == 0

    def test_tell_the_blocking_pairs_of_the_last_clearing(self, week):
        for number, pairs in ((1, 3), (2, 7)):
            figures = {"figures": {"cleared": {"blocking_pairs": pairs}}}
            collection("clearings").insert_one({"_id": an_id("clr", number), "result": figures})
        collection("clearings").insert_one({"_id": an_id("clr", 3), "result": None})
        tried = {"figures": {"cleared": {"blocking_pairs": 9}}}
        dry = {"_id": an_id("clr", 4), "result": tried, "order": {"dry_run": True}}
        collection("clearings").insert_one(dry)

        assert audited(week)["blocking"] == {"clearing_id": an_id("clr", 2), "pairs": 7}


class TestAnAudit:
    def test_of_before_currencies_were_told_apart_is_read_as_it_was(self, week):
        audit_id = audited(week)["id"]
        told_apart = {"figures.currency": "", "figures.other_subsidies": ""}
        collection("audits").update_one({"_id": audit_id}, {"$unset": told_apart})

        read = week.get(PLATFORM_ORG, f"{AUDITS}/{audit_id}").json

        assert (read["currency"], read["other_subsidies"]) == (None, {})
        assert read["hosts"]["total"]["subsidy"] == 80_000

    def test_never_changes_whatever_happens_later(self, week):
        made = audited(week)
        was_shown(4, HOST, BRAND, at=STARTS_AT)

        read = week.get(PLATFORM_ORG, f"{AUDITS}/{made['id']}").json
        assert read == made
        assert audited(week)["brands"]["total"]["places"] == 4

    def test_is_listed_latest_first(self, week):
        made = [audited(week)["id"] for _ in range(3)]

        first = week.get(PLATFORM_ORG, AUDITS, limit=2).json
        rest = week.get(PLATFORM_ORG, AUDITS, limit=2, cursor=first["next_cursor"]).json

        assert [audit["id"] for audit in first["items"] + rest["items"]] == made[::-1]

    def test_is_listed_by_when_it_was_made_and_not_by_its_id(self, week, clock):
        peer = Peer(week.app, week.keys)
        for minutes, number in ((0, 7), (1, 9), (1, 8), (2, 6)):
            clock.set(STARTS_AT + DAY + timedelta(minutes=minutes))
            peer.post("/internal/audits", {"id": an_id("aud", number), "days": 7})

        listed, cursor = [], None
        for _ in range(4):
            more = week.get(PLATFORM_ORG, AUDITS, limit=1, cursor=cursor or "").json
            listed += [audit["id"] for audit in more["items"]]
            cursor = more["next_cursor"]

        assert cursor is None
        assert listed == [an_id("aud", number) for number in (6, 9, 8, 7)]
        assert peer.get("/internal/audits").json()["id"] == an_id("aud", 6)

    def test_is_not_listed_by_a_cursor_of_another_list(self, world):
        answer = world.get(PLATFORM_ORG, AUDITS, cursor=cursor_of(an_id("aud")))

        assert (answer.status_code, answer.json["code"]) == (422, "cursor-malformed")

    def test_is_made_by_the_worker_once_a_day(self, week, clock):
        week.run_tasks()
        week.run_tasks()
        clock.set(STARTS_AT + 2 * DAY)
        week.run_tasks()

        listed = week.get(PLATFORM_ORG, AUDITS).json["items"]
        assert [audit["made_by"] for audit in listed] == ["worker", "worker"]
        assert [audit["until"][:16] for audit in listed] == [
            "2026-03-05T16:00",
            "2026-03-04T16:00",
        ]

    def test_is_not_there_while_its_rows_alone_are(self, week, clock):
        class DiesBetween(MongoAudits):
            def add(self, made):
                raise Killed

        with pytest.raises(Killed):
            audit_daily(MongoBooks(), DiesBetween(), clock)
        assert collection("audit_rows").count_documents({}) == 4
        assert week.get(PLATFORM_ORG, AUDITS).json["items"] == []

        clock.set(STARTS_AT + DAY + timedelta(minutes=1))
        audit_daily(MongoBooks(), MongoAudits(), clock)

        (made,) = week.get(PLATFORM_ORG, AUDITS).json["items"]
        assert len(rows_for(week, PLATFORM_ORG, made["id"])) == 4

    def test_counted_twice_at_once_has_the_rows_of_the_one_that_is_kept(self, week):
        audits, window = MongoAudits(), last_days(60, STARTS_AT)
        first, second = (
            make_audit(
                an_id("aud", 7), window, by="x", books=MongoBooks(), audits=audits, now=counted_at
            )
            for counted_at in (STARTS_AT, STARTS_AT + timedelta(seconds=1))
        )

        keep_audit(second, audits=audits)
        keep_audit(first, audits=audits)

        assert collection("audit_rows").count_documents({}) == 8
        assert len(rows_for(week, PLATFORM_ORG, second.id)) == len(second.rows) == 4

    def test_is_shown_as_a_page_with_plots_and_without_script(self, week):
        made = audited(week)
        token = week.keys.member(PLATFORM_ORG, "platform")

        answer = week.app.test_client().get(
            f"{AUDITS}/{made['id']}",
            headers={"Authorization": f"Bearer {token}", "Accept": "text/html"},
        )

        assert answer.content_type == "text/html; charset=utf-8"
        assert answer.text.count("<svg") == 6
        assert "公平审计" in answer.text
        assert f'href="{made["id"]}/rows.csv"' in answer.text
        assert "<h2>Brands · 品牌: exposure by group · 各组曝光</h2>" in answer.text
        assert ">small · 小: 2.0</text>" in answer.text
        assert "2,630,930" not in answer.text
        assert "<script" not in answer.text
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]

    def test_of_a_window_without_anything_draws_no_evenness(self, week):
        made = audited(week, days=1)
        token = week.keys.member(PLATFORM_ORG, "platform")

        text = (
            week.app.test_client()
            .get(
                f"{AUDITS}/{made['id']}",
                headers={"Authorization": f"Bearer {token}", "Accept": "text/html"},
            )
            .text
        )

        assert made["brands"]["total"]["exposure"] == 0
        assert "<td>exposure · 曝光</td><td>nothing · 无</td>" in text
        assert text.count("<polyline") == sum(
            made[side]["total"][what] > 0
            for side in ("brands", "hosts")
            for what in ("exposure", "claims", "subsidy")
        )


class TestWhoSees:
    def test_the_platform_downloads_all_and_others_their_own(self, week):
        audit_id = audited(week)["id"]

        everything = rows_for(week, PLATFORM_ORG, audit_id)
        assert [(row[0], row[1]) for row in everything] == [
            ("brand", BRAND),
            ("brand", OTHER_BRAND),
            ("host", HOST),
            ("host", CO_HOST),
        ]
        assert rows_for(week, BRAND, audit_id) == [everything[0]]
        assert rows_for(week, CO_HOST, audit_id) == [everything[3]]
        assert rows_for(week, STRANGER, audit_id) == []

    def test_figures_of_too_few_are_hidden_from_all_but_the_platform(self, week):
        audit_id = audited(week)["id"]

        seen = week.get(BRAND, f"{AUDITS}/{audit_id}").json
        assert (seen["brands"]["total"], seen["hosts"]["gini"], seen["newcomers"]) == (
            None,
            None,
            None,
        )
        assert week.get(BRAND, AUDITS).json["items"] == [seen]
        token = week.keys.member(BRAND, "brand")
        page = week.app.test_client().get(
            f"{AUDITS}/{audit_id}",
            headers={"Authorization": f"Bearer {token}", "Accept": "text/html"},
        )
        assert "too few to be told of" in page.text
        assert "<svg" not in page.text

    def test_only_the_platform_has_one_made(self, week):
        answer = week.post(BRAND, AUDITS, {})

        assert (answer.status_code, answer.json["code"]) == (403, "permission-missing")
        assert collection("audits").count_documents({}) == 0
        assert collection("audit_rows").count_documents({}) == 0

    def test_a_wish_that_is_none_is_told_so(self, world):
        for wrong in ({"days": 0}, {"days": 181}, {"days": "7"}, {"weeks": 1}):
            assert world.post(PLATFORM_ORG, AUDITS, wrong).status_code == 400

        assert collection("audits").count_documents({}) == 0

    def test_one_that_was_never_made_is_not_there(self, world):
        for path in (f"{AUDITS}/{an_id('aud')}", f"{AUDITS}/{an_id('aud')}/rows.csv"):
            answer = world.get(PLATFORM_ORG, path)
            assert (answer.status_code, answer.json["code"]) == (404, "audit-not-found")
