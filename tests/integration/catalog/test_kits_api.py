"""Kits over HTTP: drafted by anybody, signed by every brand, withdrawn by any."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chassis.envelope import parse
from chassis.mongo import atomically, collection
from services.catalog.cartridges.repositories import MongoCartridges
from services.catalog.hosts.repositories import MongoHosts
from services.catalog.kits.domain import KitNotFound
from services.catalog.kits.repositories import MongoKits
from services.catalog.kits.use_cases import ReserveKit, reserve_kits
from services.catalog.lots.repositories import MongoLots
from services.catalog.offers.repositories import MongoOffers
from services.catalog.stock.repositories import MongoStock
from tests.integration.catalog.bodies import a_lot_body, yuan
from tests.integration.catalog.conftest import everything, in_parallel, outbox_types
from tests.unit.catalog.fakes import (
    AUTHOR,
    BRAND,
    HOST,
    NOW,
    OTHER_BRAND,
    VENUE_OWNER,
    a_manifest,
    an_id,
)
from tests.unit.catalog.kits.fakes import FakeKits, a_kit, kit_terms

PUBLISHED, CLOSED = "catalog.kit.published.v1", "catalog.kit.closed.v1"


@pytest.fixture
def brands(calling):
    return [calling(BRAND), calling(OTHER_BRAND)]


@pytest.fixture
def body(brands, calling):
    """A kit with a lot of each brand and a published cartridge."""
    lots = [brand.post("/v1/lots", a_lot_body()).json["id"] for brand in brands]
    theme = calling(AUTHOR).post("/v1/cartridges", {"manifest": a_manifest()}).json
    return {
        "title": "A good pan and a chef",
        "lines": [{"lot_id": lot_id, "packs": 2, "share": 3000} for lot_id in lots],
        "venue": {"capacity": 24, "equipment": ["stove"]},
        "cartridge_digest": theme["digest"],
        "price": yuan(100_001),
        "terms": kit_terms(),
    }


@pytest.fixture
def kit(calling, body):
    answer = calling(HOST).post("/v1/kits", body)
    assert answer.status_code == 201, answer.json
    return answer.json


def sign(brand, kit):
    return brand.post(f"/v1/kits/{kit['id']}/signatures", {"terms_digest": kit["terms_digest"]})


class TestDraft:
    def test_is_seen_by_who_has_a_part_in_it(self, brands, calling, kit):
        path = f"/v1/kits/{kit['id']}"

        assert kit["state"] == "drafted"
        assert [brand.get(path).json for brand in brands] == [kit, kit]
        for hidden in (path, f"{path}/explanation"):
            answer = calling(VENUE_OWNER).get(hidden)
            assert (answer.status_code, answer.json["code"]) == (404, "kit-not-found")

    def test_is_listed_for_who_has_a_part_in_it(self, brands, calling, kit):
        for party in (*brands, calling(HOST)):
            (listed,) = party.get("/v1/kits", mine="true").json["items"]
            assert listed["id"] == kit["id"]
        assert calling(VENUE_OWNER).get("/v1/kits", mine="true").json["items"] == []
        assert brands[0].get("/v1/kits").json["items"] == []

    @pytest.mark.parametrize(
        "changes",
        [
            {"lines": []},
            {"price": yuan(0)},
            {"terms": {"host": 4000}},
            {"terms": kit_terms(host=-1)},
            {"cartridge_digest": "latest"},
            {"venue": {"capacity": 0}},
            {"signed": [BRAND]},
        ],
    )
    def test_refuses_what_is_no_kit(self, calling, body, changes):
        before = everything()

        answer = calling(HOST).post("/v1/kits", body | changes)

        assert answer.status_code == 400
        assert everything() == before

    @pytest.mark.parametrize(
        ("changes", "status", "code"),
        [
            ({"terms": kit_terms(host=1)}, 422, "terms-incomplete"),
            ({"cartridge_digest": "sha256:" + "0" * 64}, 404, "cartridge-not-found"),
        ],
    )
    def test_refuses_what_breaks_a_rule(self, calling, body, changes, status, code):
        before = everything()

        answer = calling(HOST).post("/v1/kits", body | changes)

        assert (answer.status_code, answer.json["code"]) == (status, code)
        assert everything() == before

    def test_binds_so_staff_may_not(self, calling, body):
        assert calling(BRAND, "staff").post("/v1/kits", body).status_code == 403


class TestSign:
    def test_by_every_brand_publishes_to_all(self, brands, calling, kit):
        first, last = (sign(brand, kit).json for brand in brands)

        assert (first["state"], last["state"]) == ("drafted", "published")
        assert last["terms_digest"] == kit["terms_digest"]
        assert outbox_types(kit["id"]) == [PUBLISHED]
        assert calling(VENUE_OWNER).get(f"/v1/kits/{kit['id']}").json == last
        (listed,) = calling(VENUE_OWNER).get("/v1/kits").json["items"]
        assert (listed["id"], listed["price"]) == (kit["id"], yuan(100_001))

    def test_by_both_at_once_publishes_once(self, brands, kit):
        answers = in_parallel(lambda number: sign(brands[number % 2], kit).status_code, 4)

        assert answers == [201] * 4
        assert outbox_types(kit["id"]) == [PUBLISHED]

    def test_of_other_terms_is_refused(self, brands, kit):
        before = everything()

        answer = sign(brands[0], kit | {"terms_digest": "sha256:" + "0" * 64})

        assert (answer.status_code, answer.json["code"]) == (409, "other-terms-signed")
        assert everything() == before

    def test_is_for_brands(self, calling, kit):
        assert sign(calling(HOST), kit).status_code == 403


class TestClaims:
    @pytest.fixture
    def ask(self, kit):
        """Have the kit's packs set aside for a claim; answer the type and code of the reply."""

        def reserve(claim_id):
            now = datetime.now(UTC)
            command = ReserveKit(
                id=an_id("msg"),
                correlation_id=an_id("sag"),
                claim_id=claim_id,
                kit_id=kit["id"],
                host_id=HOST,
                terms_digest=kit["terms_digest"],
                offer_ids=(),
                region="",
                channel="gathering",
                expires_at=now + timedelta(hours=1),
            )
            ports = {
                "kits": MongoKits(),
                "cartridges": MongoCartridges(),
                "stock": MongoStock(MongoLots()),
                "offers": MongoOffers(),
                "hosts": MongoHosts(),
            }
            atomically(lambda: reserve_kits([command], **ports, now=now))
            (row,) = collection("outbox").find({"sequence": None}).sort("place", -1).limit(1)
            reply = parse(row["event"])
            return reply.type, reply.data.get("code")

        return reserve

    def test_are_refused_once_the_cartridge_is_yanked_and_those_that_stand_stay(
        self, brands, calling, kit, ask
    ):
        for brand in brands:
            sign(brand, kit)
        author, first = calling(AUTHOR), an_id("clm")
        assert ask(first) == ("catalog.reply.kit-reserved.v1", None)
        (theme,) = author.get("/v1/cartridges", digest=kit["cartridge_digest"]).json["items"]
        yanks = f"/v1/cartridges/{theme['id']}/versions/1.0.0/yanks"
        assert author.post(yanks, {"reason": "a burnt finger"}).status_code == 201

        assert ask(an_id("clm")) == ("catalog.reply.kit-refused.v1", "kit-theme-yanked")
        assert ask(first) == ("catalog.reply.kit-reserved.v1", None)


