"""Milestones over HTTP, MongoDB and the real books: facts, clocks, both sides, the platform."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chassis.kernel.ids import derived_id
from chassis.mongo import collection
from chassis.turns import Turns
from services.payments.milestones.handlers import advance_due
from services.payments.milestones.repositories import MongoSchedules
from tests.builders.payments import BRAND, HOST, VENUE, an_id
from tests.integration.payments.house import settle
from tests.unit.payments.milestones.evenings import a_subsidy

DAY = timedelta(days=1)
PLATFORM = ("org_platform", "platform")
SIDES = {BRAND: "brand", HOST: "host"}
ADVANCE, REST = 20_000, 60_000


class Evening:
    """A claim of 800 yuan whose brand and host agreed on milestones, and its gathering."""

    def __init__(self, house, evening, **said):
        self.house, self.claim, self.offer = house, evening["claim"], evening["offer"]
        self.gathering, self.evening = evening["gathering"], evening
        path = f"/share-contracts/{derived_id('ctr', self.claim)}"
        text = self.ask("GET", path, BRAND).json["versions"][0]["terms"]
        changed = text | {"subsidy": a_subsidy(**said)}
        drafted = self.ask("POST", f"{path}/versions", BRAND, {"contract": changed}).json
        for who in SIDES:
            digest = {"digest": drafted["versions"][-1]["digest"]}
            self.ask("POST", f"{path}/signatures", who, digest)
        assert self.ask("POST", f"{path}/publications", HOST).json["in_force"] == 2
        self.tell("planned", claim_id=self.claim, host_id=HOST)
        self.tell("opened")

    def ask(self, method, path, who, body=None):
        kind = SIDES.get(who, "platform" if who == PLATFORM[0] else "venue")
        return self.house.ask(method, path, who, kind, body)

    def tell(self, fact, **said):
        """A fact of matching's; it arrives twice."""
        for _ in range(2):
            self.house.hear(
                f"matching.gathering.{fact}.v1",
                at=self.house.clock(),
                gathering_id=self.gathering,
                **said,
            )

    def hold(self, heads=16):
        self.tell("held", checked_in=heads)

    def wait(self, span):
        """Let time pass, and the clocks be looked at."""
        self.house.advance(span)
        advance_due(self.house.ladder, self.house.clock, Turns("milestones"))
        self.house.work()

    def say(self, word, who, milestone, why="Nobody was there", **more):
        body = {"milestone": milestone, "why": why, **more}
        answer = self.ask("POST", f"/milestones/{self.claim}/{word}", who, body)
        self.house.work()
        return answer

    def read(self, name, who=HOST):
        told = self.ask("GET", f"/milestones/{self.claim}", who).json
        return next(each for each in told["milestones"] if each["name"] == name)

    @property
    def books(self):
        """What is in escrow, what waits for the host, and what is back in the fund."""
        paths = (f"claim:{self.claim}:escrow", f"org:{HOST}:pending", f"offer:{self.offer}:fund")
        held, hers, fund = (self.house.balance(path) for path in paths)
        return held, hers, fund - 20_000  # what the offer had beside the claim


@pytest.fixture
def opened(house, evening):
    return Evening(house, evening)


class TestClocks:
    def test_free_what_is_proven_when_the_brand_is_silent(self, house, opened):
        opened.hold(9)
        opened.wait(2 * DAY)
        assert opened.books == (80_000, 0, 0)

        opened.wait(1.1 * DAY)

        # Nine are half of it, of the advance too, since they were counted before it was freed.
        assert opened.books == (0, 40_000, 40_000)
        told = opened.read("evening")
        assert (told["state"], told["ruled"]["by"], told["is_booked"]) == (
            "released",
            "silence",
            True,
        )
        assert [line["minor"] for line in told["lines"]] == [-60_000, 30_000, 30_000]
        assert told["lines"][1]["why_zh"].startswith("获得补贴，活动举办：已证明")
        assert {row["sum"]["minor"] for row in house.trial()["currencies"]} == {0}

    def test_return_what_is_not_proven_when_the_host_is_silent(self, opened):
        opened.wait(4 * DAY)
        assert opened.books == (REST, ADVANCE, 0)

        opened.wait(60 * DAY)

        assert opened.books == (0, ADVANCE, REST)
        assert opened.read("evening")["ruled"]["by"] == "unproven"

    def test_let_what_was_released_be_paid_out_like_any_share(self, house, opened):
        opened.wait(4 * DAY)

        opened.wait(9 * DAY)
        house.release()

        assert (opened.books[1], house.balance(f"org:{HOST}:available")) == (0, ADVANCE)

    def test_wait_for_nobody_twice(self, house, opened):
        opened.hold()
        opened.wait(4 * DAY)
        once = opened.books

        opened.wait(DAY)

        assert opened.books == once
        facts = collection("outbox").find({"type": "payments.milestone.ended.v1"})
        assert len(list(facts)) == 2


