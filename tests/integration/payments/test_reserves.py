"""A rolling reserve on the real books: kept of payouts, freed by the clock, first to pay debts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chassis.kernel.money import Money
from services.payments.debts.domain import Debt
from services.payments.debts.use_cases import recover_debts
from services.payments.ledger.domain import transfer
from tests.builders.payments import HOST, VENUE, an_id
from tests.integration.payments.house import settle
from tests.integration.payments.test_disputes import Stage
from tests.integration.payments.test_payouts import PLATFORM, available, name_account, payouts

CNY, DAY = "CNY", timedelta(days=1)
RESERVE = f"org:{HOST}:reserve"


def keep(house, basis_points=2_000, days=30, who=PLATFORM, **more):
    body = {"organization_id": HOST, "basis_points": basis_points, "days": days}
    words = {"why_en": "A first season", "why_zh": "首个季度"}
    return house.ask("POST", "/reserves", *who, body | words | more)


@pytest.fixture
def paid(house, evening):
    """A fifth of what is released stays for thirty days; the rest of 1,800.00 was paid out."""
    assert keep(house).status_code == 201
    settle(house, evening)
    name_account(house, HOST, "host")
    house.end_returns()
    house.pay_out()
    house.advance(timedelta(minutes=1))
    house.post()
    return evening


def move(house, source, target, minor):
    """Book what a lost dispute, an evening or a refund does to the accounts of the host."""
    entry = transfer(an_id("ent"), source, target, Money(minor, CNY), "correction")
    house.ledger.submit([entry])[0].or_raise()
    house.projector.run()


class TestARollingReserve:
    def test_can_be_set_for_who_has_an_invoice_title_too(self, house):
        title = {"title": "杭州某某商店", "tax_number": "91330100MA2GK0XXXX"}
        assert house.ask("PUT", "/invoice-title", HOST, "host", title).status_code == 200

        assert keep(house).status_code == 201

    def test_stays_behind_of_what_is_released_and_says_why(self, house, paid):
        (payout,) = payouts(house)

        assert payout["amount"]["minor"] == 180_000 - 36_000
        assert house.balance(RESERVE) == 36_000
        told = house.ask("GET", f"/payouts/{payout['id']}/explanation", HOST, "host").json
        assert {
            "minor": -36_000,
            "why_en": "Kept in reserve for returns: A first season",
            "why_zh": "留作退货准备金：首个季度",
        } in told["lines"]
        path = f"/statements?account={RESERVE}&from=2000-01-01T00:00:00Z&to=2100-01-01T00:00:00Z"
        (line,) = house.ask("GET", path, HOST, "host").json["lines"]
        assert (line["amount"]["minor"], line["why"]["zh"]) == (36_000, "留作退货准备金：首个季度")

    def test_is_freed_by_the_clock_though_nothing_else_comes(self, house, paid):
        house.advance(29 * DAY)
        house.pay_out()
        assert len(payouts(house)) == 1

        house.advance(2 * DAY)
        house.pay_out()

        assert {each["amount"]["minor"] for each in payouts(house)} == {144_000, 36_000}
        assert house.balance(RESERVE) == 0

    def test_pays_first_when_a_dispute_is_lost_after_payout(self, house, paid):
        stage = Stage(house, paid)

        stage.rule(stage.open(), "lost")

        assert house.balance(f"org:{HOST}:debt") == 0
        assert house.balance(RESERVE) == 36_000 - 6_250

    def test_pays_by_the_clock_what_it_has_of_a_larger_debt(self, house, paid):
        stage = Stage(house, paid)
        for sale in paid["sales"]:
            stage.sale = sale
            stage.rule(stage.open(), "lost")
        house.recover()

        # Of 100,000 of shares 36,000 were in reserve.
        assert (house.balance(RESERVE), house.balance(f"org:{HOST}:debt")) == (0, -64_000)

    def test_leaves_a_debt_that_was_paid_on_another_occasion_as_it_is(self, house, paid):
        stage = Stage(house, paid)
        stage.rule(stage.open(), "lost")
        seen = [
            Debt(HOST, Money(6_250, CNY), RESERVE, Money(36_000, CNY), entries)
            for entries in (1, 2)
        ]
        assert house.balance(f"org:{HOST}:debt") == 0

        class Old:
            def payable(self):
                return seen

        assert recover_debts(Old(), house.ledger) == 0
        house.projector.run()
        assert house.balance(f"org:{HOST}:debt") == 0
        assert house.balance(RESERVE) == 36_000 - 6_250

    def test_that_a_refund_leaves_too_little_for_lets_nothing_be_paid_past_it(self, house, paid):
        move(house, RESERVE, available(VENUE), 36_000)
        move(house, available(VENUE), available(HOST), 40_000)
        house.advance(DAY)
        house.batch.run()
        (planned,) = (each for each in payouts(house) if each["state"] == "planned")
        move(house, available(HOST), available(VENUE), 10_000)

        house.work()

        (payout,) = (each for each in payouts(house) if each["id"] == planned["id"])
        assert planned["amount"]["minor"] == 4_000
        assert (payout["state"], payout["code"]) == ("skipped", "floor-broken")
        assert (house.balance(RESERVE), house.balance(available(HOST))) == (0, 30_000)
        house.advance(DAY)
        house.pay_out()
        assert len(payouts(house)) == 2
        move(house, available(VENUE), available(HOST), 10_000)
        house.advance(DAY)
        house.pay_out()
        assert house.balance(RESERVE) == 36_000

    def test_is_only_of_releases_since_it_was_set(self, house, evening):
        settle(house, evening)
        name_account(house, HOST, "host")
        house.end_returns()
        house.release()
        keep(house)

        house.pay_out()

        assert payouts(house)[0]["amount"]["minor"] == 180_000

    def test_is_told_to_its_owner_release_by_release_and_to_nobody_else(self, house, paid):
        told = house.ask("GET", f"/reserves/{HOST}", HOST, "host").json

        assert told["measure_minor"] == sum(part["minor"] for part in told["slices"]) == 36_000
        assert told["policies"][0]["why_zh"] == "首个季度"
        other = house.ask("GET", f"/reserves/{HOST}", VENUE, "venue")
        assert other.json["code"] == "reserve-not-found"
        assert house.ask("GET", f"/reserves/{VENUE}", VENUE, "venue").json["policies"] == []

    def test_keeps_at_most_half_and_half_a_year(self, house):
        assert keep(house, basis_points=5_001).status_code == 400
        assert keep(house, days=181).status_code == 400
        assert keep(house, why_en=" ").status_code == 400
        assert house.ask("GET", f"/reserves/{HOST}", HOST, "host").json["policies"] == []

    def test_is_set_once_by_the_same_words_and_ended_by_zero(self, house):
        keep(house)
        keep(house)
        told = keep(house, basis_points=0, days=0).json

        assert [policy["basis_points"] for policy in told["policies"]] == [2_000, 0]
