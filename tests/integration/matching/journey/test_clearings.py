"""Clearings on a real database: asked for over HTTP, worked out by the worker, held for hosts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chassis.kernel.decisions import Decision
from chassis.kernel.ids import id_maker
from chassis.kernel.money import Money
from chassis.mongo import atomically, collection
from services.matching.behaviour.domain import Deed, record
from services.matching.behaviour.repositories import MongoBehaviour
from services.matching.claims.queries import MongoAsked
from services.matching.claims.repositories import MongoClaims
from services.matching.clearings.adapters.market import NEWCOMERS, MongoMarket
from services.matching.clearings.adapters.solving import SolvedApart
from services.matching.clearings.domain import Stage, market_of
from services.matching.clearings.engine.clear import clear
from services.matching.clearings.handlers import ask_each_week, clear_next
from services.matching.clearings.repositories import MongoAssignments, MongoClearings
from services.matching.clearings.use_cases import Bench, SolverFailed
from services.matching.holds.repositories import MongoHolds
from services.matching.holds.use_cases import HoldDesk
from services.matching.offers.domain import Restrictions
from services.matching.offers.engine.facts import Caps
from services.matching.offers.repositories import MongoOfferBook, MongoOfferNotes, MongoShelf
from sharing.eligibility import Clause
from tests.builders.matching import (
    BRAND,
    CO_HOST,
    HOST,
    NOW,
    OTHER_BRAND,
    PLATFORM_ORG,
    STRANGER,
    VENUE_OWNER,
    a_claim,
    a_lot,
    an_id,
    an_offer,
)
from tests.integration.matching.journey.world import A_CLAIM
from tests.unit.matching.clearings.builders import an_order, gathered

LOTS = [an_id("lot", number) for number in (1, 2)]
CLEARINGS = "/v1/clearings"
DRY = {"dry_run": True}
WET = {"dry_run": False}


class Killed(BaseException):
    """The process ends here, whatever it was about to do."""


def no_news(_done, _total) -> None:
    """Nobody watches."""


def a_bench(**changes) -> Bench:
    """The worker's own, but that it waits for nothing and solves in this process."""
    bench = Bench(
        clearings=MongoClearings(),
        assignments=MongoAssignments(),
        gather=MongoMarket(claims_each=1),
        solve=clear,
        desk=HoldDesk(MongoHolds(), MongoShelf(), MongoAsked()),
        book=MongoOfferBook(),
        settle_seconds=6.0,
        wait=lambda _seconds: None,
    )
    return bench._replace(**changes)


@pytest.fixture
def market(world):
    """One pack of each of two lots, and two hosts who may have one claim each."""
    notes = MongoOfferNotes()
    notes.publish_lots([a_lot(id=lot, packs_free=1, packs_total=1) for lot in LOTS])
    return world


def gather(**changes):
    """The market as it stands."""
    given = {"claims_each": 1} | changes
    return MongoMarket(**given)(an_order(), NOW, no_news)


def pairs(found):
    return {(each.host_id, each.shelf) for each in found.candidates}


class TestTheMarket:
    def test_is_what_each_host_may_claim_now(self, market):
        found = gather()

        assert pairs(found) == {(host, lot) for host in (HOST, CO_HOST) for lot in LOTS}
        assert {asker.capacity for asker in found.askers.values()} == {1}
        assert found.packs == dict.fromkeys(LOTS, 1)
        assert found.money == {BRAND: 800_000}
        assert {each.subsidy for each in found.candidates} == {80_000}
        assert market_of(found).budget is None

    def test_counts_neither_claims_nor_holds_twice(self, market):
        market.claim(packs=1)

        found = gather()

        assert pairs(found) == {(CO_HOST, LOTS[1])}
        assert found.money == {BRAND: 720_000}

    def test_leaves_out_what_a_claim_would_be_refused(self, market):
        tea = Clause(name="big", when="community_size >= 500", en="Be many.", zh="人多。")
        MongoOfferNotes().open_offers([an_offer(eligibility=(tea,))])

        assert pairs(gather()) == set()

    def test_leaves_out_goods_that_may_not_go_to_gatherings(self, market):
        online = Restrictions(channels=("online",))
        MongoOfferNotes().publish_lots([a_lot(id=LOTS[0], restrictions=online)])

        assert {lot for _, lot in pairs(gather())} == {LOTS[1]}

    def test_puts_up_no_more_than_a_hosts_cap_allows(self, market):
        MongoOfferNotes().open_offers([an_offer(caps=Caps(per_host=80_000))])

        assert len(pairs(gather(claims_each=2))) == 2

    def test_keeps_newcomers_packs_for_newcomers(self, market):
        until = NOW + timedelta(days=1)
        MongoOfferNotes().publish_lots(
            [a_lot(id=LOTS[0], packs_free=3, packs_kept=2, newcomers_until=until)]
        )
        deed = record(Deed.SETTLED, HOST, gathering_id=an_id("gth"), origin=an_id("gth"), at=NOW)
        atomically(lambda: MongoBehaviour().append([deed]))

        found = gather()

        assert (HOST, LOTS[0]) in pairs(found)
        assert (CO_HOST, LOTS[0] + NEWCOMERS) in pairs(found)
        assert found.packs[LOTS[0]] == 1
        assert found.packs[LOTS[0] + NEWCOMERS] == 2

    def test_gives_a_host_room_for_as_many_as_she_holds(self, market):
        deeds = [
            record(Deed.SETTLED, HOST, gathering_id=origin, origin=origin, at=at)
            for origin, at in [
                (an_id("gth", 1), NOW - timedelta(days=1)),
                (an_id("gth", 2), NOW - timedelta(days=27)),
                (an_id("gth", 3), NOW - timedelta(days=29)),
            ]
        ]
        atomically(lambda: MongoBehaviour().append(deeds))

        assert gather().askers[HOST].capacity == 2
        atomically(lambda: MongoClaims().save(Decision(a_claim())))
        assert gather().askers[HOST].capacity == 1


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

    @pytest.mark.parametrize(
        "wrong",
        [
            {},
            {"dry_run": True, "rule": "whatever"},
            {"dry_run": True, "first_host_bonus": -1},
            {"dry_run": True, "period": "This week!"},
            {"dry_run": True, "horizon_days": 0},
        ],
    )
    def test_refuses_what_makes_no_sense(self, market, wrong):
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
        theirs = {"lot_id": mine["lot_id"], "community_id": an_id("com", 2), "packs": 1}
        refused = market.post(CO_HOST, "/v1/claims", A_CLAIM | theirs)
        assert refused.json["code"] == "held-for-another"
        assert market.claim(lot_id=mine["lot_id"], packs=1)

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
        ask_each_week(MongoClearings(), id_maker(lambda: NOW), lambda: NOW)
        assert collection("clearings").count_documents({}) == 2

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
        assert HOST in page.text
        assert CO_HOST not in page.text


