"""Contracts as data over HTTP, MongoDB and the real books, and those frozen before there were."""

from __future__ import annotations

from chassis.kernel.ids import derived_id
from chassis.kernel.money import Money
from chassis.mongo import collection
from services.payments.contracts.repositories import MongoContracts
from services.payments.ledger.domain import transfer
from sharing.terms import Rounding
from tests.builders.contracts import a_contract_text
from tests.builders.payments import AUTHOR, BRAND, HOST, NOW, PARTIES, TERMS, VENUE, an_id
from tests.integration.payments.house import money, settle

KINDS = {BRAND: "brand", HOST: "host", VENUE: "venue", "org_platform": "platform"}


def post(house, who, path, body=None):
    return house.ask("POST", f"/share-contracts{path}", who, KINDS[who], body)


def sign(house, contract, *who):
    digest = contract["versions"][-1]["digest"]
    for each in who:
        answer = post(house, each, f"/{contract['id']}/signatures", {"digest": digest})
        assert answer.status_code == 201, answer.json


def read_contract(house, contract_id):
    return house.ask("GET", f"/share-contracts/{contract_id}", HOST, "host").json


class TestContract:
    def test_is_drafted_signed_published_and_tried(self, house):
        drafted = post(house, HOST, "", {"contract": a_contract_text()}).json
        early = post(house, HOST, f"/{drafted['id']}/publications")
        sign(house, drafted, *KINDS)

        in_force = post(house, BRAND, f"/{drafted['id']}/publications")
        tried = post(
            house,
            VENUE,
            f"/{drafted['id']}/simulate",
            {"sales": [100_000, 60_000], "refunds": [160_000], "heads": 16},
        )

        assert (early.status_code, early.json["code"]) == (422, "contract-signatures-missing")
        assert in_force.json["in_force"] == 1
        settled = {line["role"]: line["minor"] for line in tried.json["settled"]}
        assert settled == {"venue": 20_000, "platform": 5_000, "host": 46_500, "brand": 88_500}
        assert {line["minor"] for line in tried.json["kept"]} == {0}
        rows = collection("outbox").find({"type": "payments.contract.published.v1"})
        assert len(list(rows)) == 1

    def test_is_refused_with_its_place_reason_and_hint(self, house):
        answer = post(house, HOST, "", {"contract": a_contract_text(refunds="never")})

        assert (answer.status_code, answer.json["code"]) == (422, "contract-invalid")
        (problem,) = answer.json["problems"]
        assert problem["path"] == "/refunds"
        assert problem["hint"]
        assert collection("share_contracts").count_documents({}) == 0

    def test_is_not_there_for_others(self, house):
        drafted = post(house, HOST, "", {"contract": a_contract_text()}).json

        answer = house.ask("GET", f"/share-contracts/{drafted['id']}", AUTHOR, "author")

        assert (answer.status_code, answer.json["code"]) == (404, "contract-not-found")


class TestTrying:
    def test_too_much_at_once_is_refused_with_what_to_do(self, house):
        drafted = post(house, HOST, "", {"contract": a_contract_text()}).json
        path, crowd = f"/{drafted['id']}/simulate", [an_id("org") for _ in range(50)]
        open_role = a_contract_text()["steps"]
        open_role[3]["to"] = {"author": 1, "co_host": 1}
        post(
            house,
            HOST,
            f"/{drafted['id']}/versions",
            {"contract": a_contract_text(steps=open_role)},
        )
        tried = {"sales": [1_000], "refunds": [1] * 50}

        many = post(house, HOST, path, tried | {"refunds": [1] * 51})
        large = post(house, HOST, path, tried | {"present": {"co_host": crowd}})

        assert (many.status_code, large.status_code) == (400, 422)
        assert (large.json["code"], large.json["limit"]) == ("simulation-too-large", 5_000)
        assert large.json["hint"]


class TestLeaving:
    def test_asks_whom_it_lets_go_before_it_is_in_force(self, house):
        drafted = post(house, HOST, "", {"contract": a_contract_text()}).json
        sign(house, drafted, *KINDS)
        post(house, BRAND, f"/{drafted['id']}/publications")
        bound = a_contract_text()["parties"]
        replaced = bound | {"venue": {AUTHOR: 1}}

        proposed = post(
            house,
            HOST,
            f"/{drafted['id']}/versions",
            {"contract": a_contract_text(parties=replaced)},
        ).json
        early = post(house, HOST, f"/{drafted['id']}/publications")

        assert proposed["versions"][-1]["missing"] == [AUTHOR, VENUE]
        assert early.json["missing"] == [AUTHOR, VENUE]
        sign(house, proposed, VENUE)
        read = read_contract(house, drafted["id"])
        assert read["versions"][-1]["missing"] == [AUTHOR]

    def test_never_changes_the_host_of_a_claim(self, house, evening):
        contract = derived_id("ctr", evening["claim"])
        taken = a_contract_text(parties={"brand": {BRAND: 1}, "host": {BRAND: 1}})

        answer = post(house, BRAND, f"/{contract}/versions", {"contract": taken})

        assert (answer.status_code, answer.json["code"]) == (422, "contract-host-changed")


