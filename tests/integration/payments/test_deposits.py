"""Money that arrived is recorded once, however late and however often it is told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from chassis.mongo import collection
from tests.builders.payments import BRAND, an_id
from tests.integration.payments.house import money
from tests.tokens import bearer


@pytest.fixture
def offer(house):
    offer = an_id("off")
    house.hear("catalog.offer.opened.v1", offer_id=offer, brand_id=BRAND, total_cap=money(100_000))
    return offer


def deposit(house, target, minor, *, key="slip-1", who="org_platform"):
    token = house.keys.member(who, "platform")
    body = {"target": target, "amount": money(minor)}
    return house.client.post("/v1/deposits", json=body, headers=bearer(token, key))


def forget_answers():
    """What the index on answered requests does after two days."""
    collection("answered_requests").delete_many({})


class TestTheSameKey:
    def test_is_the_same_deposit_for_ever(self, house, offer):
        first = deposit(house, offer, 40_000)
        house.work()
        forget_answers()

        again = deposit(house, offer, 40_000)
        house.work()

        assert (again.status_code, again.json["id"]) == (202, first.json["id"])
        assert (first.json["state"], again.json["state"]) == ("recorded", "booked")
        assert house.balance(f"offer:{offer}:fund") == 40_000

    def test_is_one_deposit_when_it_comes_twice_at_once(self, house, offer):
        with ThreadPoolExecutor(4) as together:
            answers = list(together.map(lambda _: deposit(house, offer, 40_000), range(4)))
        house.work()

        assert {answer.status_code for answer in answers} == {202}
        assert len({answer.json["id"] for answer in answers}) == 1
        assert house.balance(f"offer:{offer}:fund") == 40_000

    def test_with_other_money_is_refused_with_the_difference(self, house, offer):
        deposit(house, offer, 40_000)
        other = an_id("nam")

        for _ in range(2):
            answer = deposit(house, other, 50_000)

            assert (answer.status_code, answer.json["code"]) == (422, "idempotency-key-reused")
            assert answer.json["difference"] == {
                "target": {"stored": offer, "asked": other},
                "amount": {"stored": money(40_000), "asked": money(50_000)},
            }
            forget_answers()
        house.work()
        assert house.balance(f"offer:{offer}:fund") == 40_000

    def test_and_only_what_differs_is_told(self, house, offer):
        deposit(house, offer, 40_000)

        assert set(deposit(house, offer, 1).json["difference"]) == {"amount"}


class TestAmount:
    @pytest.mark.parametrize("written", ["999999999999999.01", "40000.000000000001", "1e-400"])
    def test_is_never_rounded(self, house, offer, written):
        headers = bearer(house.keys.member("org_platform", "platform"), "slip-1")
        amount = f'{{"minor": {written}, "currency": "CNY"}}'

        answer = house.client.post(
            "/v1/deposits",
            data=f'{{"target": "{offer}", "amount": {amount}}}',
            headers=headers,
            content_type="application/json",
        )

        assert answer.status_code == 400
        assert answer.json["errors"]["json"]["amount"]["minor"] == ["Not a valid integer."]
        assert collection("deposits").count_documents({}) == 0


class TestAnotherKey:
    def test_is_another_deposit(self, house, offer):
        first = deposit(house, offer, 40_000)

        second = deposit(house, offer, 40_000, key="slip-2")
        house.work()

        assert second.json["id"] != first.json["id"]
        assert house.balance(f"offer:{offer}:fund") == 80_000

    def test_is_not_needed_after_a_refusal(self, house, offer):
        refused = deposit(house, offer, 100_001)

        answer = deposit(house, offer, 100_000)

        assert (refused.json["code"], answer.status_code) == ("cap-exceeded", 202)
