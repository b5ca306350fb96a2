"""Sales and refunds over HTTP, with scripted peers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from chassis.mongo import collection
from tests.builders.matching import BRAND, CO_HOST, HOST, PLATFORM_ORG, STARTS_AT, an_id


def refund(world, path, sale_id, minor, packs=0, who=HOST):
    body = {"amount": {"minor": minor, "currency": "CNY"}, "packs_returned": packs}
    return world.post(who, f"{path}/sales/{sale_id}/refunds", body)


class TestSale:
    def test_is_told_and_listed(self, world):
        path = world.gathering()

        mine, hers = world.sell(path, 500_000), world.sell(path, 12_345, who=CO_HOST)

        assert (mine.status_code, mine.json["rest"]["minor"]) == (201, 500_000)
        listed = world.get(BRAND, f"{path}/sales").json["items"]
        assert [sale["id"] for sale in listed] == [mine.json["id"], hers.json["id"]]
        assert [sale["amount"]["minor"] for sale in listed] == [500_000, 12_345]
        assert world.facts(path.rpartition("/")[2])[-2:] == ["matching.gathering.sold.v1"] * 2

    def test_refuses_money_that_is_none(self, world):
        path = world.gathering()
        before = world.counts()
        wrong = [
            {"minor": -1, "currency": "CNY"},
            {"minor": 0, "currency": "CNY"},
            {"minor": 12.5, "currency": "CNY"},
            {"minor": "100", "currency": "CNY"},
            {"minor": 10**16, "currency": "CNY"},
            {"minor": 100, "currency": "USD"},
            {"minor": 100, "currency": "cny"},
            {"minor": 100},
            {"minor": 100, "currency": "CNY", "note": "x"},
            100,
            None,
        ]

        for amount in wrong:
            answer = world.post(HOST, f"{path}/sales", {"units": 1, "amount": amount})

            assert answer.status_code == 400, amount
            assert set(answer.json["errors"]["json"]) == {"amount"}
        assert world.post(HOST, f"{path}/sales", {"units": 0, "amount": 1}).status_code == 400
        assert world.counts() == before

    def test_refuses_guests_who_did_not_come(self, world):
        path = world.gathering()
        before = world.counts()

        answer = world.sell(path, ticket_id=an_id("tkt", 9))

        assert (answer.status_code, answer.json["code"]) == (404, "ticket-not-found")
        assert world.counts() == before

    def test_ends_with_the_gathering(self, world, clock):
        path = world.gathering()
        (code,) = world.invite(path)
        clock.set(STARTS_AT)
        world.check_in(path, code)
        world.show(path)
        world.post(HOST, f"{path}/holdings")
        before = world.counts()

        answer = world.sell(path)

        assert (answer.status_code, answer.json["code"]) == (422, "gathering-not-open")
        assert world.counts() == before


class TestRefund:
    def test_goes_through_payments_and_sends_packs_home(self, world):
        path = world.gathering()
        sale_id = world.sell(path).json["id"]

        asked = refund(world, path, sale_id, 10_000, packs=1)
        heard = world.answer_all()

        assert (asked.status_code, asked.json["rest"]["minor"]) == (201, 21_250)
        assert heard == ["payments.command.refund-sale.v1", "catalog.command.return-packs.v1"]
        sale = world.get(HOST, f"{path}/sales/{sale_id}").json
        assert [part["state"] for part in sale["refunds"]] == ["refunded"]
        assert world.get(HOST, path).json["packs_returned"] == 1
        lines = world.get(HOST, "/v1/behaviour").json["items"]
        assert [line["deed"] for line in lines] == ["returned-fairly"]
        (sent,) = [one for one in world.commands() if one.type.endswith("return-packs.v1")]
        assert (sent.key, sent.data["packs"]) == (an_id("lot"), 1)

    def test_never_gives_back_more_than_was_paid(self, world):
        path = world.gathering()
        sale_id = world.sell(path).json["id"]
        refund(world, path, sale_id, 31_249)
        before = world.counts()

        too_much = refund(world, path, sale_id, 2)
        too_many = refund(world, path, sale_id, 1, packs=3)

        assert (too_much.status_code, too_much.json["code"]) == (422, "refund-exceeds-sale")
        assert too_much.json["rest"] == 1
        assert (too_many.status_code, too_many.json["code"]) == (422, "packs-exceed-claim")
        assert world.counts() == before
        assert refund(world, path, sale_id, 1).status_code == 201
        assert refund(world, path, sale_id, 1).json["rest"] == 0

    def test_that_payments_refuses_can_be_asked_again(self, world):
        path = world.gathering()
        sale_id = world.sell(path).json["id"]
        world.answers["payments.command.refund-sale.v1"] = (
            "payments.reply.refund-refused.v1",
            {"code": "sale-not-found", "detail": "not heard of yet"},
        )

        refund(world, path, sale_id, 31_250, packs=2)
        world.answer_all()

        sale = world.get(HOST, f"{path}/sales/{sale_id}").json
        assert (sale["refunds"][0]["state"], sale["refunds"][0]["code"]) == (
            "refused",
            "sale-not-found",
        )
        assert world.get(HOST, path).json["packs_returned"] == 0
        assert refund(world, path, sale_id, 31_250).status_code == 201

    def test_is_for_hosts_and_platform(self, world):
        path = world.gathering()
        sale_id = world.sell(path).json["id"]

        brand = refund(world, path, sale_id, 1, who=BRAND)
        platform = refund(world, path, sale_id, 1, who=PLATFORM_ORG)

        assert (brand.status_code, brand.json["code"]) == (403, "not-the-host")
        assert platform.status_code == 201

    def test_of_four_at_once_gives_back_one(self, world):
        path = world.gathering()
        sale_id = world.sell(path).json["id"]

        with ThreadPoolExecutor(4) as pool:
            asked = pool.map(lambda _: refund(world, path, sale_id, 31_250), range(4))

        assert sorted(answer.status_code for answer in asked) == [201, 422, 422, 422]
        sale = collection("sales").find_one({"_id": sale_id})
        assert sum(part["amount_minor"] for part in sale["refunds"]) == 31_250