class TestSettlement:
    def test_books_and_explains_by_the_version_in_force(self, house, evening):
        contract = derived_id("ctr", evening["claim"])
        proposed = post(house, HOST, f"/{contract}/versions", {"contract": a_contract_text()})
        assert proposed.status_code == 201, proposed.json
        sign(house, proposed.json, *KINDS)
        post(house, HOST, f"/{contract}/publications")

        settle(house, evening)
        told = post(
            house, HOST, f"/{contract}/simulate", {"sales": [31_250] * 16, "heads": 16}
        ).json

        for line in told["settled"]:
            subsidy = 80_000 if line["role"] == "host" else 0
            assert house.balance(line["account"]) == line["minor"] + subsidy
        entry = derived_id("ent", derived_id("stl", evening["gathering"]), "settle")
        explained = house.ask("GET", f"/entries/{entry}/explanation", BRAND, "brand").json
        assert explained["reason"]["contract_version"] == 2
        assert len(explained["reason"]["legs"]) == len(explained["legs"])
        brand = next(
            why
            for leg, why in zip(explained["legs"], explained["reason"]["legs"], strict=True)
            if leg["account"] == f"org:{BRAND}:pending"
        )
        assert brand["path"] == ["rest"]
        assert "75 % of" in brand["en"]
        assert "75 %" in brand["zh"]

    def test_refunds_what_was_paid_out_as_a_debt_that_can_be_read(self, house, evening):
        settle(house, evening)
        house.ledger.submit(
            [
                transfer(
                    an_id("ent"),
                    f"org:{BRAND}:pending",
                    "external:provider",
                    Money(300_000, "CNY"),
                    "payout",
                )
            ]
        )[0].or_raise()

        house.hear(
            "payments.command.refund-sale.v1",
            gathering_id=evening["gathering"],
            claim_id=evening["claim"],
            sale_id=evening["sales"][0],
            refund_id=an_id("rfd"),
            amount=money(31_250),
        )
        house.work()

        owed = house.ask("GET", f"/accounts/org:{BRAND}:debt", BRAND, "brand").json
        assert owed["balances"][0]["posted"]["minor"] == -18_750
        assert house.replies()[-1] == "sale-refunded"
        assert house.balance(f"org:{HOST}:pending") == 180_000 - 6_250
        assert {row["sum"]["minor"] for row in house.trial()["currencies"]} == {0}


class TestSubsidy:
    def test_follows_how_many_came_as_brand_and_host_have_signed(self, house, evening):
        contract = derived_id("ctr", evening["claim"])
        text = read_contract(house, contract)["versions"][0]["terms"]
        bands = [{"heads": 8, "points": 2_500}, {"heads": 16, "points": 7_500}]
        proposed = post(
            house,
            BRAND,
            f"/{contract}/versions",
            {"contract": text | {"subsidy": {"bands": bands}}},
        ).json
        assert proposed["versions"][-1]["missing"] == [BRAND, HOST]
        sign(house, proposed, BRAND, HOST)
        assert post(house, HOST, f"/{contract}/publications").json["in_force"] == 2

        told = post(
            house,
            HOST,
            f"/{contract}/simulate",
            {"sales": [31_250] * 16, "heads": 16, "subsidy": 80_000, "present": PARTIES},
        ).json
        settle(house, evening)

        assert [line["minor"] for line in told["subsidy"]] == [-80_000, 60_000, 20_000]
        assert house.balance(f"offer:{evening['offer']}:fund") == 20_000 + 20_000
        assert house.balance(f"org:{HOST}:pending") == 100_000 + 60_000
        assert house.balance(f"claim:{evening['claim']}:escrow") == 0
        settlement = derived_id("stl", evening["gathering"])
        lines = house.ask("GET", f"/settlements/{settlement}/explanation", HOST, "host").json
        earned = next(each for each in lines["lines"] if each["path"] == ["subsidy"])
        assert earned["why_en"] == "Subsidy earned: 16 checked in, 75 % from 16 on"
        assert earned["why_zh"] == "获得补贴：签到 16 人，满 16 人得 75 %"


class TestFrozenBefore:
    def test_settles_the_same_sale_by_sale(self, house, evening):
        contract = derived_id("ctr", evening["claim"])
        collection("share_contracts").update_one(
            {"_id": contract},
            {
                "$set": {
                    "terms": TERMS,
                    "brand_id": BRAND,
                    "host_id": HOST,
                    "digest": "5a" * 32,
                    "frozen_at": NOW,
                },
                "$unset": {"versions": ""},
            },
        )

        read = MongoContracts().get(contract)
        settle(house, evening)

        assert read.current.terms.rounding is Rounding.EACH_SALE
        assert read.current.digest == "5a" * 32
        assert house.balance(f"org:{BRAND}:pending") == 300_000
        assert house.balance("platform:fees") == 25_000

    def test_settlement_goes_on_from_its_shares_when_money_goes_back(self, house, evening):
        settle(house, evening)
        row = collection("settlements").find_one({"gathering_id": evening["gathering"]})
        whole = sum(TERMS.values())
        parties = [each | {"weight": TERMS[each["role"]]} for each in row["parties"]]
        assert sum(each["weight"] for each in parties) == whole
        collection("settlements").update_one(
            {"_id": row["_id"]},
            {
                "$set": {"parties": parties, "carries": [0] * 6},
                "$unset": {"terms": "", "contract_version": ""},
            },
        )

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

        assert house.balance(f"org:{BRAND}:pending") == 0
        assert house.balance(f"org:{HOST}:pending") == 80_000
        assert house.balance("platform:fees") == 0
