"""Payouts by file and statement on a real database, as an operator sees them."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta

import pytest

from chassis import metrics
from chassis.mongo import collection
from services.payments.app import create_worker
from services.payments.reconciliations.queries import break_counts
from services.payments.releases.domain import day_of, midnight
from services.payments.settings import PaymentsSettings
from tests.builders.bank import bank_name
from tests.builders.payments import BRAND, HOST, an_id
from tests.fakes.bank import Booked, FakeBank
from tests.integration.payments.house import House, an_evening, money, settle
from tests.integration.payments.teller import BANK, PLATFORM, WINDOW, Desk, a_desk

DAY = timedelta(days=1)
OPERATIONS = "/provider-operations"


@pytest.fixture
def house(database):
    found = House(database, **BANK)
    yield found
    found.ledger.close()


@pytest.fixture
def desk(house):
    return a_desk(house)


class TestAPayout:
    def test_leaves_in_a_file_and_is_paid_when_the_statement_says_so(self, house, desk):
        (own,) = desk.bring_file()
        before = desk.payout()["state"]

        told = desk.tell(desk.bank.paid(own))

        assert (before, desk.payout()["state"]) == ("in-transit", "paid")
        assert house.balance(f"org:{HOST}:available") == 0
        assert told["closing"] == money(600_000 - 180_000)
        (line,) = desk.listed("provider=bank")
        assert (line["standing"], line["rule"], line["kind"]) == ("matched", "id", None)
        assert {row["sum"]["minor"] for row in house.trial()["currencies"]} == {0}

    def test_that_the_bank_sends_back_is_returned_and_moves_nothing(self, house, desk):
        (own,) = desk.bring_file()

        desk.tell(desk.bank.paid(own))
        house.advance(DAY)
        desk.tell(desk.bank.back(own))

        payout = desk.payout()
        assert (payout["state"], payout["code"]) == ("returned", "ac04")
        assert house.balance(f"org:{HOST}:available") == 180_000
        (refused,) = house.ask("GET", "/payout-destinations", HOST, "host").json["items"]
        assert refused["state"] == "refused"
        assert {row["sum"]["minor"] for row in house.trial()["currencies"]} == {0}

    def test_that_the_bank_refuses_before_booking_fails_and_frees_its_money(self, house, desk):
        made = desk.make_file().json
        (own,) = (row["id"] for row in house.ask("GET", OPERATIONS, *PLATFORM).json["items"])
        path = f"/bank-files/{made['id']}/refusals"
        body = {"operation_id": own, "reason": "AC01: no such account"}

        refused = house.ask("POST", path, *PLATFORM, body)
        house.work()

        assert (refused.status_code, refused.json["state"]) == (201, "failed")
        assert (desk.payout()["state"], desk.payout()["code"]) == ("failed", "refused-by-bank")
        assert house.balance(f"org:{HOST}:available") == 180_000
        (account,) = house.ask("GET", "/payout-destinations", HOST, "host").json["items"]
        assert account["state"] == "refused"
        history = house.ask("GET", f"/history?subject={own}", *PLATFORM).json["items"]
        assert history[0]["after"]["detail"] == "AC01: no such account"
        assert {row["sum"]["minor"] for row in house.trial()["currencies"]} == {0}

    def test_that_has_left_cannot_be_refused(self, house, desk):
        made = desk.make_file().json
        (own,) = desk.bank.take(desk.document(made["id"]).data)
        desk.tell(desk.bank.paid(own))
        (operation,) = house.ask("GET", OPERATIONS, *PLATFORM).json["items"]

        body = {"operation_id": operation["id"], "reason": "no"}
        answer = house.ask("POST", f"/bank-files/{made['id']}/refusals", *PLATFORM, body)

        assert (answer.status_code, answer.json["code"]) == (409, "bank-payment-ended")
        assert desk.payout()["state"] == "paid"

    @pytest.mark.parametrize(("end", "paid_anew"), [("failed", 1), ("succeeded", 0)])
    def test_whose_end_a_person_told_is_in_no_file_any_more(self, house, desk, end, paid_anew):
        (own,) = (row["id"] for row in house.ask("GET", OPERATIONS, *PLATFORM).json["items"])
        house.advance(8 * DAY)
        house.janitor.run()
        body = {"outcome": end, "reason": "No file was made for a week", "evidence": "case 12"}

        ruled = house.ask("POST", f"{OPERATIONS}/{own}/rulings", *PLATFORM, body)
        house.work()
        house.pay_out()
        made = desk.make_file()

        sent = desk.bank.take(desk.document(made.json["id"]).data) if "id" in made.json else []
        assert (ruled.status_code, ruled.json["state"]) == (201, end)
        assert (len(sent), bank_name(own) in sent) == (paid_anew, False)
        assert made.json.get("code") == (None if paid_anew else "nothing-to-send")

    def test_ends_once_when_everything_comes_twice_and_the_wrong_way_round(self, house, desk):
        (own,) = desk.bring_file()
        day = day_of(house.clock())
        left = desk.bank.statement([desk.bank.paid(own)], day, number="1")
        came = desk.bank.statement([desk.bank.back(own)], day, number="2")

        for content in (came, left, came, left):
            assert desk.upload(content).status_code == 201
            desk.reconcile()

        assert desk.payout()["state"] == "failed"
        assert house.balance(f"org:{HOST}:available") == 180_000
        assert [line["standing"] for line in desk.listed()] == ["matched", "matched"]
        assert {row["sum"]["minor"] for row in house.trial()["currencies"]} == {0}


class TestAFile:
    def test_is_the_same_bytes_each_time(self, house, desk):
        made = desk.make_file().json

        first, again = desk.document(made["id"]), desk.document(made["id"])

        assert first.data == again.data
        assert hashlib.sha256(first.data).hexdigest() == made["digest"]
        assert first.headers["Content-Type"] == "application/xml"
        assert (made["count"], made["total"]) == (1, money(180_000))
        (listed,) = house.ask("GET", "/bank-files", *PLATFORM).json["items"]
        assert listed == house.ask("GET", f"/bank-files/{made['id']}", *PLATFORM).json == made

    def test_is_none_when_nothing_waits(self, house, desk):
        desk.bring_file()

        answer = desk.make_file()

        assert (answer.status_code, answer.json["code"]) == (422, "nothing-to-send")
        assert len(house.ask("GET", "/bank-files", *PLATFORM).json["items"]) == 1

    def test_that_there_is_not_cannot_be_read(self, desk):
        answer = desk.document(an_id("bfl"))

        assert (answer.status_code, answer.json["code"]) == (404, "bank-file-not-found")


class TestAStatement:
    def test_is_told_beside_what_our_books_say(self, house, desk):
        (own,) = desk.bring_file()

        told = desk.tell(desk.bank.paid(own), Booked("fee", -7, "", "Bank"))

        assert told["closing"] == money(419_993)
        house.work()
        (listed,) = house.ask("GET", "/bank-statements", *PLATFORM).json["items"]
        assert (listed["ledger"], listed["difference"]) == (money(420_000), money(-7))

    def test_that_is_missing_is_noticed_by_the_balances_and_ends_by_itself(self, desk):
        first = day_of(desk.house.clock()) - 3 * DAY
        days = [first + n * DAY for n in range(4)]
        monday, tuesday, wednesday, thursday = (
            desk.bank.statement([Booked(f"R{n}", 5)], day) for n, day in enumerate(days)
        )
        for statement in (monday, wednesday, thursday):
            desk.upload(statement)
        assert self.adjoining(desk) == [True, False, True]

        desk.upload(tuesday)

        assert self.adjoining(desk) == [True] * 4

    def test_of_one_day_may_follow_another_of_it_in_any_order(self, desk):
        day = day_of(desk.house.clock()) - DAY
        before = desk.bank.statement([Booked("R0", 3)], day - DAY)
        noon, evening = (
            desk.bank.statement([Booked(f"R{n}", 5)], day, number=str(n)) for n in (1, 2)
        )
        for statement in (evening, noon, before):
            desk.upload(statement)

        assert self.adjoining(desk) == [True] * 3

    @staticmethod
    def adjoining(desk):
        listed = desk.house.ask("GET", "/bank-statements", *PLATFORM).json["items"]
        return [statement["adjoins"] for statement in listed]

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b"<!DOCTYPE x [<!ENTITY a 'ha'>]><x>&a;</x>", "bank-statement-unreadable"),
            (b"<x>" + b"a" * 2_500_000 + b"</x>", "bank-statement-unreadable"),
            (FakeBank().statement([], date(2026, 3, 1), closing=1), "bank-statement-unsound"),
            (
                FakeBank().statement([], date(2026, 3, 1), account="12345678"),
                "bank-statement-of-another-account",
            ),
        ],
    )
    def test_that_is_hostile_wrong_or_another_s_leaves_nothing(self, desk, content, code):
        answer = desk.upload(content)

        assert (answer.status_code, answer.json["code"]) == (422, code)
        assert collection("bank_statements").count_documents({}) == 0
        assert collection("bank_lines").count_documents({}) == 0

    def test_of_ten_megabytes_is_not_even_read(self, desk):
        assert desk.upload(b"a" * 10_000_000).status_code == 413

    def test_that_says_something_else_now_is_a_conflict(self, desk):
        opening = desk.bank.opening
        desk.tell(Booked("R1", -5))
        desk.bank.opening = opening

        changed = desk.bank.statement([Booked("R1", -6)], day_of(desk.house.clock()))

        answer = desk.upload(changed)
        assert (answer.status_code, answer.json["code"]) == (409, "bank-statement-changed")
        assert [line["amount"] for line in desk.listed()] == [money(-5)]


class TestABreak:
    def test_is_listed_with_its_kind_and_age_until_somebody_explains_it(self, house, desk):
        desk.tell(Booked("R9", 700, "", "<b>A brand</b>"))
        house.advance(DAY)
        (found,) = desk.listed("standing=open&kind=missing-here")
        path = f"/reconciliations/{found['id']}"
        shown = house.ask("GET", "/reconciliations.html", *PLATFORM)

        ended = house.ask("POST", f"{path}/endings", *PLATFORM, {"reason": "A deposit"})

        assert found["age_seconds"] >= DAY.total_seconds()
        assert break_counts(house.clock())[0]["missing-here"] == 0
        assert (ended.status_code, ended.json["standing"]) == (201, "ended")
        assert (ended.json["reason"], bool(ended.json["ended_by"])) == ("A deposit", True)
        assert desk.listed("standing=open") == []
        history = house.ask("GET", f"/history?subject={found['id']}", *PLATFORM).json["items"]
        assert [each["after"]["reason"] for each in history if each["after"]] == ["A deposit"]
        text = shown.data.decode()
        assert "&lt;b&gt;A brand" in text
        assert "对方有、我方无" in text

    def test_that_is_not_open_cannot_be_ended(self, house, desk):
        (own,) = desk.bring_file()
        desk.tell(desk.bank.paid(own))
        (line,) = desk.listed()

        path = f"/reconciliations/{line['id']}/endings"
        answer = house.ask("POST", path, *PLATFORM, {"reason": "no"})

        assert (answer.status_code, answer.json["code"]) == (409, "break-not-open")
        assert desk.listed() == [line]

    def test_is_a_payout_that_no_line_tells_of_for_five_days(self, house, desk):
        desk.bring_file()
        desk.tell()
        house.advance(6 * DAY)
        desk.reconcile()

        (found,) = desk.listed()
        (counts, oldest) = break_counts(house.clock() + DAY)

        assert (found["kind"], found["amount"]) == ("missing-there", money(-180_000))
        assert counts["missing-there"] == 1
        assert oldest >= DAY.total_seconds()

    def test_is_the_platform_s_alone(self, house, desk):
        for path in ("/reconciliations", "/reconciliations.html", "/bank-files"):
            assert house.ask("GET", path, BRAND, "brand").status_code == 403


class TestTheList:
    def test_is_read_page_by_page(self, house, desk):
        desk.tell(*(Booked(f"R{n}", n, "", "A brand") for n in (5, 6, 7)))

        seen, cursor = [], ""
        for _ in range(3):
            path = f"/reconciliations?limit=1{cursor}"
            page = house.ask("GET", path, *PLATFORM).json
            seen += [line["amount"]["minor"] for line in page["items"]]
            cursor = f"&cursor={page['next_cursor']}"

        assert (sorted(seen), page["next_cursor"]) == ([5, 6, 7], None)


class TestTheWorker:
    def test_reads_what_was_uploaded_and_shows_the_breaks_it_finds(self, house, desk, database):
        settings = PaymentsSettings(service="payments", mongo_uri=database, sandbox=True, **BANK)
        tasks = {task.name: task.function for task in create_worker(settings).tasks}
        desk.upload(desk.bank.statement([Booked("R1", 5)], day_of(house.clock())))

        tasks["reconciliation"]()
        tasks["breaks"]()
        desk.bank.opening += 7
        desk.upload(desk.bank.statement([], day_of(house.clock()) + DAY))
        tasks["statements"]()

        assert [line["kind"] for line in desk.listed()] == ["missing-here"]
        shown = metrics.exposition().decode()
        assert 'teahouse_reconciliation_breaks_open{kind="missing-here"} 1.0' in shown
        assert 'teahouse_reconciliation_breaks_open{kind="twice"} 0.0' in shown
        assert "teahouse_bank_statement_gaps 1.0" in shown


class TestTheSandboxToo:
    def test_is_reconciled_by_its_own_bill(self, database):
        house = House(database)
        settle(house, an_evening(house))
        body = {"holder": "Host & Co", "account": "6222020000001234"}
        house.ask("POST", "/payout-destinations", HOST, "host", body)
        house.janitor.run()
        noon = midnight(day_of(house.clock() + WINDOW)) + timedelta(hours=12)
        house.advance(noon - house.clock())
        house.pay_out()
        house.advance(timedelta(seconds=3))

        desk = Desk(house)  # the message about it is never brought
        desk.reconcile()

        (line,) = desk.listed("provider=sandbox")
        assert (line["standing"], line["rule"]) == ("matched", "id")
        assert desk.payout()["state"] == "paid"
        house.ledger.close()


class TestWithoutABank:
    def test_there_is_no_file_and_no_statement(self, database):
        house = House(database)

        made, taken = (
            Desk(house).make_file(),
            Desk(house).upload(FakeBank().statement([], date(2026, 3, 1))),
        )

        assert [each.json["code"] for each in (made, taken)] == ["bank-not-set-up"] * 2
        house.ledger.close()
