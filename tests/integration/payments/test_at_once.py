"""A refund and the settlement of its gathering that are decided at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from chassis.kernel.decisions import NotYet
from chassis.mongo import atomically, collection
from tests.builders.payments import BRAND, HOST, NOW, PARTIES, an_id
from tests.integration.payments.house import money


def intend_both(house, evening):
    house.hear("matching.gathering.approved.v1", gathering_id=evening["gathering"])
    house.hear(
        "payments.command.settle-gathering.v1",
        gathering_id=evening["gathering"],
        claim_id=evening["claim"],
        offer_id=evening["offer"],
        parties=PARTIES,
        checked_in=16,
        min_checked_in=12,
    )
    house.hear(
        "payments.command.refund-sale.v1",
        gathering_id=evening["gathering"],
        claim_id=evening["claim"],
        sale_id=evening["sales"][0],
        refund_id=an_id("rfd"),
        amount=money(31_250),
    )
    return {row["kind"]: row["body"] for row in collection("intents").find({"state": "open"})}


@pytest.mark.parametrize(("slow", "quick"), [("settle", "refund"), ("refund", "settle")])
def test_one_begins_again_and_the_books_come_out_right(house, evening, slow, quick):
    bodies = intend_both(house, evening)
    plan = {kind: house.dispatcher._executors[kind].plan for kind in (slow, quick)}
    begun = []

    def in_between():
        with ThreadPoolExecutor(1) as other:
            other.submit(atomically, lambda: plan[quick](bodies[quick])).result()

    def decide():
        begun.append(slow)
        collection("sales").find_one({})  # from here on it sees the sales as they are now
        if len(begun) == 1:
            in_between()
        return plan[slow](bodies[slow])

    try:
        atomically(decide)
    except NotYet:  # what a refund says while the settlement is being booked
        assert slow == "refund"
    collection("intents").update_many({}, {"$set": {"next_at": NOW}})
    house.work()
    collection("intents").update_many({}, {"$set": {"next_at": NOW}})
    house.work()

    assert len(begun) == 2
    assert collection("intents").count_documents({"state": "open"}) == 0
    assert sorted(house.replies()[-2:]) == ["gathering-settled", "sale-refunded"]
    assert house.balance(f"gathering:{evening['gathering']}:takings") == 0
    assert house.balance(f"org:{BRAND}:pending") == 300_000 - 18_750
    assert house.balance(f"org:{HOST}:pending") == 180_000 - 6_250
    assert house.balance("external:provider") == -(100_000 + 500_000) + 31_250
    assert {row["sum"]["minor"] for row in house.trial()["currencies"]} == {0}
