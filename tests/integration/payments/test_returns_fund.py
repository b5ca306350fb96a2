"""The fund for returns: fed by settlements, it pays for sellers that have nothing yet."""

from __future__ import annotations

from tests.builders.payments import BRAND, HOST, VENUE, an_id
from tests.integration.payments.house import an_evening, earn, money, settle

FUND = "platform:returns"
FEE = 5_000  # one per cent of 5,000.00
SELLER = an_id("org")


def feed(house, settlement_id=None, *, share=25_000) -> None:
    house.hear(
        "payments.settlement.completed.v1",
        settlement_id=settlement_id or an_id("stl"),
        total=money(500_000),
        shares=[
            {"role": "brand", "organization_id": BRAND, "amount": money(300_000)},
            {"role": "platform", "organization_id": "platform", "amount": money(share)},
        ],
    )


def give_back(house, seller, minor) -> None:
    house.hear(
        "catalog.shipment.returned.v1",
        return_id=an_id("ret"),
        brand_id=seller,
        host_id=HOST,
        goods_value=money(minor),
    )
    house.collect()


def hold(house) -> None:
    """An evening whose shares still wait."""
    settle(house, an_evening(house))


def available(house, who) -> int:
    return house.balance(f"org:{who}:available")


class TestFeeding:
    def test_takes_its_part_out_of_the_platform_s_share(self, house):
        hold(house)
        fees = house.balance("platform:fees")

        feed(house)
        house.work()

        assert house.balance(FUND) == FEE
        assert house.balance("platform:fees") == fees - FEE

    def test_takes_no_more_than_the_platform_got(self, house):
        hold(house)

        feed(house, share=1_200)
        feed(house, share=0)
        house.work()

        assert house.balance(FUND) == 1_200

    def test_counts_a_settlement_once(self, house):
        hold(house)
        settlement = an_id("stl")

        for _ in range(3):
            feed(house, settlement)
        house.work()

        assert house.balance(FUND) == FEE

    def test_goes_without_when_the_platform_has_nothing(self, house):
        feed(house)
        house.work()

        assert house.balance(FUND) == 0


class TestRefunds:
    def test_reach_the_fund_so_that_no_guest_waits_for_the_platform(self, house):
        evening = an_evening(house)
        settle(house, evening)
        path = f"/settlements?gathering_id={evening['gathering']}"
        (settlement,) = house.ask("GET", path, HOST, "host").json["items"]
        feed(house, settlement["id"])

        refund_all(house, evening)

        assert house.balance("external:provider") == -100_000  # the subsidy is all that is left
        assert [house.balance(f"platform:{kind}") for kind in ("fees", "returns", "debt")] == [
            0
        ] * 3

    def test_leave_a_debt_of_the_platform_where_the_fund_has_lent_it(self, house):
        evening = an_evening(house)
        settle(house, evening)
        feed(house)
        give_back(house, SELLER, 3_000)

        refund_all(house, evening)

        assert house.balance("external:provider") == -100_000
        owed = house.balance("platform:owed")
        having = sum(house.balance(f"platform:{kind}") for kind in ("fees", "returns", "debt"))
        assert (owed, having) == (3_000, -3_000)
        assert {row["sum"]["minor"] for row in house.trial()["currencies"]} == {0}


def refund_all(house, evening) -> None:
    for sale in evening["sales"]:
        house.hear(
            "payments.command.refund-sale.v1",
            gathering_id=evening["gathering"],
            claim_id=evening["claim"],
            sale_id=sale,
            refund_id=an_id("rfd"),
            amount=money(31_250),
        )
    house.work()


class TestPaying:
    def test_pays_at_once_for_a_seller_that_has_nothing(self, house):
        hold(house)
        feed(house)

        give_back(house, SELLER, 3_000)

        assert available(house, HOST) == 3_000
        assert house.balance(FUND) == FEE - 3_000
        assert house.balance(f"org:{SELLER}:owes") == -3_000
        assert house.balance("platform:owed") == 3_000

    def test_pays_what_it_has_and_the_rest_when_it_has_more(self, house):
        hold(house)
        feed(house)
        give_back(house, SELLER, 8_000)
        assert (available(house, HOST), house.balance(FUND)) == (5_000, 0)

        feed(house)
        house.collect()

        assert (available(house, HOST), house.balance(FUND)) == (8_000, 2_000)

    def test_never_pays_more_than_it_has_for_many_at_once(self, house):
        hold(house)
        feed(house)
        for _ in range(3):
            house.hear(
                "catalog.shipment.returned.v1",
                return_id=an_id("ret"),
                brand_id=SELLER,
                host_id=HOST,
                goods_value=money(2_000),
            )

        house.collect()

        assert (available(house, HOST), house.balance(FUND)) == (FEE, 0)
        assert house.balance(f"org:{HOST}:owed") == 1_000

    def test_gets_it_back_out_of_what_the_seller_earns(self, house):
        house.hear(
            "catalog.venue.slot-booked.v1",
            slot_id=an_id("slt"),
            gathering_id=an_id("gth"),
            host_id=HOST,
            venue_org_id=SELLER,
            rent=money(2_000),
        )
        earn(house)
        feed(house)
        give_back(house, SELLER, 3_000)

        house.collect()

        assert house.balance(f"org:{SELLER}:owes") == -1_000
        assert house.balance("platform:owed") + house.balance(f"org:{HOST}:owed") == 1_000
        assert {row["sum"]["minor"] for row in house.trial()["currencies"]} == {0}

    def test_stays_out_of_it_where_the_seller_has_the_money(self, house):
        earn(house)
        feed(house)
        brand = available(house, BRAND)

        give_back(house, BRAND, 3_000)

        assert house.balance(FUND) == FEE
        assert available(house, BRAND) == brand - 3_000

    def test_pays_no_rent(self, house):
        hold(house)
        feed(house)
        house.hear(
            "catalog.venue.slot-booked.v1",
            slot_id=an_id("slt"),
            gathering_id=an_id("gth"),
            host_id=SELLER,
            venue_org_id=VENUE,
            rent=money(2_000),
        )

        house.collect()

        assert house.balance(FUND) == FEE
        assert house.balance(f"org:{SELLER}:owes") == -2_000
