"""The platform's reports of an evening, and the books checked by another program."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from chassis.kernel.time import system_clock
from chassis.signer import Signer
from services.payments.accounting.queries import AccountingQueries
from services.payments.ledger.repositories.segments import MongoLog
from services.payments.ledger.repositories.writer import Writer
from services.payments.proofs.repositories import MongoDays, signing
from services.payments.proofs.use_cases import DaySealer
from tests.builders.payments import BRAND, HOST, an_id
from tests.integration.payments.house import money, settle
from tests.property.ledger_random import RandomEntries
from tests.unit.payments.ledger.books import MARKET, MovableClock

ZONE = ZoneInfo("Asia/Shanghai")
BEAN_CHECK = Path(sys.executable).parent / "bean-check"


def ask(house, path):
    return house.ask("GET", f"/accounting{path}", "org_platform", "platform")


def bean_check(text, folder):
    """What beancount finds wrong with the text; empty when nothing."""
    path = folder / "books.beancount"
    path.write_text(text, encoding="utf-8")
    ended = subprocess.run(
        [BEAN_CHECK, "--no-cache", path], capture_output=True, text=True, check=False
    )
    return ended.stderr + ended.stdout if ended.returncode else ""


class TestTrialBalance:
    def test_tells_accounts_apart_by_kind_and_adds_up(self, house, evening):
        settle(house, evening)

        found = ask(house, "/trial-balance").json

        lines = {line["accounts"]: line["minor"] for line in found["lines"]}
        assert lines["org:*:pending"] == 300_000 + 180_000 + 40_000 + 25_000 + 10_000
        assert lines["platform:fees"] == 25_000
        assert lines["external:provider"] == -600_000
        assert found["balanced"] is True

    def test_of_a_closed_day_stays_what_it_was(self, house, evening):
        settle(house, evening)
        now = system_clock()
        day = now.astimezone(ZONE).date()
        sealer = DaySealer("main", ZONE, MongoLog(), MongoDays("main"), signing(Signer()))
        sealer.run(now + timedelta(days=1))
        then = ask(house, "/trial-balance").json["lines"]

        house.hear(
            "payments.command.refund-sale.v1",
            gathering_id=evening["gathering"],
            claim_id=evening["claim"],
            sale_id=evening["sales"][0],
            refund_id=an_id("rfd"),
            amount=money(31_250),
        )
        house.work()

        closed = ask(house, f"/trial-balance?day={day}").json
        assert closed["day"] == day.isoformat()
        assert closed["lines"] == then
        assert ask(house, "/trial-balance").json["lines"] != then

    def test_of_a_day_that_is_not_closed_is_not_there(self, house):
        answer = ask(house, "/trial-balance?day=2020-01-01")

        assert (answer.status_code, answer.json["code"]) == (404, "day-not-closed")


class TestAgeing:
    def test_lists_everybody_who_is_owed_something_page_by_page(self, house, evening):
        settle(house, evening)
        found, cursor = {}, ""
        while cursor is not None:
            page = ask(house, f"/ageing?limit=2{cursor and f'&cursor={cursor}'}").json
            found |= {line["account"]: line for line in page["items"]}
            cursor = page["next_cursor"]

        assert len(found) == 5
        assert found[f"org:{BRAND}:pending"]["bands"][0]["minor"] == 300_000
        assert all(
            sum(band["minor"] for band in line["bands"]) == line["minor"]
            for line in found.values()
        )
        assert found[f"org:{HOST}:pending"]["minor"] == 180_000


class TestIncome:
    def test_is_what_the_platform_earned_less_what_it_gave_back(self, house, evening):
        settle(house, evening)
        house.hear(
            "payments.command.refund-sale.v1",
            gathering_id=evening["gathering"],
            claim_id=evening["claim"],
            sale_id=evening["sales"][0],
            refund_id=an_id("rfd"),
            amount=money(31_250),
        )
        house.work()

        period = "from=2000-01-01T00:00:00Z&to=2100-01-01T00:00:00Z"
        lines = {line["code"]: line for line in ask(house, f"/income?{period}").json["lines"]}

        assert lines["settlement"]["earned"] == 25_000
        assert lines["refund"]["returned"] in {-1_562, -1_563}
        net = sum(line["net"] for line in lines.values())
        assert net == house.balance("platform:fees")


class TestBeancount:
    def test_finds_the_evening_right(self, house, evening, tmp_path):
        settle(house, evening)

        text = ask(house, "/books.beancount").get_data(as_text=True)

        assert "Income:Platform:FEES:CNY  -250.00 CNY" in text
        assert bean_check(text, tmp_path) == ""

    @pytest.mark.usefixtures("database")
    def test_finds_random_books_in_several_currencies_right_and_changed_ones_wrong(self, tmp_path):
        clock = MovableClock()
        writer, source = Writer(MARKET, MongoLog(), clock), RandomEntries(4, clock, accounts=5)
        for _ in range(20):
            writer.book(source.batch(20))
            clock.forward(hours=7)

        text = "".join(AccountingQueries(MARKET, ZONE, MongoLog()).beancount())

        assert bean_check(text, tmp_path) == ""
        start, amount, end = text.rpartition(".")
        changed = start + amount + str((int(end[0]) + 1) % 10) + end[1:]
        assert "Balance failed" in bean_check(changed, tmp_path)
