"""A kit is claimed whole over HTTP, on a real database, with the other services as scripts."""

from __future__ import annotations

import pytest

from chassis.mongo import collection
from services.matching.offers.repositories import MongoOfferNotes
from services.matching.supply.domain import Closing, Venue
from services.matching.supply.repositories import MongoCartridges, MongoKits, MongoSlots
from tests.builders.matching import (
    BRAND,
    DIGEST,
    HOST,
    OTHER_BRAND,
    STARTS_AT,
    STRANGER,
    a_kit,
    a_lot,
    an_id,
    an_open_slot,
)
from tests.integration.matching.journey.world import A_PLAN

A_KIT_CLAIM = {
    "kit_id": an_id("kit"),
    "terms_digest": a_kit().terms_digest,
    "community_id": an_id("com"),
    "offer_ids": [an_id("off")],
}
A_KIT_PLAN = {name: value for name, value in A_PLAN.items() if name != "cartridge_digest"}


@pytest.fixture
def kits(world):
    """The world, and what the catalog told of a kit of two brands and of the room it needs."""
    slot = an_open_slot()
    MongoOfferNotes().publish_lots([a_lot(id=an_id("lot", 2), brand_id=OTHER_BRAND)])
    MongoKits().note([a_kit()])
    room = {"city": slot.city, "capacity": slot.capacity, "equipment": ("stove",)}
    MongoSlots().note_venues([Venue(id=slot.venue_id, venue_org_id=slot.venue_org_id, **room)])
    return world


def claimed(world, **changes):
    answer = world.post(HOST, "/v1/claims/kits", A_KIT_CLAIM | changes)
    assert answer.status_code == 201, answer.json
    return answer.json["id"]


def seen(world, claim_id, who=HOST):
    return world.get(who, f"/v1/claims/{claim_id}").json


def refusing(world, command, answer, code):
    world.answers[command] = (answer, {"code": code, "detail": ""})


class TestKitClaim:
    def test_is_reserved_held_and_confirmed_whole(self, kits):
        claim_id = claimed(kits)

        heard = kits.answer_all()

        assert heard == ["catalog.command.reserve-kit.v1", "payments.command.place-kit-hold.v1"]
        claim = seen(kits, claim_id)
        assert (claim["status"], claim["lot_id"]) == ("confirmed", None)
        assert claim["kit"]["terms_digest"] == a_kit().terms_digest
        assert claim["kit"]["brand_shares"] == {BRAND: 3500, OTHER_BRAND: 2500}
        assert [each["packs"] for each in claim["goods"]] == [2, 1]
        assert kits.facts(claim_id) == [
            "matching.claim.kit-requested.v1",
            "matching.claim.kit-confirmed.v1",
        ]

    def test_is_seen_by_every_brand_in_it(self, kits):
        claim_id = claimed(kits)

        assert seen(kits, claim_id, OTHER_BRAND)["id"] == claim_id
        listed = kits.get(OTHER_BRAND, "/v1/claims").json["items"]
        assert [each["id"] for each in listed] == [claim_id]
        assert seen(kits, claim_id, STRANGER)["code"] == "claim-not-found"

    def test_is_rejected_with_the_catalogs_refusal(self, kits):
        refusing(
            kits,
            "catalog.command.reserve-kit.v1",
            "catalog.reply.kit-refused.v1",
            "not-enough-packs",
        )
        claim_id = claimed(kits)

        heard = kits.answer_all()

        assert heard == ["catalog.command.reserve-kit.v1"]
        assert seen(kits, claim_id)["refusal_code"] == "not-enough-packs"

    def test_is_refused_once_the_cartridge_is_yanked_and_stands_if_made_before(self, kits):
        claim_id = claimed(kits)
        kits.answer_all()
        MongoCartridges().note_yanked([DIGEST])

        refused = kits.post(HOST, "/v1/claims/kits", A_KIT_CLAIM)

        assert (refused.status_code, refused.json["code"]) == (422, "kit-theme-yanked")
        assert seen(kits, claim_id)["status"] == "confirmed"

    def test_gives_every_pack_back_when_a_fund_is_short(self, kits):
        refusing(
            kits,
            "payments.command.place-kit-hold.v1",
            "payments.reply.hold-refused.v1",
            "not-enough-funds",
        )
        claim_id = claimed(kits)

        heard = kits.answer_all()

        assert heard[-1] == "catalog.command.release-kit.v1"
        claim = seen(kits, claim_id)
        assert (claim["status"], claim["refusal_code"]) == ("rejected", "not-enough-funds")

    def test_hears_everything_twice_without_harm(self, kits):
        claim_id = claimed(kits)
        saga_id = kits.commands()[-1].correlation_id
        for answer in ("catalog.reply.kit-reserved.v1", "payments.reply.hold-placed.v1"):
            kits.hear(answer, saga_id)
            kits.hear(answer, saga_id)

        assert seen(kits, claim_id)["status"] == "confirmed"
        assert len(kits.facts(claim_id)) == 2

    def test_stands_when_the_kit_is_withdrawn_and_none_is_made_after(self, kits):
        claim_id = claimed(kits)
        kits.answer_all()

        MongoKits().note_closed([Closing(an_id("kit"), "withdrawn")])

        refused = kits.post(HOST, "/v1/claims/kits", A_KIT_CLAIM)
        assert (refused.status_code, refused.json["code"]) == (422, "kit-closed")
        assert seen(kits, claim_id)["status"] == "confirmed"
        planned = kits.post(HOST, "/v1/gatherings", A_KIT_PLAN | {"claim_id": claim_id})
        assert planned.status_code == 201, planned.json

    @pytest.mark.parametrize(
        ("wrong", "status"),
        [
            ({"kit_id": an_id("kit", 7)}, 404),
            ({"terms_digest": "sha256:other"}, 409),
            ({"offer_ids": [an_id("off", 7)]}, 404),
            ({"offer_ids": "all"}, 400),
            ({"kit_id": None}, 400),
        ],
    )
    def test_refuses_what_does_not_fit_and_stores_nothing(self, kits, wrong, status):
        before = kits.counts()

        answer = kits.post(HOST, "/v1/claims/kits", A_KIT_CLAIM | wrong)

        assert answer.status_code == status, answer.json
        assert kits.counts() == before

    def test_is_cancelled_whole(self, kits):
        claim_id = claimed(kits)
        kits.answer_all()

        kits.post(HOST, f"/v1/claims/{claim_id}/cancellations")

        assert kits.answer_all() == [
            "catalog.command.release-kit.v1",
            "payments.command.release-hold.v1",
        ]
        assert kits.facts(claim_id)[-1] == "matching.claim.kit-cancelled.v1"


