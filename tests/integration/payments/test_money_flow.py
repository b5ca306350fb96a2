"""Money from the deposit to everybody's share and back, over a real MongoDB and the real books."""

from __future__ import annotations

from chassis.mongo import collection
from tests.builders.payments import BRAND, HOST, NOW, PARTIES, an_id
from tests.integration.payments.house import money, settle


class TestFlow:
    def test_ends_with_every_share_booked_and_the_books_at_zero(self, house, evening):
        settle(house, evening)

        assert house.balance(f"org:{BRAND}:pending") == 300_000
        assert house.balance(f"org:{HOST}:pending") == 180_000
        assert house.balance("platform:fees") == 25_000
        assert house.balance(f"claim:{evening['claim']}:escrow") == 0
        assert house.balance(f"gathering:{evening['gathering']}:takings") == 0
        assert {row["sum"]["minor"] for row in house.trial()["currencies"]} == {0}
        assert house.replies() == ["hold-placed", "gathering-settled"]

    def test_shows_a_brand_what_is_left_of_its_fund_and_nobody_else(self, house, evening):
        account = f"/accounts/offer:{evening['offer']}:fund"

        house.work()
        own = house.ask("GET", account, BRAND, "brand")
        others = house.ask("GET", account, HOST, "host")

        assert own.json["balances"][0]["posted"] == money(20_000)
        assert (others.status_code, others.json["code"]) == (403, "account-hidden")

    def test_waits_for_sales_that_are_still_on_their_way(self, house, evening):
        late = an_id("sal")
        house.hear(
            "payments.command.settle-gathering.v1",
            gathering_id=evening["gathering"],
            claim_id=evening["claim"],
            offer_id=evening["offer"],
            parties=PARTIES,
            checked_in=16,
            min_checked_in=12,
        )
        house.work()
        house.hear(
            "matching.gathering.sold.v1",
            gathering_id=evening["gathering"],
            sale_id=late,
            amount=money(100),
        )

        settle(house, evening)
        collection("intents").update_many({}, {"$set": {"next_at": NOW}})
        house.work()

        assert house.balance(f"gathering:{evening['gathering']}:takings") == 0
        assert house.balance(f"org:{BRAND}:pending") == 300_060

    def test_gives_a_refund_back_out_of_every_share(self, house, evening):
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

        assert house.balance(f"org:{BRAND}:pending") == 300_000 - 18_750
        assert house.balance("external:provider") == -(100_000 + 500_000) + 31_250
        assert {row["sum"]["minor"] for row in house.trial()["currencies"]} == {0}
        assert house.replies()[-1] == "sale-refunded"

    def test_earns_naming_rights_and_returns_the_rest(self, house, evening):
        proposed = house.ask(
            "POST",
            "/naming-rights",
            BRAND,
            "brand",
            {
                "host_id": HOST,
                "price": money(10_000_000),
                "gatherings": 100,
                "terms": {"host": 9000, "platform": 1000},
            },
        )
        rights = proposed.json["id"]
        house.ask("POST", f"/naming-rights/{rights}/acceptances", HOST, "host")
        house.ask(
            "POST",
            "/deposits",
            "org_platform",
            "platform",
            {"target": rights, "amount": money(10_000_000)},
        )
        house.work()
        held = house.ask("GET", f"/accounts/naming:{rights}:deferred", BRAND, "brand")
        assert held.json["balances"][0]["posted"] == money(10_000_000)

        settle(house, evening, naming_rights_id=rights)
        house.ask("POST", f"/naming-rights/{rights}/endings", BRAND, "brand")
        house.work()

        assert house.balance(f"org:{HOST}:pending") == 180_000 + 90_000
        assert house.balance("platform:fees") == 25_000 + 10_000
        assert house.balance(f"org:{BRAND}:available") == 9_900_000
        assert house.balance(f"naming:{rights}:deferred") == 0

    def test_cancelled_gives_every_buyer_and_the_fund_their_money_back(self, house, evening):
        house.hear("matching.gathering.cancelled.v1", gathering_id=evening["gathering"])
        house.hear(
            "payments.command.cancel-gathering.v1",
            gathering_id=evening["gathering"],
            claim_id=evening["claim"],
            offer_id=evening["offer"],
        )
        house.work()

        assert house.balance(f"offer:{evening['offer']}:fund") == 100_000
        assert house.balance("external:provider") == -100_000
        assert house.replies()[-1] == "gathering-cancelled"

    def test_explains_a_settlement_to_those_who_had_a_part_in_it_only(self, house, evening):
        settle(house, evening)
        listed = house.ask(
            "GET", f"/settlements?gathering_id={evening['gathering']}", HOST, "host"
        )
        (settlement,) = listed.json["items"]
        path = f"/settlements/{settlement['id']}/explanation"

        theirs = house.ask("GET", path, HOST, "host")
        others = house.ask("GET", path, an_id("org"), "host")

        assert sum(line["minor"] for line in theirs.json["lines"]) == 0
        assert all(line["why_en"] and line["why_zh"] for line in theirs.json["lines"])
        assert (others.status_code, others.json["code"]) == (404, "settlement-not-found")


class TestDeposit:
    def test_is_refused_beyond_the_offer_s_cap_and_books_nothing(self, house, evening):
        answer = house.ask(
            "POST",
            "/deposits",
            "org_platform",
            "platform",
            {"target": evening["offer"], "amount": money(1)},
        )
        house.work()

        assert (answer.status_code, answer.json["code"]) == (422, "cap-exceeded")
        assert answer.json["free"] == 0
        assert house.balance("external:provider") == -600_000

    def test_is_for_the_platform_only(self, house, evening):
        answer = house.ask(
            "POST", "/deposits", BRAND, "brand", {"target": evening["offer"], "amount": money(1)}
        )

        assert (answer.status_code, answer.json["code"]) == (403, "permission-missing")