class TestAProcessThatDies:
    @pytest.mark.parametrize("at", [1, 2, 3])
    def test_before_the_result_leaves_a_clearing_that_is_begun_anew(self, market, at):
        clearing_id = market.post(PLATFORM_ORG, CLEARINGS, WET).json["id"]
        deaths = {1: {"gather": die}, 2: {"solve": die}, 3: {"wait": die}}

        with pytest.raises(Killed):
            clear_next(a_bench(**deaths[at]), lambda: NOW)
        died = MongoClearings().get(clearing_id)
        assert died.stage in {Stage.GATHERING, Stage.SOLVING, Stage.HOLDING}
        assert clear_next(a_bench(), lambda: NOW)

        again = MongoClearings().get(clearing_id)
        assert (again.stage, again.attempts, again.held) == (Stage.CLEARED, 2, 2)
        assert collection("holds").count_documents({}) == 2
        assert collection("clearing_assignments").count_documents({}) == 2
        assert market.facts(clearing_id) == ["matching.clearing.cleared.v1"]

    def test_while_it_holds_is_taken_up_where_it_stopped(self, market, monkeypatch):
        clearing_id = market.post(PLATFORM_ORG, CLEARINGS, WET).json["id"]
        monkeypatch.setattr("services.matching.clearings.use_cases.running.HELD_AT_ONCE", 1)

        class DiesAfterOne(MongoClearings):
            def tell(self, clearing_id, stage, done, total):
                if stage is Stage.HOLDING:
                    raise Killed
                super().tell(clearing_id, stage, done, total)

        with pytest.raises(Killed):
            clear_next(a_bench(clearings=DiesAfterOne()), lambda: NOW)
        assert collection("holds").count_documents({}) == 1
        assert clear_next(a_bench(gather=die, solve=die), lambda: NOW)

        again = MongoClearings().get(clearing_id)
        assert (again.stage, again.held) == (Stage.CLEARED, 2)
        assert collection("holds").count_documents({}) == 2

    def test_one_that_was_only_slow_gives_way_to_the_next(self, market):
        clearing_id = market.post(PLATFORM_ORG, CLEARINGS, WET).json["id"]

        def solve_while_another_does_it(problem, policy):
            assert clear_next(a_bench(), lambda: NOW)
            return clear(problem, policy)

        assert clear_next(a_bench(solve=solve_while_another_does_it), lambda: NOW)

        done = MongoClearings().get(clearing_id)
        assert (done.stage, done.attempts, done.result.attempt) == (Stage.CLEARED, 2, 2)
        shown = market.get(PLATFORM_ORG, f"{CLEARINGS}/{clearing_id}/assignments").json["items"]
        assert [each["fate"] for each in shown] == ["held", "held"]

    def test_a_solver_that_fails_ends_the_clearing_with_its_words(self, market):
        clearing_id = market.post(PLATFORM_ORG, CLEARINGS, WET).json["id"]
        broken = SolvedApart(command=("/bin/sh", "-c", "echo out of memory >&2; exit 9"))

        assert clear_next(a_bench(solve=broken), lambda: NOW)

        failed = market.get(PLATFORM_ORG, f"{CLEARINGS}/{clearing_id}").json
        assert failed["stage"] == "failed"
        assert failed["failure"] == "the solver ended with 9: out of memory"
        assert market.post(PLATFORM_ORG, CLEARINGS, WET).status_code == 202

    def test_a_solver_that_takes_too_long_is_ended(self):
        slow = SolvedApart(longest_seconds=0.2, command=("/bin/sleep", "20"))

        with pytest.raises(SolverFailed, match="no answer within"):
            slow(market_of(gathered()), an_order().policy)


def die(*_args, **_named):
    raise Killed
