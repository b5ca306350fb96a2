"""Shipments over HTTP and on a real database, from a confirmed claim to an exchange."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from chassis.kernel.time import system_clock
from chassis.mongo import atomically, collection
from services.catalog.hosts.repositories import MongoHosts
from services.catalog.lots.domain import StockLot
from services.catalog.shipments.domain import COUNT_WITHIN, ShipmentState
from services.catalog.shipments.repositories import MongoShipments
from services.catalog.shipments.use_cases import (
    ask_brands,
    commit_claims,
    decide_in_silence,
    receive_uncounted,
    release_ripe,
)
from services.catalog.stock.use_cases import ClaimConfirmed, reserve_packs
from tests.integration.catalog.conftest import everything, outbox_types
from tests.unit.catalog.fakes import (
    BRAND,
    HOST,
    NOW,
    OTHER_BRAND,
    a_line,
    a_reserve,
    an_id,
    an_offer,
    some_goods,
)


@pytest.fixture
def shipments(database) -> MongoShipments:
    return MongoShipments()


@pytest.fixture
def committed(lots, offers, stock, shipments):
    """Confirm claims of two packs each on a lot of ten packs; answer their shipments' ids."""

    def commit(count=1, **terms):
        now = system_clock()
        terms = {"max_packs_per_host": 100, "closes_at": now + timedelta(days=9)} | terms
        goods = some_goods(a_line(units=100), **terms)
        lot = lots.save(StockLot.publish(an_id("lot"), BRAND, goods=goods, at=now))
        changes = {"opens_at": now - timedelta(days=1), "closes_at": now + timedelta(days=9)}
        offer = offers.save(an_offer(**changes).open(at=now))
        orders = [
            a_reserve(lot.id, offer.id, packs=2, expires_at=now + timedelta(hours=1))
            for _ in range(count)
        ]
        ports = {"stock": stock, "offers": offers, "hosts": MongoHosts()}
        atomically(lambda: reserve_packs(orders, **ports, now=now))
        facts = [ClaimConfirmed(lot_id=lot.id, claim_id=order.claim_id) for order in orders]
        for _ in range(2):  # the second time it is known
            atomically(lambda: commit_claims(facts, stock=stock, shipments=shipments, now=now))
        return [row["_id"] for row in collection("shipments").find().sort("_id", 1)]

    return commit


@pytest.fixture
def host(calling):
    return calling(HOST)


@pytest.fixture
def there(committed, brand, host):
    """A shipment that has come, all as packed."""
    (key,) = committed()
    brand.post(f"/v1/shipments/{key}/dispatches", {"carrier": "SF", "tracking": "SF1"})
    counted = [{"line": 1, "units": 20}]
    assert host.post(f"/v1/shipments/{key}/receipts", {"counted": counted}).status_code == 201
    return key


class TestShipments:
    def test_are_listed_for_both_parties_and_nobody_else(self, committed, brand, host, calling):
        keys = committed(3)

        for caller in (brand, host):
            first = caller.get("/v1/shipments", limit=2).json
            second = caller.get("/v1/shipments", limit=2, cursor=first["next_cursor"]).json
            assert [row["id"] for row in first["items"] + second["items"]] == keys
        stranger = calling(OTHER_BRAND)
        assert stranger.get("/v1/shipments").json["items"] == []
        assert stranger.get(f"/v1/shipments/{keys[0]}").json["code"] == "shipment-not-found"

    def test_go_from_preparing_to_received_with_credit_for_what_is_wanting(
        self, committed, brand, host
    ):
        (key,) = committed()
        sent = brand.post(f"/v1/shipments/{key}/dispatches", {"carrier": "SF", "tracking": "SF1"})
        assert (sent.status_code, sent.json["state"]) == (201, "dispatched")
        price = {"minor": 1250, "currency": "CNY"}
        assert sent.json["packed"] == [{"line": 1, "units": 20, "unit_price": price}]

        counted = [{"line": 1, "units": 17, "unfit": 1}]
        received = host.post(f"/v1/shipments/{key}/receipts", {"counted": counted})

        assert (received.status_code, received.json["state"]) == (201, "received")
        assert received.json["credit"] == {"minor": 3 * 1250, "currency": "CNY"}
        assert host.get(f"/v1/shipments/{key}").json == received.json
        assert outbox_types(key) == [
            f"catalog.shipment.{fact}.v1" for fact in ("opened", "dispatched", "received")
        ]

    def test_are_sent_by_the_brand_and_counted_by_the_host_alone(self, committed, brand, host):
        (key,) = committed()
        before = everything()
        counted = {"counted": [{"line": 1, "units": 1}]}

        assert host.post(f"/v1/shipments/{key}/dispatches", {}).status_code == 403
        assert brand.post(f"/v1/shipments/{key}/receipts", counted).status_code == 403
        assert host.post(f"/v1/shipments/{key}/receipts", counted).json["code"] == "not-on-its-way"
        assert everything() == before


