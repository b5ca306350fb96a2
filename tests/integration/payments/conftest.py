"""The house, and an evening in it that sold something."""

from __future__ import annotations

import pytest

from tests.builders.payments import BRAND, HOST, TERMS, an_id
from tests.integration.payments.house import House, money


@pytest.fixture
def house(database):
    found = House(database)
    yield found
    found.ledger.close()


@pytest.fixture
def evening(house):
    """A funded offer, a confirmed claim, and sixteen sales of 312.50."""
    offer, claim, gathering = an_id("off"), an_id("clm"), an_id("gth")
    house.hear("catalog.offer.opened.v1", offer_id=offer, brand_id=BRAND, total_cap=money(100_000))
    deposited = house.ask(
        "POST",
        "/deposits",
        "org_platform",
        "platform",
        {"target": offer, "amount": money(100_000)},
    )
    assert deposited.status_code == 202, deposited.json
    house.work()
    house.hear(
        "payments.command.place-hold.v1",
        claim_id=claim,
        offer_id=offer,
        brand_id=BRAND,
        host_id=HOST,
        amount=money(80_000),
        terms=TERMS,
    )
    house.hear("matching.claim.confirmed.v1", claim_id=claim)
    sales = [an_id("sal") for _ in range(16)]
    for sale in sales:
        house.hear(
            "matching.gathering.sold.v1",
            gathering_id=gathering,
            sale_id=sale,
            amount=money(31_250),
        )
    return {"offer": offer, "claim": claim, "gathering": gathering, "sales": sales}
