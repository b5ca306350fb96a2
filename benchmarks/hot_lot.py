"""How fast claims on one hot lot are decided: ``python -m benchmarks.hot_lot``.

Twice as many claims as packs. First through the topic: matching's relay puts the commands
on a real broker, catalog's consumer reads them until each is answered, and then all are
delivered once more. For comparison the inbox and the handler alone, many and one a
transaction. Every run is counted again at the end: packs, journal and answers must agree.
"""

from __future__ import annotations

import argparse
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from benchmarks.backbone import describe, machinery
from chassis import metrics, mongo, outbox
from chassis.cluster import Cluster
from chassis.consumer.applier import EVENTS_A_TRANSACTION, Applier
from chassis.consumer.letters import Letter
from chassis.consumer.loop import GroupLoop
from chassis.context import NOBODY
from chassis.envelope import Stamp, message_json, parse
from chassis.kernel.ids import id_maker
from chassis.kernel.money import Money
from chassis.kernel.time import system_clock
from chassis.mongo import Row, collection
from chassis.pace import Pace
from chassis.relay import Relay
from chassis.settings import Settings
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
from services.matching.claims.events import ReservePacks
from teahouse.prepare import documents_of

BAR = 3_000
GROUP, TOPIC = "catalog.commands", "teahouse.catalog.commands"
LOOK_SECONDS = 0.05
GIVE_UP_SECONDS = 120
TERMS = {"brand": 6000, "host": 2000, "venue": 800, "co_host": 500, "platform": 500, "author": 200}

ids = id_maker(system_clock)
lots, offers = MongoLots(), MongoOffers()


def an_applier() -> Applier:
    """What catalog's worker decides commands with."""
    handlers = command_handlers(MongoStock(lots), offers, MongoHosts(), system_clock)
    return Applier(GROUP, handlers, Pace())


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


def claims_on(lot: StockLot, offer: SubsidyOffer, count: int) -> list[ReservePacks]:
    """Hosts' claims, each on one pack, as matching asks for them."""
    now = system_clock()
    return [
        ReservePacks(
            id=ids("msg"),
            correlation_id=ids("sag"),
            occurred_at=now,
            claim_id=ids("clm"),
            lot_id=lot.id,
            offer_id=offer.id,
            brand_id=lot.brand_id,
            host_id=ids("org"),
            packs=1,
            expires_at=now + timedelta(hours=1),
        )
        for _ in range(count)
    ]


