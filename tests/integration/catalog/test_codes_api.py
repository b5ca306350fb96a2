"""Codes over HTTP: made, printed, scanned by anybody, counted for their owner."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from joserfc.jwk import KeySet

from chassis.mongo import atomically, collection
from chassis.signer import Signer
from services.catalog.codes.adapters import SignedCodes, to_text, verified
from services.catalog.codes.domain import CodeBatchNotFound
from services.catalog.codes.engine.spelling import CodeKind
from services.catalog.codes.repositories import MongoCodeBatches, MongoScans
from services.catalog.hosts.repositories import MongoHosts
from services.catalog.stock.use_cases import ClaimConfirmed, reserve_packs, ship_confirmed
from tests.integration.catalog.bodies import a_lot_body
from tests.integration.catalog.conftest import PLATFORM, everything, in_parallel
from tests.unit.catalog.codes.fakes import FakeCodeBatches, FakeScans, FakeSigner, a_batch
from tests.unit.catalog.fakes import (
    BRAND,
    HOST,
    NOW,
    OTHER_BRAND,
    VENUE_OWNER,
    a_reserve,
    an_id,
    an_offer,
)

COMMUNITY = an_id("com")


@pytest.fixture
def lot_id(brand):
    return brand.post("/v1/lots", a_lot_body()).json["id"]


@pytest.fixture
def host_holds(lot_id, stock, offers):
    """The host has a confirmed claim on the lot."""
    offer = offers.save(an_offer(opens_at=NOW, closes_at=NOW + timedelta(days=4000)).open(at=NOW))
    now = datetime.now(UTC)
    wish = a_reserve(lot_id, offer.id, expires_at=now + timedelta(minutes=5))
    atomically(
        lambda: reserve_packs([wish], stock=stock, offers=offers, hosts=MongoHosts(), now=now)
    )
    fact = ClaimConfirmed(lot_id=lot_id, claim_id=wish.claim_id)
    atomically(lambda: ship_confirmed([fact], stock=stock, now=now))


def make(caller, **body):
    answer = caller.post("/v1/codes", {"kind": "pack", "count": 3, **body})
    assert answer.status_code == 201, answer.json
    return answer.json


def table(answer) -> list[dict[str, str]]:
    assert answer.content_type.startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.text)))


def codes_of(caller, batch) -> list[str]:
    return [line["code"] for line in table(caller.get(f"/v1/codes/{batch['id']}/codes.csv"))]


def scan(app, code, *, method="GET", device=None, **headers):
    """Scan as a device does; a device is a client that keeps its cookies."""
    client = device or app.test_client(use_cookies=False)
    return client.open(f"/v1/scans/{code}", method=method, headers=headers)


class TestMake:
    def test_answers_a_batch_that_its_owner_can_read(self, brand, lot_id):
        batch = make(brand, lot_id=lot_id, count=25)

        assert (batch["kind"], batch["count"], batch["sheets"]) == ("pack", 25, 2)
        assert brand.get(f"/v1/codes/{batch['id']}").json == batch
        (listed,) = brand.get("/v1/codes").json["items"]
        assert listed == batch

    @pytest.mark.parametrize(
        "body",
        [
            {"count": 0},
            {"count": 10_001},
            {"count": "3"},
            {"kind": "bag"},
            {"lot_id": "lot"},
            {"owner_id": BRAND},
        ],
    )
    def test_refuses_what_is_no_batch(self, brand, lot_id, body):
        before = everything()

        answer = brand.post("/v1/codes", {"kind": "pack", "count": 1, "lot_id": lot_id, **body})

        assert answer.status_code == 400
        assert everything() == before

    def test_refuses_a_lot_of_which_the_host_holds_nothing(self, calling, lot_id):
        before = everything()

        answer = calling(HOST).post("/v1/codes", {"kind": "pack", "count": 1, "lot_id": lot_id})

        assert (answer.status_code, answer.json["code"]) == (422, "packs-not-held")
        assert everything() == before

    def test_is_not_for_venues(self, calling, lot_id):
        body = {"kind": "pack", "count": 1, "lot_id": lot_id}

        answer = calling(VENUE_OWNER).post("/v1/codes", body)

        assert (answer.status_code, answer.json["code"]) == (403, "permission-missing")

    def test_of_another_is_unknown(self, brand, calling, lot_id):
        batch = make(brand, lot_id=lot_id)
        other, path = calling(OTHER_BRAND), f"/v1/codes/{batch['id']}"
        before = everything()

        answers = [
            other.get(path),
            other.get(f"{path}/sheet.svg"),
            other.get(f"{path}/codes.csv"),
            other.get(f"{path}/scans"),
            other.get(f"{path}/scans.csv"),
            other.post(f"{path}/withdrawals"),
        ]

        assert [answer.status_code for answer in answers] == [404] * 6
        assert {answer.json["code"] for answer in answers} == {"code-batch-not-found"}
        assert everything() == before


class TestPrint:
    def test_gives_the_same_codes_each_time_and_all_different(self, brand, lot_id):
        batch = make(brand, lot_id=lot_id)

        once, again = codes_of(brand, batch), codes_of(brand, batch)

        assert once == again
        assert len(set(once)) == 3

    def test_draws_sheets(self, brand, lot_id):
        path = f"/v1/codes/{make(brand, lot_id=lot_id, count=25)['id']}/sheet.svg"

        last = brand.get(path, number=2)

        assert (last.status_code, last.content_type) == (200, "image/svg+xml")
        assert [one.text for one in ET.fromstring(last.text).iter() if one.text] == ["25 / 25"]
        beyond = brand.get(path, number=3)
        assert (beyond.status_code, beyond.json["code"]) == (404, "sheet-not-found")
        assert brand.get(path, number=0).status_code == 400

    def test_is_verified_offline_with_the_published_keys(self, app, brand, lot_id):
        batch = make(brand, lot_id=lot_id)
        published = KeySet.import_key_set(app.test_client().get("/.well-known/jwks.json").json)

        read = [
            verified(code, lambda start: [k for k in published.keys if k.kid.startswith(start)])
            for code in codes_of(brand, batch)
        ]

        assert [one.code.serial for one in read] == [1, 2, 3]
        assert {(one.code.batch_id, one.code.lot_id) for one in read} == {(batch["id"], lot_id)}


class TestScan:
    def test_is_credited_to_community_host_and_lot(self, app, calling, lot_id, host_holds):
        host = calling(HOST)
        batch = make(host, lot_id=lot_id, community_id=COMMUNITY)
        first, *_ = codes_of(host, batch)

        answer = scan(app, first)

        assert (answer.status_code, answer.json["serial"]) == (200, 1)
        assert answer.json["title"] == "Hair clips"
        (line,) = table(host.get(f"/v1/codes/{batch['id']}/scans.csv"))
        credited = (line["lot_id"], line["host_id"], line["community_id"])
        assert credited == (lot_id, HOST, COMMUNITY)

    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_counts_a_device_once_a_day(self, app, brand, lot_id, method):
        batch = make(brand, lot_id=lot_id)
        first, second, _ = codes_of(brand, batch)
        device, other = app.test_client(), app.test_client()

        for code, who in [(first, device), (first, device), (second, device), (first, other)]:
            assert scan(app, code, method=method, device=who).status_code == 200

        counted = brand.get(f"/v1/codes/{batch['id']}/scans").json
        assert (counted["codes"], counted["codes_scanned"], counted["scans"]) == (3, 2, 3)
        (day,) = counted["days"]
        assert (day["codes"], day["scans"]) == (2, 3)

    def test_counts_a_device_once_however_many_requests_come_at_once(self, app, brand, lot_id):
        first, *_ = codes_of(brand, make(brand, lot_id=lot_id))
        cookie = {"Cookie": f"visitor={'c' * 32}"}

        answers = in_parallel(lambda _: scan(app, first, **cookie).status_code, 6)

        assert answers == [200] * 6
        assert collection("code_scans").count_documents({}) == 1

    def test_shows_a_phone_a_page_that_runs_nothing(self, app, brand, lot_id):
        first, *_ = codes_of(brand, make(brand, lot_id=lot_id))

        answer = scan(app, first, Accept="text/html,application/xhtml+xml,*/*;q=0.8")

        assert answer.content_type == "text/html; charset=utf-8"
        assert "这一包是真的" in answer.text
        assert "Hair clips" in answer.text
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        cookie = answer.headers["Set-Cookie"]
        assert all(part in cookie for part in ("HttpOnly", "SameSite=Lax", "Path=/v1/scans/"))

    def test_takes_small_letters(self, app, brand, lot_id):
        first, *_ = codes_of(brand, make(brand, lot_id=lot_id))

        assert scan(app, first.lower()).json["serial"] == 1

    def test_that_only_asks_is_not_counted(self, app, brand, lot_id):
        first, *_ = codes_of(brand, make(brand, lot_id=lot_id))

        assert scan(app, first, method="HEAD").status_code == 200

        assert collection("code_scans").count_documents({}) == 0

    def test_keeps_nothing_that_names_the_device(self, app, brand, lot_id):
        first, *_ = codes_of(brand, make(brand, lot_id=lot_id))

        scan(app, first, Cookie=f"visitor={'c' * 32}", **{"User-Agent": "Tea/1"})

        (row,) = collection("code_scans").find()
        assert "c" * 32 not in str(row)
        assert "Tea/1" not in str(row)
        assert "127.0.0.1" not in str(row)

    def test_gives_a_device_a_name_when_it_brings_a_strange_one(self, app, brand, lot_id):
        first, *_ = codes_of(brand, make(brand, lot_id=lot_id))

        answer = scan(app, first, Cookie="visitor=somebody")

        assert "visitor=somebody" not in answer.headers["Set-Cookie"]

    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_refuses_what_is_not_genuine_and_writes_nothing(self, app, brand, lot_id, method):
        batch = make(brand, lot_id=lot_id)
        first, *_ = codes_of(brand, batch)
        stored = MongoCodeBatches().get(batch["id"])
        our_key = SignedCodes(Signer()).write([a_batch().code(1)], stored.key_id)
        wrong = {
            "HELLO": "code-invalid",
            "A" * 4000: "code-invalid",
            first[:-2]: "code-invalid",
            first[:20] + ("B" if first[20] == "A" else "A") + first[21:]: "code-invalid",
            to_text(stored.code(1), FakeSigner().current()): "code-key-unknown",
            our_key[0]: "code-batch-not-found",
        }
        before = everything()

        for text, why in wrong.items():
            answer = scan(app, text, method=method)
            assert (answer.json["code"], answer.content_type) == (why, "application/problem+json")
            assert answer.json["title_zh"]
            assert answer.status_code == (404 if why.endswith("not-found") else 422)
        assert everything() == before

    def test_refuses_a_code_that_was_withdrawn(self, app, brand, lot_id):
        batch = make(brand, lot_id=lot_id)
        first, *_ = codes_of(brand, batch)
        assert brand.post(f"/v1/codes/{batch['id']}/withdrawals").json["withdrawn_at"]
        before = everything()

        answer = scan(app, first)

        assert (answer.status_code, answer.json["code"]) == (422, "codes-withdrawn")
        assert everything() == before


class TestCount:
    def test_is_by_lot_host_or_community(self, app, brand, calling, lot_id, host_holds):
        host = calling(HOST)
        pack, *_ = codes_of(host, make(host, lot_id=lot_id))
        invitation, *_ = codes_of(host, make(host, kind="invitation", community_id=COMMUNITY))
        others, *_ = codes_of(brand, make(brand, lot_id=lot_id))
        for code in (pack, pack, invitation, others):
            scan(app, code)

        def counted(caller, by):
            items = caller.get("/v1/scans", by=by).json["items"]
            return {item["id"]: item["scans"] for item in items}

        assert counted(host, "lot") == {lot_id: 2, None: 1}
        assert counted(host, "host") == {HOST: 3}
        assert counted(host, "community") == {None: 2, COMMUNITY: 1}
        assert counted(brand, "lot") == {lot_id: 1}
        assert host.get("/v1/scans", by="visitor").status_code == 400

    def test_looks_only_where_an_index_leads(self, brand, app, lot_id):
        batch = make(brand, lot_id=lot_id)
        for code in codes_of(brand, batch):
            scan(app, code)
        scans = collection("code_scans")

        plans = [
            scans.find({"batch_id": batch["id"], "day": "2026-01-01", "serial": 1}).explain(),
            scans.find({"batch_id": batch["id"]}).sort("_id", 1).explain(),
            scans.find({"owner_id": BRAND}, {"_id": 0, "lot_id": 1}).explain(),
        ]

        stages = [str(plan["queryPlanner"]["winningPlan"]) for plan in plans]
        assert all("IXSCAN" in stage and "'SORT'" not in stage for stage in stages)
        assert "FETCH" not in stages[2]


class TestRotation:
    def test_leaves_printed_codes_valid(self, app, brand, calling, lot_id):
        old = make(brand, lot_id=lot_id)
        printed = codes_of(brand, old)

        rotated = calling(PLATFORM, "operator").post("/v1/keys/rotations")

        assert rotated.status_code == 201
        assert {old["key_id"]} < {key["kid"] for key in rotated.json["keys"]}
        assert codes_of(brand, old) == printed
        assert make(brand, lot_id=lot_id)["key_id"] != old["key_id"]
        assert scan(app, printed[0]).status_code == 200

    def test_is_for_the_platform(self, brand):
        assert brand.post("/v1/keys/rotations").status_code == 403


@pytest.fixture(params=["fake", "mongo"])
def ports(request, database):
    if request.param == "fake":
        return FakeCodeBatches(), FakeScans()
    return MongoCodeBatches(), MongoScans()


class TestPorts:
    def test_keep_a_batch_as_it_is(self, ports):
        batches, _ = ports
        batch = a_batch(kind=CodeKind.DOOR, owner_id=HOST, host_id=HOST, community_id=COMMUNITY)

        stored = batches.save(batch.make())
        withdrawn = batches.save(stored.withdraw(at=NOW))

        assert batches.get(batch.id) == withdrawn
        assert withdrawn.withdrawn_at == NOW

    def test_know_no_other_batch(self, ports):
        batches, _ = ports

        with pytest.raises(CodeBatchNotFound):
            batches.get(an_id("cbt"))

    def test_keep_a_scan_once(self, ports):
        _, scans = ports
        batch = a_batch()
        scan = batch.scan(batch.code(1), key_id="key", visitor="a", at=NOW)
        later = batch.scan(batch.code(1), key_id="key", visitor="a", at=NOW + timedelta(hours=1))

        scans.add(scan)
        scans.add(later)

        assert scans.on_day(scan, at_most=10) == 1

    def test_count_a_codes_scans_of_a_day_and_no_further_than_asked(self, ports):
        _, scans = ports
        batch = a_batch()
        for visitor in "abc":
            scans.add(batch.scan(batch.code(1), key_id="key", visitor=visitor, at=NOW))
        tomorrow = batch.scan(batch.code(1), key_id="key", visitor="a", at=NOW + timedelta(days=1))
        other = batch.scan(batch.code(2), key_id="key", visitor="a", at=NOW)
        first = batch.scan(batch.code(1), key_id="key", visitor="a", at=NOW)

        assert scans.on_day(first, at_most=10) == 3
        assert scans.on_day(first, at_most=2) == 2
        assert scans.on_day(tomorrow, at_most=10) == 0
        assert scans.on_day(other, at_most=10) == 0
