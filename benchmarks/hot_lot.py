"""How fast claims on one hot lot are decided: ``python -m benchmarks.hot_lot``.

Twice as many claims as packs, through the inbox and the real handler, as Kafka would hand
them over: fifty a transaction, and for comparison one at a time. Every run is counted
again at the end: packs, journal and answers must agree.
"""

from __future__ import annotations

import argparse
import time
from datetime import timedelta

from benchmarks.backbone import describe, machinery
from chassis import mongo
from chassis.consumer.applier import Applier
from chassis.consumer.letters import Letter
from chassis.envelope import Event
from chassis.kernel.ids import id_maker
from chassis.kernel.money import Money
from chassis.kernel.time import system_clock, to_rfc3339
from chassis.mongo import collection
from chassis.pace import Pace
from services.catalog.hosts.repositories import MongoHosts
from services.catalog.lots.domain import (
    Condition,
    Description,
    Goods,
    Manifest,
    ManifestLine,
    StockLot,
    Terms,
)
from services.catalog.lots.repositories import MongoLots
from services.catalog.offers.domain import SubsidyOffer
from services.catalog.offers.repositories import MongoOffers
from services.catalog.stock.handlers import command_handlers
from services.catalog.stock.repositories import MongoStock
from teahouse.prepare import documents_of

BAR = 1_655  # what 50 a transaction reached without schemas, journal and MongoEngine
TERMS = {"brand": 6000, "host": 2000, "venue": 800, "co_host": 500, "platform": 500, "author": 200}

ids = id_maker(system_clock)
lots, offers = MongoLots(), MongoOffers()


def a_lot(brand_id: str, packs: int) -> StockLot:
    """A lot of so many packs of one."""
    line = ManifestLine("HC-1", "Hair clip", packs, Money(1250, "CNY"), Condition.NEW)
    terms = Terms(1, system_clock() + timedelta(days=9), max_packs_per_host=packs)
    goods = Goods(Description("Hair clips", "accessories"), Manifest((line,)), terms)
    return lots.save(StockLot.publish(ids("lot"), brand_id, goods=goods, at=system_clock()))


def an_offer(brand_id: str) -> SubsidyOffer:
    """An offer that is open."""
    now = system_clock()
    money, later = Money(50_000, "CNY"), now + timedelta(days=9)
    offer = SubsidyOffer(ids("off"), brand_id, money, 10, money, TERMS, now, later)
    return offers.save(offer.open(at=now))


def a_claim(lot: StockLot, offer: SubsidyOffer) -> Letter:
    """A host's claim on a pack, as it comes from Kafka."""
    data = {
        "claim_id": ids("clm"),
        "lot_id": lot.id,
        "offer_id": offer.id,
        "brand_id": lot.brand_id,
        "host_id": ids("org"),
        "packs": 1,
        "expires_at": to_rfc3339(system_clock() + timedelta(hours=1)),
    }
    event = Event(
        id=ids("msg"),
        type="catalog.command.reserve-packs.v1",
        source="/matching/1",
        subject=lot.id,
        key=lot.id,
        time=system_clock(),
        correlation_id=ids("sag"),
        data=data,
    )
    return Letter(event=event, raw="")


def decide(claims: int, *, at_once: int) -> float:
    """Claims decided a second; raises ``AssertionError`` when a pack is sold twice."""
    brand_id = ids("org")
    lot, offer = a_lot(brand_id, claims // 2), an_offer(brand_id)
    letters = [a_claim(lot, offer) for _ in range(claims)]
    handlers = command_handlers(MongoStock(lots), offers, MongoHosts(), system_clock)
    applier = Applier("catalog.commands", handlers, Pace())
    begun = time.perf_counter()
    for place in range(0, claims, at_once):
        applier.take(letters[place : place + at_once])
    seconds = time.perf_counter() - begun
    packs = lots.get(lot.id).packs
    reserved = collection("reservations").count_documents({"lot_id": lot.id, "state": "reserved"})
    if (packs.free, packs.reserved, reserved) != (0, claims // 2, claims // 2):
        raise AssertionError(f"{packs}, and {reserved} reservations")
    return claims / seconds


def main() -> None:
    """Run it a few times and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=2_000)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    with machinery():
        mongo.ensure_indexes(documents_of("chassis", "services.catalog"))
        alone = [decide(asked.claims // 10, at_once=1)]
        figures = [decide(asked.claims, at_once=50) for _ in range(asked.runs)]
    describe("hot lot, one claim a transaction", alone, "decided/s", 0)
    describe("hot lot, fifty claims a transaction", figures, "decided/s", BAR)


if __name__ == "__main__":
    main()