class TestExplanation:
    def test_adds_up_to_the_price(self, brands, kit):
        told = brands[0].get(f"/v1/kits/{kit['id']}/explanation").json

        assert sum(share["amount"]["minor"] for share in told["shares"]) == 100_001
        assert [share["basis_points"] for share in told["shares"]] == [
            3000,
            3000,
            2000,
            1000,
            500,
            500,
        ]
        assert [share["party_id"] for share in told["shares"][:2]] == [BRAND, OTHER_BRAND]


class TestWithdraw:
    def test_by_one_brand_closes_it_for_new_claims(self, brands, kit):
        for brand in brands:
            sign(brand, kit)

        closed = brands[1].post(f"/v1/kits/{kit['id']}/withdrawals").json

        assert closed["state"] == "closed"
        assert outbox_types(kit["id"]) == [PUBLISHED, CLOSED]
        assert brands[0].get("/v1/kits").json["items"] == []
        again = sign(brands[0], kit)
        assert (again.status_code, again.json["code"]) == (422, "kit-closed")

    def test_by_a_stranger_is_refused(self, calling, kit):
        before = everything()

        answer = calling(VENUE_OWNER).post(f"/v1/kits/{kit['id']}/withdrawals")

        assert (answer.status_code, answer.json["code"]) == (404, "kit-not-found")
        assert everything() == before


class TestLists:
    def test_look_only_where_an_index_leads(self, database):
        kits = collection("kits")

        for where in ({"state": "published"}, {"parties": BRAND}):
            found = kits.find({**where, "_id": {"$gt": ""}}).sort("_id", 1)
            plan = str(found.explain()["queryPlanner"]["winningPlan"])
            assert "IXSCAN" in plan
            assert "'SORT'" not in plan


@pytest.fixture(params=["fake", "mongo"])
def kits(request, database):
    return FakeKits() if request.param == "fake" else MongoKits()


class TestPort:
    def test_keeps_a_kit_as_it_is(self, kits):
        drafted = kits.save(a_kit().draft(at=NOW))

        signed = kits.save(drafted.sign(BRAND, drafted.terms_digest, at=NOW))

        assert kits.get(drafted.id) == signed
        assert (signed.signed, signed.terms_digest) == ((BRAND,), drafted.terms_digest)

    def test_knows_no_other_kit(self, kits):
        with pytest.raises(KitNotFound):
            kits.get(an_id("kit"))