def decide(claims: int, *, at_once: int) -> float:
    """Claims decided a second without a broker; raises ``AssertionError`` as ``check`` does."""
    brand_id = ids("org")
    lot, offer = a_lot(brand_id, claims // 2), an_offer(brand_id)
    stamp = Stamp(source="/matching/1", context=NOBODY, recorded_at=system_clock())
    letters = [
        Letter(event=parse(raw), raw=raw)
        for raw in (message_json(each, stamp=stamp) for each in claims_on(lot, offer, claims))
    ]
    applier = an_applier()
    begun = time.perf_counter()
    for place in range(0, claims, at_once):
        applier.take(letters[place : place + at_once])
    seconds = time.perf_counter() - begun
    check(lot.id, claims)
    return claims / seconds


class Topic:
    """Matching and catalog, in two databases, with a broker between them."""

    def __init__(self, catalog: Settings) -> None:
        self._catalog = catalog
        self._matching = Settings(
            service="matching",
            mongo_uri=catalog.mongo_uri.replace("/catalog", "/matching"),
            kafka_brokers=catalog.kafka_brokers,
        )

    def decide(self, claims: int) -> tuple[float, float]:
        """Claims decided a second through the topic, and repeats dropped a second."""
        self._empty()
        brand_id = ids("org")
        lot, offer = a_lot(brand_id, claims // 2), an_offer(brand_id)
        self._carry(claims_on(lot, offer, claims))
        with self._consumer():
            decided = _rate(lambda: collection("reservations").estimated_document_count(), claims)
        answers = check(lot.id, claims)
        self._carry([])
        before = _dropped()
        with self._consumer():
            repeated = _rate(lambda: int(_dropped() - before), claims)
        if check(lot.id, claims) != answers:
            raise AssertionError("a repeat was answered anew")
        return decided, repeated

    def _empty(self) -> None:
        for settings in (self._matching, self._catalog):
            self._be(settings)
            mongo.client().drop_database(mongo.database().name)
            mongo.ensure_indexes(documents_of("chassis", "services.catalog"))

    def _be(self, settings: Settings) -> None:
        mongo.disconnect()
        mongo.connect(settings.mongo_uri)
        outbox.publish_as(settings.source)

    def _carry(self, commands: Sequence[ReservePacks]) -> None:
        """Have matching send these, or else all that it has sent once more."""
        self._be(self._matching)
        if commands:
            outbox.append(messages=commands)
        else:
            outbox.refeed()
        cluster = Cluster(self._matching)
        relay = Relay(self._matching, cluster, Pace())
        while relay.step():
            pass
        relay.close()
        cluster.close()
        self._be(self._catalog)

    @contextmanager
    def _consumer(self) -> Iterator[None]:
        """Catalog's own loop over its commands, for as long as the block runs."""
        cluster, stopping = Cluster(self._catalog), threading.Event()
        applier = an_applier()
        loop = GroupLoop(self._catalog, cluster, applier, [TOPIC], Pace())
        thread = threading.Thread(target=loop.run, args=(stopping,))
        thread.start()
        try:
            yield
        finally:
            stopping.set()
            thread.join()
            cluster.close()


def check(lot_id: str, claims: int) -> list[Row]:
    """What was answered, when lot, journal, reservations and answers say the same.

    Raises ``AssertionError`` when a pack was sold twice, or a claim was lost.
    """
    packs, sold = lots.get(lot_id).packs, claims // 2
    reserved = collection("reservations").count_documents({"lot_id": lot_id, "state": "reserved"})
    journal = collection("stock_entries").find({"lot_id": lot_id}, {"free": 1, "reserved": 1})
    sums = [(entry["free"], entry["reserved"]) for entry in journal]
    free, set_aside = (sum(column) for column in zip(*sums, strict=True))
    found = (packs.free, packs.reserved, free, set_aside, reserved)
    if found != (0, sold, 0, sold, sold):
        raise AssertionError(f"{found} where {sold} packs were to be reserved")
    answers = collection("outbox").find({"type": {"$regex": "^catalog.reply"}}, {"event": 1})
    given = [answer for answer in answers.sort("_id", 1) if lot_id in answer["event"]]
    if len(given) != claims:
        raise AssertionError(f"{len(given)} answers to {claims} claims")
    return given


def _dropped() -> float:
    return float(metrics.DUPLICATES_DROPPED.labels(GROUP)._value.get())


def _rate(count: Callable[[], int], wanted: int) -> float:
    """How many a second, from the first to the last."""
    give_up = time.monotonic() + GIVE_UP_SECONDS
    begun, at_start = 0.0, 0
    while time.monotonic() < give_up:
        found = count()
        if found and not at_start:
            begun, at_start = time.perf_counter(), found
        if found >= wanted:
            return (wanted - at_start) / (time.perf_counter() - begun)
        time.sleep(LOOK_SECONDS)
    raise TimeoutError(f"fewer than {wanted} after {GIVE_UP_SECONDS} s")


def through_the_topic(*, claims: int, runs: int) -> list[float]:
    """How many claims a second were decided in each run, all of them through the broker."""
    with machinery() as catalog:
        mongo.ensure_indexes(documents_of("chassis", "services.catalog"))
        topic = Topic(catalog)
        return [topic.decide(claims)[0] for _ in range(runs)]


def main() -> None:
    """Run it a few times and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=8_000)
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    with machinery() as catalog:
        mongo.ensure_indexes(documents_of("chassis", "services.catalog"))
        alone = [decide(200, at_once=1)]
        many = [decide(asked.claims, at_once=EVENTS_A_TRANSACTION) for _ in range(asked.runs)]
        topic = Topic(catalog)
        figures = [topic.decide(asked.claims) for _ in range(asked.runs)]
    describe("hot lot, one claim a transaction, no broker", alone, "decided/s", 0)
    describe(f"hot lot, {EVENTS_A_TRANSACTION} a transaction, no broker", many, "decided/s", BAR)
    describe("hot lot, through the topic", [each[0] for each in figures], "decided/s", BAR)
    describe("all delivered again", [each[1] for each in figures], "dropped/s", 0)


if __name__ == "__main__":
    main()
