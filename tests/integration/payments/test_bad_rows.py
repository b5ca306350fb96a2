"""A row that nobody can read or carry out waits, and every other has its turn."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from chassis import metrics
from chassis.mongo import collection
from chassis.turns import Turns
from services.payments.payouts.handlers import Batch
from services.payments.payouts.repositories import ProjectedPurses
from services.payments.releases.domain import day_of
from tests.builders.payments import BRAND, HOST, VENUE, an_id
from tests.integration.payments.house import an_evening, earn, money, settle

PLATFORM = ("org_platform", "platform")


@pytest.fixture
def later(house):
    """Lets the rows of payouts wait by a clock that is moved by hand."""
    seconds = [0.0]
    house.batch = Batch(house.counter, house.clock, Turns("payouts", lambda: seconds[0]))
    return lambda: seconds.__setitem__(0, seconds[0] + 1.0)


def name_account(house, who, kind):
    account = {"holder": "Tea & Co", "account": who[-12:].upper()}
    answer = house.ask("POST", "/payout-destinations", who, kind, account)
    house.janitor.run()
    return answer.json["id"]


def test_a_due_that_cannot_be_read_keeps_no_other_from_being_paid(house):
    for _ in range(2):
        house.hear(
            "catalog.venue.slot-booked.v1",
            slot_id=an_id("slt"),
            gathering_id=an_id("gth"),
            host_id=HOST,
            venue_org_id=VENUE,
            rent=money(30_000),
        )
    first = min(row["_id"] for row in collection("dues").find())
    collection("dues").update_one({"_id": first}, {"$set": {"cause": "whim"}})
    earn(house)

    house.collect()

    assert house.balance(f"org:{VENUE}:available") == 40_000 + 30_000


def test_an_operation_that_cannot_be_read_keeps_no_other_from_being_sent(house):
    name_account(house, HOST, "host")
    row = collection("provider_operations").find_one()
    collection("provider_operations").insert_one(
        row | {"_id": an_id("opn"), "kind": "whim", "next_at": row["planned_at"]}
    )

    destination = name_account(house, VENUE, "venue")

    found = house.ask("GET", f"/payout-destinations/{destination}", VENUE, "venue")
    assert found.json["state"] == "active"


def test_a_payout_that_cannot_be_decided_is_decided_later_that_day(house, later):
    for who, kind in ((HOST, "host"), (BRAND, "brand")):
        name_account(house, who, kind)
    spoil = collection("payout_destinations").update_one
    spoil({"organization_id": BRAND}, {"$set": {"schedule": "whim"}})
    earn(house)
    house.pay_out()
    assert (paid(house, HOST), paid(house, BRAND)) == (1, 0)

    spoil({"organization_id": BRAND}, {"$set": {"schedule": "daily"}})
    later()
    house.pay_out()
    house.pay_out()

    assert (paid(house, HOST), paid(house, BRAND)) == (1, 1)


def test_while_a_payout_cannot_be_decided_no_other_purse_is_looked_at_again(
    house, later, monkeypatch
):
    for who, kind in ((HOST, "host"), (BRAND, "brand")):
        name_account(house, who, kind)
    spoil = collection("payout_destinations").update_one
    spoil({"organization_id": BRAND}, {"$set": {"schedule": "whim"}})
    earn(house)
    house.pay_out()
    looked = []
    of = house.counter.purses.of
    monkeypatch.setattr(
        ProjectedPurses, "of", lambda _, who, currency: looked.append(who) or of(who, currency)
    )

    for _ in range(3):
        house.batch.run()
    before, looked[:] = set(looked), []
    spoil({"organization_id": BRAND}, {"$set": {"schedule": "daily"}})
    later()
    house.batch.run()
    house.batch.run()

    assert (before, looked) == ({BRAND}, [BRAND])
    assert house.counter.payouts.is_closed(day_of(house.clock()))


def test_an_account_of_a_provider_that_is_not_here_any_more_is_told_and_paid_nothing(house):
    for who, kind in ((HOST, "host"), (BRAND, "brand")):
        name_account(house, who, kind)
    former = {"$set": {"provider": "former"}}
    collection("payout_destinations").update_one({"organization_id": BRAND}, former)
    earn(house)
    before = metrics.PAYOUTS_WITHOUT_PROVIDER._value.get()

    with capture_logs() as told:
        house.pay_out()

    assert (paid(house, HOST), paid(house, BRAND)) == (1, 0)
    assert house.counter.payouts.is_closed(day_of(house.clock()))
    assert [line["organization"] for line in told if line["event"] == "no payout"] == [BRAND]
    assert metrics.PAYOUTS_WITHOUT_PROVIDER._value.get() == before + 1


def test_a_share_that_cannot_be_read_keeps_no_other_from_its_release(house):
    settle(house, an_evening(house))
    ours = {"organization_id": BRAND}
    collection("pending_shares").update_one(ours, {"$set": {"whim": 1}})
    house.end_returns()

    house.release()

    assert house.balance(f"org:{VENUE}:available") == 40_000
    assert f"{BRAND}:CNY" in house.release_turns


def paid(house, who):
    return collection("payouts").count_documents({"organization_id": who})
