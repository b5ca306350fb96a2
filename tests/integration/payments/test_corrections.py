"""Corrections over HTTP and the real books: from an operator's word to the next payout."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chassis.kernel.ids import derived_id
from chassis.mongo import collection
from services.payments.corrections.repositories import MongoCorrections
from tests.builders.payments import BRAND, HOST, VENUE, an_id
from tests.integration.payments.house import an_evening, money, settle

WINDOW = timedelta(days=9)
PLATFORM = ("org_platform", "platform")
CORRECTED = "payments.settlement.corrected.v1"
WHY = {"en": "The same ticket was let in five times", "zh": "同一张签到票入场五次"}


def path_of(evening):
    return f"/settlements/{derived_id('stl', evening['gathering'])}/corrections"


def correct(house, evening, checked_in, who=PLATFORM):
    body = {"checked_in": checked_in, "why": WHY}
    answer = house.ask("POST", path_of(evening), *who, body)
    house.work()
    return answer


def host(house, kind):
    return house.balance(f"org:{HOST}:{kind}")


def fund(house, evening):
    return house.balance(f"offer:{evening['offer']}:fund")


@pytest.fixture
def settled(house, evening):
    """Sixteen came, so that the host waits for 80,000 of subsidy and 100,000 of takings."""
    settle(house, evening)
    return evening


class TestCorrection:
    def test_brings_the_subsidy_back_and_tells_both_sides_why(self, house, settled):
        answer = correct(house, settled, 11)

        assert (answer.status_code, answer.json["state"]) == (202, "planned")
        assert answer.json["clawed_back"] == money(80_000)
        assert (host(house, "pending"), fund(house, settled)) == (100_000, 100_000)
        for who, kind in ((HOST, "host"), (BRAND, "brand")):
            (told,) = house.ask("GET", path_of(settled), who, kind).json["items"]
            assert (told["state"], told["checked_in"]) == ("booked", 11)
            assert (told["why_en"], told["why_zh"]) == (WHY["en"], WHY["zh"])
        assert {row["sum"]["minor"] for row in house.trial()["currencies"]} == {0}
        (fact,) = collection("outbox").find({"type": CORRECTED})
        assert fact["subject"] == answer.json["id"]

    def test_the_same_again_changes_nothing(self, house, settled):
        first = correct(house, settled, 11).json
        pages = (host(house, "pending"), fund(house, settled))

        again = correct(house, settled, 11)

        assert (again.status_code, again.json["id"]) == (202, first["id"])
        assert (host(house, "pending"), fund(house, settled)) == pages
        assert collection("outbox").count_documents({"type": CORRECTED}) == 1

    def test_is_found_by_the_explanation_of_its_entry(self, house, settled):
        correction = correct(house, settled, 11).json
        settlement = derived_id("stl", settled["gathering"])
        entry = derived_id("ent", correction["id"], settlement, "clawback")

        told = house.ask("GET", f"/entries/{entry}/explanation", HOST, "host").json

        assert told["reason"]["correction_id"] == correction["id"]
        moved = {leg["account"]: leg["minor"] for leg in told["legs"] if leg["minor"]}
        assert moved == {
            f"org:{HOST}:pending": -80_000,
            f"claim:{settled['claim']}:escrow": 80_000,
        }

    def test_lies_in_mongodb_as_it_was_decided(self, house, settled):
        correction = correct(house, settled, 11).json

        found = MongoCorrections().find(correction["id"])

        assert MongoCorrections().of(found.settlement_id) == [found]
        (taken,) = found.takes
        assert (taken.returned, taken.account) == ((80_000,), f"org:{HOST}:pending")


class TestWhatWasPaidOut:
    def test_is_a_debt_that_the_next_payout_leaves_behind_and_her_statement_tells(
        self, house, settled
    ):
        account = {"holder": "Host & Co", "account": "6222020000001234"}
        house.ask("POST", "/payout-destinations", HOST, "host", account)
        house.janitor.run()
        house.end_returns()
        house.pay_out()

        correct(house, settled, 11)
        assert (host(house, "debt"), fund(house, settled)) == (-80_000, 100_000)
        settle(house, an_evening(house))
        house.advance(WINDOW)
        house.pay_out()

        paid = house.ask("GET", "/payouts", HOST, "host").json["items"]
        last = max(paid, key=lambda each: each["day"])
        assert last["amount"] == money(180_000 - 80_000)
        told = house.ask("GET", f"/payouts/{last['id']}/explanation", HOST, "host").json
        kept = next(line for line in told["lines"] if line["why_en"] == "Kept for what is owed")
        assert (kept["minor"], kept["why_zh"]) == (-80_000, "留作偿还欠款")
        assert (house.recover(), host(house, "debt")) == (1, 0)
        period = "currency=CNY&from=2020-01-01T00:00:00Z&to=2040-01-01T00:00:00Z"
        for kind, minor, english, chinese in (
            ("debt", -80_000, f"Subsidy clawed back, 11 checked in: {WHY['en']}", "追回补贴"),
            (
                "available",
                -80_000,
                "Pays what is owed after a refund, a clawback or a dispute",
                "偿还",
            ),
        ):
            asked = f"/statements?account=org:{HOST}:{kind}&{period}"
            lines = house.ask("GET", asked, HOST, "host").json["lines"]
            (line,) = [each for each in lines if each["why"]["en"] == english]
            assert line["amount"]["minor"] == minor
            assert chinese in line["why"]["zh"]

    def test_comes_out_of_what_may_be_paid_out_while_it_is_there(self, house, settled):
        house.end_returns()
        house.release()

        correct(house, settled, 11)

        assert (host(house, "available"), host(house, "debt")) == (100_000, 0)


class TestWhoMay:
    def test_is_the_platform_alone_so_that_neither_side_can(self, house, settled):
        before = (host(house, "pending"), fund(house, settled))

        answers = [
            correct(house, settled, 0, who)
            for who in ((BRAND, "brand"), (HOST, "host"), (VENUE, "venue"))
        ]

        assert {answer.status_code for answer in answers} == {403}
        assert (host(house, "pending"), fund(house, settled)) == before

    def test_others_are_told_that_there_is_no_settlement(self, house, settled):
        answer = house.ask("GET", path_of(settled), an_id("org"), "host")

        assert (answer.status_code, answer.json["code"]) == (404, "settlement-not-found")


class TestRefusal:
    def test_of_as_many_as_count_now(self, house, settled):
        answer = correct(house, settled, 16)

        assert (answer.status_code, answer.json["code"]) == (422, "outcome-not-lower")
        assert answer.json["checked_in"] == 16
        assert answer.json["hint"]
        assert collection("corrections").count_documents({}) == 0

    @pytest.mark.parametrize(
        "body",
        [
            {"checked_in": -1, "why": WHY},
            {"checked_in": 1.5, "why": WHY},
            {"checked_in": 1},
            {"checked_in": 1, "why": {"en": "Only this"}},
        ],
    )
    def test_of_what_is_no_correction(self, house, settled, body):
        answer = house.ask("POST", path_of(settled), *PLATFORM, body)

        assert answer.status_code == 400
        assert collection("corrections").count_documents({}) == 0
