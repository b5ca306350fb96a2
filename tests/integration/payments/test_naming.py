"""A brand ends its naming rights while gatherings under its name are still ahead."""

from __future__ import annotations

import pytest

from tests.builders.payments import BRAND, HOST, an_id
from tests.integration.payments.house import money, settle

PRICE = 10_000_000


@pytest.fixture
def rights(house):
    """A package of a hundred gatherings, paid in full."""
    terms = {"host": 9000, "platform": 1000}
    body = {"host_id": HOST, "price": money(PRICE), "gatherings": 100, "terms": terms}
    found = house.ask("POST", "/naming-rights", BRAND, "brand", body).json["id"]
    house.ask("POST", f"/naming-rights/{found}/acceptances", HOST, "host")
    deposit = {"target": found, "amount": money(PRICE)}
    house.ask("POST", "/deposits", "org_platform", "platform", deposit)
    house.work()
    return found


def plan(house, evening, rights):
    house.hear(
        "matching.gathering.planned.v1",
        gathering_id=evening["gathering"],
        claim_id=evening["claim"],
        host_id=HOST,
        naming_rights_id=rights,
    )


def end(house, rights):
    answer = house.ask("POST", f"/naming-rights/{rights}/endings", BRAND, "brand")
    assert answer.status_code == 202, answer.json
    house.work()


def hear_end(house, evening, how):
    house.hear(f"matching.gathering.{how}.v1", gathering_id=evening["gathering"])
    house.work()


def read(house, rights):
    return house.ask("GET", f"/naming-rights/{rights}", HOST, "host").json


def test_a_planned_gathering_earns_its_part_and_the_rest_goes_back_at_once(house, evening, rights):
    plan(house, evening, rights)

    end(house, rights)

    assert house.balance(f"org:{BRAND}:available") == 9_900_000
    assert read(house, rights)["reserved"] == [evening["gathering"]]
    assert read(house, rights)["state"] == "ending"

    settle(house, evening, naming_rights_id=rights)
    hear_end(house, evening, "settled")

    assert house.balance(f"org:{HOST}:pending") == 180_000 + 90_000
    assert house.balance("platform:fees") == 25_000 + 10_000
    assert house.balance(f"org:{BRAND}:available") == 9_900_000
    assert house.balance(f"naming:{rights}:deferred") == 0
    assert (read(house, rights)["state"], read(house, rights)["reserved"]) == ("ended", [])


@pytest.mark.parametrize("how", ["cancelled", "refused"])
def test_the_part_of_a_gathering_that_is_called_off_goes_back_as_well(house, evening, rights, how):
    plan(house, evening, rights)
    end(house, rights)

    hear_end(house, evening, how)

    assert house.balance(f"org:{BRAND}:available") == PRICE
    assert house.balance(f"naming:{rights}:deferred") == 0
    assert read(house, rights)["state"] == "ended"


def test_a_gathering_that_was_not_planned_under_the_name_earns_nothing_after_the_end(
    house, evening, rights
):
    end(house, rights)

    settle(house, evening, naming_rights_id=rights)

    assert house.balance(f"org:{BRAND}:available") == PRICE
    assert house.balance(f"org:{HOST}:pending") == 180_000
    assert house.replies()[-1] == "gathering-settled"


def test_a_name_that_nobody_knows_keeps_no_plan_from_being_heard_of(house, evening):
    plan(house, evening, an_id("nam"))
    plan(house, evening, None)

    settle(house, evening)

    assert house.replies()[-1] == "gathering-settled"