class TestObjection:
    def test_is_heard_answered_and_ruled_on(self, opened):
        opened.hold()
        objected = opened.say("objections", BRAND, "evening")
        early = opened.say("rulings", PLATFORM[0], "evening", ending="return")
        opened.wait(4 * DAY)
        answered = opened.say("answers", HOST, "evening", "Here is the list of tickets")

        ruled = opened.say("rulings", PLATFORM[0], "evening", "Seen the list", ending="release")

        assert (objected.status_code, answered.status_code, ruled.status_code) == (201,) * 3
        assert (early.status_code, early.json["code"]) == (422, "other-side-unheard")
        told = opened.read("evening", BRAND)
        assert told["objection"]["side"] == "brand"
        assert told["objection"]["answer"] == "Here is the list of tickets"
        assert (told["ruled"]["by"], told["ruled"]["why"]) == ("platform", "Seen the list")
        assert opened.books == (0, 80_000, 0)
        schedule = MongoSchedules().get(opened.claim)
        assert schedule.milestone("evening").objection.organization_id == BRAND

    def test_cannot_freeze_it_since_the_default_counts_in_time(self, house, evening):
        opened = Evening(house, evening, otherwise="release")
        opened.hold()
        opened.say("objections", BRAND, "evening")

        opened.wait(7.1 * DAY)

        assert opened.read("evening")["ruled"]["by"] == "default"
        assert opened.books == (0, 80_000, 0)

    def test_is_decided_at_once_where_the_count_decides(self, house, evening):
        opened = Evening(house, evening, by="heads")
        opened.hold(7)

        opened.say("objections", BRAND, "evening")

        assert opened.read("evening")["ruled"]["by"] == "heads"
        assert opened.books == (ADVANCE, 0, REST)


class TestNeitherSideAlone:
    def test_can_rule(self, opened):
        opened.hold()
        opened.say("objections", BRAND, "evening")

        answers = [opened.say("rulings", who, "evening", ending="release") for who in SIDES]

        assert {answer.status_code for answer in answers} == {403}
        assert opened.read("evening")["state"] == "objected"
        assert opened.books == (80_000, 0, 0)

    @pytest.mark.parametrize(
        ("word", "who", "milestone", "status", "code"),
        [
            ("objections", HOST, "advance", 422, "nothing-to-object-to"),
            ("objections", BRAND, "evening", 422, "nothing-to-object-to"),
            ("objections", BRAND, "encore", 404, "milestone-not-found"),
            ("objections", VENUE, "advance", 404, "milestones-not-found"),
            ("answers", HOST, "advance", 422, "milestone-not-objected"),
        ],
    )
    def test_has_a_word_where_it_has_none(self, opened, word, who, milestone, status, code):
        before = MongoSchedules().get(opened.claim)

        answer = opened.say(word, who, milestone)

        assert (answer.status_code, answer.json["code"]) == (status, code)
        assert answer.json["hint"]
        assert MongoSchedules().get(opened.claim) == before

    def test_reads_what_is_not_its_matter(self, opened):
        path = f"/milestones/{opened.claim}"

        found = {opened.ask("GET", path, who).status_code for who in (*SIDES, PLATFORM[0])}
        stranger = opened.ask("GET", path, an_id("org"))
        nothing = opened.ask("GET", "/milestones/none", PLATFORM[0])

        assert found == {200}
        assert nothing.status_code == 404
        assert (stranger.status_code, stranger.json["code"]) == (404, "milestones-not-found")

    @pytest.mark.parametrize("body", [{"milestone": "evening"}, {"why": "x"}, {}])
    def test_is_heard_without_saying_what_and_why(self, opened, body):
        path = f"/milestones/{opened.claim}/objections"

        assert opened.ask("POST", path, BRAND, body).status_code == 400


class TestEnds:
    def test_a_gathering_that_is_called_off_gives_all_of_it_back(self, house, opened):
        opened.wait(4 * DAY)
        opened.tell("cancelled", claim_id=opened.claim, host_id=HOST)

        house.hear(
            "payments.command.cancel-gathering.v1",
            gathering_id=opened.gathering,
            claim_id=opened.claim,
            offer_id=opened.offer,
        )
        house.work()
        opened.wait(DAY)  # what had to wait for the milestones is tried again

        assert opened.books == (0, 0, 80_000)
        assert collection("outbox").count_documents({"type": CLAWED_BACK}) == 1

    def test_a_settlement_leaves_the_subsidy_to_the_milestones(self, house, opened):
        opened.hold()
        settle(house, opened.evening)
        assert opened.books == (80_000, 100_000, 0)

        opened.wait(4 * DAY)

        assert opened.books == (0, 180_000, 0)

    def test_a_correction_takes_back_of_each_what_it_paid_beyond(self, house, opened):
        opened.hold()
        opened.wait(4 * DAY)
        settle(house, opened.evening)
        path = f"/settlements/{derived_id('stl', opened.gathering)}/corrections"
        why = {"en": "Copied tickets", "zh": "签到票系复制"}

        answer = opened.ask("POST", path, PLATFORM[0], {"checked_in": 9, "why": why})
        house.work()

        assert answer.json["clawed_back"]["minor"] == 40_000
        assert opened.books == (0, 140_000, 40_000)
        assert {row["sum"]["minor"] for row in house.trial()["currencies"]} == {0}


CLAWED_BACK = "payments.milestone.clawed-back.v1"