class TestWaitingShipments:
    def test_leave_once_enough_gatherings_are_committed(self, committed, brand, shipments):
        keys = committed(2, ships_after_gatherings=3)
        refused = brand.post(f"/v1/shipments/{keys[0]}/dispatches", {})
        assert refused.json["code"] == "shipment-waiting"
        assert atomically(lambda: release_ripe(shipments=shipments, now=NOW)) == 0

        keys = committed(3, ships_after_gatherings=3)

        assert atomically(lambda: release_ripe(shipments=shipments, now=NOW)) == 3
        assert atomically(lambda: release_ripe(shipments=shipments, now=NOW)) == 0
        states = [shipments.get(key).state for key in keys]
        assert (states.count("waiting"), states.count("preparing")) == (2, 3)


class TestUndecidedShipments:
    def test_are_the_brands_to_send_or_to_keep(
        self, committed, brand, host, lots, stock, shipments
    ):
        keys = committed(2, ships_after_gatherings=3)
        lot_id = shipments.get(keys[0]).lot_id
        ask = partial(ask_brands, shipments=shipments, lots=lots, now=system_clock())
        assert atomically(ask) == 0
        assert brand.post(f"/v1/lots/{lot_id}/closures", {}).status_code < 300

        assert [atomically(ask), atomically(ask)] == [2, 0]
        waited = host.get(f"/v1/shipments/{keys[0]}").json
        assert (waited["state"], waited["decide_by"] is None) == ("undecided", False)
        said = f"/v1/shipments/{keys[0]}/decisions", {"decision": "keep"}
        assert host.post(*said).status_code == 403
        kept = brand.post(*said)
        again = brand.post(*said)

        assert (kept.status_code, kept.json["state"]) == (201, "called-off")
        assert (again.status_code, again.json["code"]) == (422, "nothing-asked")
        packs = lots.get(lot_id).packs
        assert (packs.free, packs.reserved, packs.shipped) == (8, 0, 2)
        entries = list(collection("stock_entries").find({"lot_id": lot_id}))
        sums = [sum(each[name] for each in entries) for name in ("free", "reserved", "shipped")]
        assert sums == [8, 0, 2]
        assert outbox_types(keys[0])[-1] == "catalog.shipment.called-off.v1"
        decide = partial(decide_in_silence, shipments=shipments, lots=lots, stock=stock)
        late = shipments.get(keys[1]).decide_by
        assert atomically(lambda: decide(now=late)) == 1
        assert shipments.get(keys[1]).state is ShipmentState.PREPARING

    def test_go_with_those_that_make_their_lot_ripe_after_all(self, committed, lots, shipments):
        keys = committed(2, ships_after_gatherings=2)
        late = shipments.get(keys[1])
        asked = late.ask(lots.get(late.lot_id), at=system_clock())
        atomically(lambda: shipments.save(asked))

        assert [one.id for one in shipments.ripe(limit=9)] == [keys[1], keys[0]]
        assert atomically(lambda: release_ripe(shipments=shipments, now=NOW)) == 2
        assert {shipments.get(key).state for key in keys} == {ShipmentState.PREPARING}