class TestKitGathering:
    @pytest.fixture
    def path(self, kits):
        claim_id = claimed(kits)
        kits.answer_all()
        answer = kits.post(HOST, "/v1/gatherings", A_KIT_PLAN | {"claim_id": claim_id})
        assert answer.status_code == 201, answer.json
        kits.answer_all()
        return f"/v1/gatherings/{answer.json['id']}"

    def test_is_settled_once_every_brand_has_approved(self, kits, path, clock):
        (code,) = kits.invite(path)
        clock.set(STARTS_AT)
        kits.check_in(path, code)
        kits.show(path)
        assert kits.post(HOST, f"{path}/holdings").status_code == 200

        assert kits.post(BRAND, f"{path}/approvals").json["status"] == "held"
        assert kits.answer_all() == []
        assert kits.post(OTHER_BRAND, f"{path}/approvals").json["status"] == "approved"

        assert kits.answer_all() == ["payments.command.settle-gathering.v1"]
        settle = kits.commands()[-1].data
        assert settle["parties"]["brand"] == [BRAND, OTHER_BRAND]
        gathering = kits.get(HOST, path).json
        assert gathering["status"] == "settled"
        assert kits.facts(gathering["claim_id"])[-1] == "matching.claim.kit-settled.v1"

    def test_is_cancelled_with_everything_given_back(self, kits, path):
        kits.post(HOST, f"{path}/cancellations", {"why": "rain"})

        assert kits.answer_all() == [
            "catalog.command.release-slot.v1",
            "catalog.command.release-kit.v1",
            "payments.command.cancel-gathering.v1",
        ]

    def test_takes_packs_back_of_a_lot_that_is_named(self, kits, path):
        sale_id = kits.sell(path).json["id"]
        refund = {"amount": {"minor": 100, "currency": "CNY"}, "packs_returned": 1}

        unnamed = kits.post(HOST, f"{path}/sales/{sale_id}/refunds", refund)
        named = kits.post(
            HOST, f"{path}/sales/{sale_id}/refunds", refund | {"lot_id": an_id("lot", 2)}
        )
        more = kits.post(
            HOST, f"{path}/sales/{sale_id}/refunds", refund | {"lot_id": an_id("lot", 2)}
        )

        assert (unnamed.status_code, unnamed.json["code"]) == (422, "lot-unnamed")
        assert named.status_code == 201, named.json
        assert (more.status_code, more.json["code"]) == (422, "packs-exceed-claim")
        kits.answer_all()
        assert kits.commands()[-1].data["lot_id"] == an_id("lot", 2)
        assert kits.get(HOST, path).json["packs_returned"] == 1


class TestWhatWasKeptBefore:
    def test_reads_claims_and_gatherings_of_the_time_before_kits(self, world):
        path = world.gathering()
        gathering = world.get(HOST, path).json
        old = {"lot_id": an_id("lot"), "packs": 2, "packs_returned": 1}
        new = dict.fromkeys(("goods", "returned", "sheet", "approved_brands", "kit_id"), "")
        collection("gatherings").update_one({"_id": gathering["id"]}, {"$set": old, "$unset": new})
        money = {"lot_id": an_id("lot"), "packs": 2, "offer_id": an_id("off")}
        collection("claims").update_one(
            {"_id": gathering["claim_id"]},
            {
                "$set": money | {"subsidy_minor": 80_000},
                "$unset": dict.fromkeys(("goods", "subsidies", "kit", "kit_id"), ""),
            },
        )

        read = world.get(HOST, path).json
        claim = seen(world, gathering["claim_id"])

        assert (read["lot_id"], read["packs"], read["packs_returned"]) == (an_id("lot"), 2, 1)
        assert (claim["lot_id"], claim["subsidy"]["minor"]) == (an_id("lot"), 80_000)
        assert read["cartridge"]["digest"] == DIGEST
