"""Once a gathering is approved, nothing that a person typed can stop its settlement."""

from __future__ import annotations

import pytest

from chassis.kernel.ids import derived_id
from chassis.mongo import collection
from tests.builders.contracts import a_contract_text
from tests.builders.payments import AUTHOR, BRAND, HOST, VENUE, an_id
from tests.integration.payments.house import money, settle

PLATFORM = "org_platform"


def the_settlement(house):
    (found,) = house.ask("GET", "/settlements", PLATFORM, "platform").json["items"]
    return found


def notes(house):
    path = f"/settlements/{the_settlement(house)['id']}/explanation"
    return house.ask("GET", path, HOST, "host").json["notes"]


def is_settled(house, evening):
    """Whether every intent is done, nothing lies in the takings, and the saga was answered."""
    assert house.balance(f"gathering:{evening['gathering']}:takings") == 0
    assert collection("intents").count_documents({"state": "open"}) == 0
    return house.replies()[-1] == "gathering-settled"


def a_package(house, host=HOST):
    price = money(10_000_000)
    terms = {"host": 9000, "platform": 1000}
    body = {"host_id": host, "price": price, "gatherings": 100, "terms": terms}
    bought = house.ask("POST", "/naming-rights", BRAND, "brand", body)
    assert bought.status_code == 201, bought.json
    rights = bought.json["id"]
    house.ask("POST", f"/naming-rights/{rights}/acceptances", host, "host")
    deposit = {"target": rights, "amount": price}
    assert house.ask("POST", "/deposits", PLATFORM, "platform", deposit).status_code == 202
    house.work()
    return rights


def sign_and_publish(house, claim, text):
    """Put terms into force for the contract of a claim, as everybody whom they bind."""
    path = f"/share-contracts/{derived_id('ctr', claim)}"
    drafted = house.ask("POST", f"{path}/versions", BRAND, "brand", {"contract": text})
    assert drafted.status_code == 201, drafted.json
    digest = {"digest": drafted.json["versions"][-1]["digest"]}
    for who, kind in ((BRAND, "brand"), (HOST, "host"), (VENUE, "venue"), (PLATFORM, "platform")):
        house.ask("POST", f"{path}/signatures", who, kind, digest)
    published = house.ask("POST", f"{path}/publications", BRAND, "brand")
    assert published.status_code == 201, published.json


class TestANamingId:
    @pytest.mark.parametrize(
        ("package", "why"),
        [
            (lambda _: an_id("nam"), "no package has that identifier"),
            (lambda house: a_package(house, host=AUTHOR), "another host's"),
        ],
        ids=["unknown", "other-host"],
    )
    def test_of_no_package_of_hers_earns_nothing_and_the_explanation_says_so(
        self, house, evening, package, why
    ):
        settle(house, evening, naming_rights_id=package(house))

        assert is_settled(house, evening)
        assert house.balance(f"org:{HOST}:pending") == 180_000
        (note,) = notes(house)
        assert why in note["en"]
        assert note["zh"].startswith("未获得冠名费")
        assert note["path"] == ["naming"]
        entry = collection("ledger_entries").find_one({"code": "settlement"})
        told = house.ask("GET", f"/entries/{entry['_id']}/explanation", PLATFORM, "platform").json
        assert told["reason"]["notes"] == [note]

    def test_of_a_package_that_was_earned_of_leaves_no_note(self, house, evening):
        settle(house, evening, naming_rights_id=a_package(house))

        assert is_settled(house, evening)
        assert notes(house) == []


class TestACondition:
    def test_without_an_answer_for_so_many_counts_as_not_met_and_is_told(self, house, evening):
        text = a_contract_text(examples=a_contract_text()["examples"][1:])
        text["steps"][0]["when"] = "heads == 16 ? heads : heads >= 12"
        sign_and_publish(house, evening["claim"], text)

        settle(house, evening)

        assert is_settled(house, evening)
        (note,) = notes(house)
        assert (note["path"], note["zh"]) == (
            ["hall"],
            "步骤 hall 未执行：其条件没有结果，视为不成立",
        )
        assert "the answer is 16" in note["en"]
        assert house.balance(f"org:{VENUE}:pending") == 0

    def test_without_an_answer_for_what_is_left_does_not_stop_a_refund(self, house, evening):
        text = a_contract_text(examples=a_contract_text()["examples"][1:])
        text["steps"][0]["when"] = "takings == 468750 ? takings : heads >= 12"
        sign_and_publish(house, evening["claim"], text)
        settle(house, evening)
        assert notes(house) == []
        assert house.balance(f"org:{VENUE}:pending") == 20_000

        house.hear(
            "payments.command.refund-sale.v1",
            gathering_id=evening["gathering"],
            claim_id=evening["claim"],
            sale_id=evening["sales"][0],
            refund_id=an_id("rfd"),
            amount=money(31_250),
        )
        house.work()

        assert house.replies()[-1] == "sale-refunded"
        assert house.balance(f"org:{VENUE}:pending") == 0
        refund = collection("refunds").find_one({})
        told = [reason["en"] for reason in refund["reasons"]]
        assert all("Step hall took nothing" in each for each in told)