class TestSilence:
    def test_is_a_receipt_after_fourteen_days(self, committed, brand, shipments):
        (key,) = committed()
        brand.post(f"/v1/shipments/{key}/dispatches", {})
        end = shipments.get(key).dispatched_at + COUNT_WITHIN
        early = end - timedelta(milliseconds=1)

        assert atomically(lambda: receive_uncounted(shipments=shipments, now=early)) == 0
        assert atomically(lambda: receive_uncounted(shipments=shipments, now=end)) == 1
        assert shipments.get(key).state is ShipmentState.RECEIVED


class TestReturns:
    def test_free_the_packs_and_tell_their_value(self, there, host, lots):
        answer = host.post(f"/v1/shipments/{there}/returns", {"packs": 1})

        assert (answer.status_code, answer.json["packs_returned"]) == (201, 1)
        packs = lots.get(answer.json["lot_id"]).packs
        assert (packs.free, packs.reserved, packs.shipped) == (9, 0, 1)
        assert outbox_types(there)[-1] == "catalog.shipment.returned.v1"
        assert outbox_types(answer.json["lot_id"])[-1] == "catalog.lot.packs-returned.v1"

    def test_sent_twice_under_one_key_count_once(self, there, host, lots):
        answers = [
            host.post(f"/v1/shipments/{there}/returns", {"packs": 1}, key="once") for _ in range(2)
        ]

        assert answers[0].json == answers[1].json
        assert lots.get(answers[0].json["lot_id"]).packs.shipped == 1

    def test_of_more_than_came_change_nothing(self, there, host):
        before = everything()

        refused = host.post(f"/v1/shipments/{there}/returns", {"packs": 3})

        assert (refused.status_code, refused.json["code"]) == (422, "more-than-received")
        assert everything() == before


class TestExchanges:
    def test_bring_another_pack_of_the_lot(self, there, host, brand, lots):
        other = host.post(f"/v1/shipments/{there}/exchanges", {"packs": 1})

        assert other.status_code == 201
        assert (other.json["replaces"], other.json["state"]) == (there, "preparing")
        packs = lots.get(other.json["lot_id"]).packs
        assert (packs.free, packs.reserved, packs.shipped) == (8, 0, 2)
        key = other.json["id"]
        assert brand.post(f"/v1/shipments/{key}/dispatches", {}).status_code == 201

    def test_are_refused_when_the_lot_has_none_and_change_nothing(self, there, host, brand):
        lot_id = host.get(f"/v1/shipments/{there}").json["lot_id"]
        brand.post(f"/v1/lots/{lot_id}/adjustments", {"packs": -8, "why": "sold elsewhere"})
        before = everything()

        refused = host.post(f"/v1/shipments/{there}/exchanges", {"packs": 1})

        assert (refused.status_code, refused.json["code"]) == (422, "no-replacement")
        assert everything() == before


class TestIndexes:
    @pytest.mark.parametrize(
        ("where", "order"),
        [
            ({"brand_id": BRAND, "_id": {"$gt": ""}}, "_id"),
            ({"host_id": HOST, "_id": {"$gt": ""}}, "_id"),
            ({"claim_id": {"$in": ["clm_a"]}}, "_id"),
            ({"state": "waiting", "lot_id": {"$in": ["lot_a"]}}, "_id"),
            ({"state": "dispatched", "dispatched_at": {"$lte": NOW}}, "dispatched_at"),
        ],
    )
    def test_serve_every_lookup(self, database, where, order):
        plan = collection("shipments").find(where).sort(order, 1).explain()

        assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"])


def test_the_brand_reads_what_the_host_did_and_not_which_of_its_people(there, brand):
    received, dispatched, _ = brand.get("/v1/history", subject=there).json["items"]

    assert (received["organization"], received["actor"]) == (HOST, None)
    assert received["reason"] == "receive_shipment_view"
    assert dispatched["actor"].startswith("usr_")
