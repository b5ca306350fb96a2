"""A brand learns that its fund is low: once, from the books, on its JSON and its page."""

from __future__ import annotations

import pytest

from chassis.mongo import collection
from services.payments.funds import repositories
from services.payments.funds.repositories import MongoFundWatches, MongoOfferFunds
from services.payments.funds.use_cases import watch_funds
from tests.builders.payments import BRAND, HOST, NOW, TERMS, an_id
from tests.integration.payments.house import money

PERIOD = "from=2000-01-01T00:00:00Z&to=2100-01-01T00:00:00Z"


class Fund:
    """An offer's fund of at most 5,000.00, and claims of 300.00 each."""

    def __init__(self, house) -> None:
        self.house = house
        self.offer = an_id("off")
        house.hear(
            "catalog.offer.opened.v1",
            offer_id=self.offer,
            brand_id=BRAND,
            total_cap=money(500_000),
        )

    def deposit(self, minor):
        body = {"target": self.offer, "amount": money(minor)}
        answer = self.house.ask("POST", "/deposits", "org_platform", "platform", body)
        assert answer.status_code == 202, answer.json
        self.house.work()

    def claim(self, minor=30_000):
        claim = an_id("clm")
        self.house.hear(
            "payments.command.place-hold.v1",
            claim_id=claim,
            offer_id=self.offer,
            brand_id=BRAND,
            host_id=HOST,
            amount=money(minor),
            terms=TERMS,
        )
        self.house.work()
        return claim

    def watch(self):
        while watch_funds(funds=MongoOfferFunds(), watches=MongoFundWatches("main"), now=NOW):
            pass
        rows = collection("outbox").find({"type": "payments.fund.low.v1"})
        return rows.sort("place", 1).to_list()

    def shown(self, who=BRAND, kind="brand"):
        return self.house.ask("GET", f"/funds/{self.offer}", who, kind)

    def set(self, threshold, who=BRAND, kind="brand"):
        path = f"/funds/{self.offer}/threshold"
        return self.house.ask("PUT", path, who, kind, {"threshold": threshold})


@pytest.fixture
def fund(house):
    return Fund(house)


class TestLow:
    def test_is_told_once_until_the_fund_was_filled_again(self, fund):
        fund.deposit(120_000)
        fund.claim()
        assert fund.watch() == []

        fund.claim()
        assert len(fund.watch()) == 1
        fund.claim()
        assert len(fund.watch()) == 1
        fund.deposit(60_000)
        fund.claim()

        assert len(fund.watch()) == 2
        assert all(fund.offer in row["event"] for row in fund.watch())

    def test_is_told_once_though_it_died_before_it_went_on(self, fund, monkeypatch):
        fund.deposit(100_000)
        fund.claim()

        def dies(*_, **__):
            raise KeyboardInterrupt

        monkeypatch.setattr(repositories, "go_on", dies)
        with pytest.raises(KeyboardInterrupt):
            fund.watch()
        monkeypatch.undo()

        assert collection("fund_watches").count_documents({}) == 0
        assert len(fund.watch()) == 1

    def test_counts_what_is_held_and_not_what_is_let_go(self, fund):
        fund.set(money(50_000))
        fund.deposit(100_000)
        claim = fund.claim(60_000)
        assert len(fund.watch()) == 1
        assert fund.shown().json["is_low"] is True

        fund.house.hear("payments.command.release-hold.v1", claim_id=claim, offer_id=fund.offer)
        fund.house.work()
        fund.watch()

        assert fund.shown().json["is_low"] is False
        assert fund.shown().json["low_since"] is None


class TestReading:
    def test_shows_what_is_left_and_below_what_it_is_low(self, fund):
        fund.deposit(100_000)
        fund.claim()
        fund.watch()

        shown = fund.shown().json

        assert (shown["available"], shown["deposited"]) == (money(70_000), money(100_000))
        assert (shown["threshold"], shown["own_threshold"]) == (money(90_000), False)
        assert (shown["is_low"], shown["low_since"]) == (True, "2026-03-01T12:00:00.000000Z")

    def test_is_for_the_brand_and_the_platform_only(self, fund):
        assert fund.shown().status_code == 200
        assert fund.shown("org_platform", "platform").status_code == 200
        for who, kind in ((HOST, "host"), (an_id("org"), "brand")):
            answer = fund.shown(who, kind)
            assert (answer.status_code, answer.json["code"]) == (404, "fund-not-found")

    def test_lists_a_brand_its_own_funds(self, house, fund):
        other = Fund(house)

        listed = house.ask("GET", "/funds?limit=1", BRAND, "brand").json
        rest = house.ask("GET", f"/funds?cursor={listed['next_cursor']}", BRAND, "brand").json

        found = [item["offer_id"] for item in (*listed["items"], *rest["items"])]
        assert sorted(found) == sorted([fund.offer, other.offer])
        assert house.ask("GET", "/funds", an_id("org"), "brand").json["items"] == []

    def test_shows_the_brand_on_its_page_that_the_fund_is_low(self, fund):
        fund.deposit(100_000)
        account = f"/statements.html?account=offer:{fund.offer}:fund&{PERIOD}"
        before = fund.house.ask("GET", account, BRAND, "brand").get_data(as_text=True)
        fund.claim()
        fund.watch()

        after = fund.house.ask("GET", account, BRAND, "brand").get_data(as_text=True)

        assert "补贴基金余额不足" not in before
        assert "补贴基金余额不足" in after


class TestThreshold:
    def test_is_the_brand_s_until_it_takes_it_back(self, fund):
        own = fund.set(money(5_000)).json
        none = fund.set(None).json

        assert (own["threshold"], own["own_threshold"]) == (money(5_000), True)
        assert (none["threshold"], none["own_threshold"]) == (money(0), False)

    def test_raised_above_what_is_there_is_told_at_once(self, fund):
        fund.deposit(100_000)
        fund.watch()

        fund.set(money(100_001))

        assert len(fund.watch()) == 1

    @pytest.mark.parametrize(
        ("who", "kind", "status"),
        [(HOST, "host", 403), (an_id("org"), "brand", 404), ("org_platform", "platform", 403)],
    )
    def test_is_set_by_nobody_else(self, fund, who, kind, status):
        assert fund.set(money(5), who, kind).status_code == status
        assert fund.shown().json["own_threshold"] is False

    def test_above_the_cap_is_refused_and_nothing_is_kept(self, fund):
        answer = fund.set(money(500_001))

        assert (answer.status_code, answer.json["code"]) == (422, "threshold-above-cap")
        assert answer.json["cap"] == 500_000
        assert fund.shown().json["own_threshold"] is False

    @pytest.mark.parametrize("threshold", [{"minor": -1, "currency": "CNY"}, 5, "none"])
    def test_that_is_no_amount_is_refused(self, fund, threshold):
        assert fund.set(threshold).status_code == 400
        assert fund.shown().json["own_threshold"] is False
