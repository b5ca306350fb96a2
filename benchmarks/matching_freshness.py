"""How soon an event on Kafka is seen in a ranking, and how many events matching takes in.

``python -m benchmarks.matching_freshness [--json] [--quick]``. A broker, mongod, matching's
own worker and 100,000 lots. First what a start costs with all read and from a snapshot (see
``matching_start``). The inbox works off a backlog beside a consumer that does only
what it cannot do without. Then 500 events a second come, some of which take the best lot from
a host or give it back: what counts is the time from handing that event to the broker until
her list says so, asked of a ranking in this process and of the api over HTTP.
"""

from __future__ import annotations

import argparse
import http.client
import json
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import cycle

from benchmarks import journal
from benchmarks.backbone import machinery
from benchmarks.ledger_load import percentiles
from benchmarks.machine import Neighbours, machine
from benchmarks.matching_feed import Bare, Feed, agrees, projected, worker
from benchmarks.matching_market import NOW, Market
from benchmarks.matching_shelf import fill
from benchmarks.matching_start import starts
from benchmarks.serving import Served, served
from chassis.embedded.ports import HOST
from chassis.kernel.time import system_clock
from chassis.settings import Settings
from services.matching.communities.domain import Portrait
from services.matching.communities.repositories import MongoCommunities
from services.matching.models.adapters import PromotedModels
from services.matching.models.documents import MODELS
from services.matching.models.repositories import MongoModels
from services.matching.offers.adapters import LiveRanking, RecentHosts, RecentLots
from services.matching.offers.domain import OfferedLot
from services.matching.offers.engine.facts import LotFacts
from services.matching.pictures.repositories import MongoPictures

LOTS, EVENTS_A_SECOND, A_TICK = 100_000, 500, 5
WATCHED, WATCHED_EVERY = 64, 10
"""Hosts whose lists are watched; one event in so many is about their best lot."""
LOOK_SECONDS, HTTP_LOOK_SECONDS = 0.002, 0.02
GIVE_UP_SECONDS = 240
OK = 200

IsListed = Callable[[str], bool]
"""Whether the best lot of a host, by its number, stands on her list."""


class Watched:
    """Hosts in cities of their own, each with one lot that suits her best."""

    def __init__(self, market: Market) -> None:
        brand = next(each.brand_id for each in market.subsidies if not each.is_exhausted)
        self.lot_of: dict[str, str] = {}
        for number in range(WATCHED):
            city, tag = f"watched-{number}", f"watched-{number}"
            host_id, lot_id = f"org_{number + 2 * 10**9:026d}", f"lot_{number + 10**9:026d}"
            self.lot_of[host_id] = lot_id
            market.portraits[host_id] = [Portrait("People", city, 400, {tag: 100})]
            market.lots.append(
                LotFacts(
                    lot_id=lot_id,
                    brand_id=brand,
                    tags=(tag,),
                    city=city,
                    min_community_size=1,
                    pack_price=1_000,
                    packs_free=5,
                    claims=0,
                    published_at=NOW,
                    best_before=NOW + timedelta(days=2),
                    ends_at=NOW + timedelta(days=2),
                )
            )


class Stream:
    """Events at an even pace from a thread; the lists of hosts change as it goes on."""

    def __init__(self, feed: Feed, watched: Watched, every: int) -> None:
        self._feed, self._watched, self._every = feed, watched, every
        self._turns = cycle(watched.lot_of)
        self._lock = threading.Lock()
        self.pending: dict[str, tuple[float, bool]] = {}
        self.sent = 0

    @contextmanager
    def flowing(self) -> Iterator[None]:
        """Send while the block runs."""
        stopping = threading.Event()
        thread = threading.Thread(target=self._send, args=(stopping,))
        thread.start()
        try:
            yield
        finally:
            stopping.set()
            thread.join()

    def looked(self, is_listed: IsListed) -> list[float]:
        """The seconds that those took whose lists have now become what was told."""
        took = []
        for host_id, (since, wanted) in list(self.pending.items()):
            if is_listed(host_id) == wanted:
                took.append(time.perf_counter() - since)
                del self.pending[host_id]
        return took

    def _send(self, stopping: threading.Event) -> None:
        begun, tick = time.perf_counter(), A_TICK / EVENTS_A_SECOND
        while not stopping.is_set():
            due = begun + self.sent / A_TICK * tick
            time.sleep(max(0.0, due - time.perf_counter()))
            for _ in range(A_TICK):
                self.sent += 1
                if self.sent % self._every or not self._change_a_list():
                    self._feed.anything()

    def _change_a_list(self) -> bool:
        host_id = next(self._turns)
        if host_id in self.pending:
            return False
        lot_id = self._watched.lot_of[host_id]
        is_listed = self._feed.free.get(lot_id, 1) == 0
        self.pending[host_id] = (time.perf_counter(), is_listed)
        self._feed.packs(lot_id, 5 if is_listed else 0)
        return True


def taken_in(settings: Settings, feed: Feed, events: int, rounds: int) -> dict[str, float]:
    """Events a second of the inbox and of a bare consumer, the same ones in turns."""
    bare, ours, limit = Bare(settings), list[float](), list[float]()
    try:
        for _ in range(rounds):
            before = feed.told
            for _ in range(events):
                feed.anything()
            feed.flush()
            begun = time.perf_counter()
            bare.read(events)
            limit.append(events / (time.perf_counter() - begun))
            with worker(settings):
                at_start, begun = _wait_for(before + 1)
                _, ended = _wait_for(before + events)
            ours.append((before + events - at_start) / (ended - begun))
    finally:
        bare.close()
    agrees(feed)
    return {
        "inbox_events_per_s": statistics.median(ours),
        "inbox_bare_events_per_s": statistics.median(limit),
        "inbox_ratio_to_bare": statistics.median(ours) / statistics.median(limit),
    }


def seen(stream: Stream, is_listed: IsListed, seconds: float, pause: float) -> list[float]:
    """How long changes took to show, of so many seconds of events."""
    took: list[float] = []
    with stream.flowing():
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            took += stream.looked(is_listed)
            time.sleep(pause)
    give_up = time.perf_counter() + GIVE_UP_SECONDS
    while stream.pending:
        if time.perf_counter() > give_up:
            raise TimeoutError(f"{len(stream.pending)} lists never changed")
        took += stream.looked(is_listed)
        time.sleep(pause)
    return took


class HeardLots(RecentLots):
    """Which watched lots were heard of since their host's list was last seen to change."""

    def __init__(self, watched: Watched) -> None:
        super().__init__()
        self._watched = set(watched.lot_of.values())
        self.heard: set[str] = set()

    def hear_of(self, lot: OfferedLot, facts: LotFacts, today: int) -> None:
        super().hear_of(lot, facts, today)
        if lot.id in self._watched:
            self.heard.add(lot.id)


@contextmanager
def a_ranking(watched: Watched) -> Iterator[IsListed]:
    """The ranking of this process, which follows MongoDB as the api's does.

    It is asked for a list only once it was told of the list's lot, and then until the list
    is another one. To ask for every list that may change at any moment takes from the index
    the time it needs, the more so the later it is.
    """
    promoted, lots = PromotedModels(MongoModels()).ranking, HeardLots(watched)
    hosts = RecentHosts(MongoCommunities(), MongoPictures())
    ranking = LiveRanking(system_clock, promoted, models=MODELS, lots=lots, hosts=hosts)
    model = promoted()
    facts = {
        each: hosts.known(each).facts(model.weights, model.kinships) for each in watched.lot_of
    }
    listed = dict.fromkeys(watched.lot_of, True)

    def asked(host_id: str) -> bool:
        now = system_clock()
        best = ranking.best(facts[host_id], model=model, limit=1, listed=True, now=now)
        return bool(best) and best[0].position.lot_id == watched.lot_of[host_id]

    def is_listed(host_id: str) -> bool:
        lot_id = watched.lot_of[host_id]
        if lot_id in lots.heard and asked(host_id) != listed[host_id]:
            # Nothing more is told of a lot before its list was seen.
            lots.heard.discard(lot_id)
            listed[host_id] = not listed[host_id]
        return listed[host_id]

    try:
        _wait_until(ranking.is_ready)
        yield is_listed
    finally:
        ranking.close()


def over_http(api: Served, watched: Watched) -> IsListed:
    """The list of a host as the api answers it."""
    connection = http.client.HTTPConnection(HOST, api.port)
    headers = {each: api.headers(each, "host") for each in watched.lot_of}

    def listed(host_id: str) -> tuple[int, bytes]:
        path = f"/v1/hosts/{host_id}/offers"
        connection.request("GET", path, headers=headers[host_id])
        answer = connection.getresponse()
        return answer.status, answer.read()

    def is_listed(host_id: str) -> bool:
        status, told = listed(host_id)
        if status != OK:
            raise AssertionError(f"{status}: {told[-300:]!r}")
        return watched.lot_of[host_id] in {each["lot_id"] for each in json.loads(told)["items"]}

    # Until its index is read the api says that it cannot answer yet.
    _wait_until(lambda: listed(next(iter(headers)))[0] == OK)
    return is_listed


def measure(*, quick: bool) -> dict[str, float | None]:
    """Every figure of freshness."""
    market = Market(LOTS)
    watched = Watched(market)
    with machinery("matching") as settings:
        fill(market)
        feed = Feed(settings, market, set(watched.lot_of.values()))
        try:
            found: dict[str, float | None] = {**starts(settings.mongo_uri, 1 if quick else 3)}
            found |= taken_in(settings, feed, *((20_000, 1) if quick else (40_000, 3)))
            with worker(settings):
                return found | fresh(settings, feed, watched, seconds=15 if quick else 60)
        finally:
            feed.close()


def fresh(
    settings: Settings, feed: Feed, watched: Watched, seconds: float
) -> dict[str, float | None]:
    """How soon events show, here and over HTTP.

    Beside it what nobody here can help: how long a journaled write takes meanwhile, and what
    others use of the processors.
    """
    neighbours = Neighbours()
    with a_ranking(watched) as is_listed:
        _warm(feed, watched, is_listed)
        stream, begun = Stream(feed, watched, WATCHED_EVERY), time.perf_counter()
        with neighbours.watched(), journal.writing() as written:
            took = seen(stream, is_listed, seconds, LOOK_SECONDS)
        rate = stream.sent / (time.perf_counter() - begun)
    with served("matching", "benchmarks.matching_web:create_app()", settings.mongo_uri) as api:
        # Few, for each look at the list takes from the processor what the change would need.
        stream = Stream(feed, watched, WATCHED_EVERY * 10)
        is_listed = over_http(api, watched)
        by_http = seen(stream, is_listed, seconds, HTTP_LOOK_SECONDS)
    p50, p99 = percentiles(took)
    written_p50, written_p99 = percentiles(written)
    http_p50, http_p99 = percentiles(by_http)
    _wait_for(feed.told)
    agrees(feed)
    return {
        "event_visible_p50_ms": p50,
        "event_visible_p99_ms": p99,
        "event_journaled_write_p50_ms": written_p50,
        "event_journaled_write_p99_ms": written_p99,
        "event_neighbours_percent": neighbours.share,
        "event_visible_http_p50_ms": http_p50,
        "event_visible_http_p99_ms": http_p99,
        "events_watched": float(len(took)),
        "events_watched_http": float(len(by_http)),
        "events_told_per_s": rate,
    }


def _warm(feed: Feed, watched: Watched, is_listed: IsListed) -> None:
    """Have every list changed once, so that the worker has joined and reads."""
    for wanted, free in ((False, 0), (True, 5)):
        for lot_id in watched.lot_of.values():
            feed.packs(lot_id, free)
        _wait_until(lambda wanted=wanted: all(is_listed(h) == wanted for h in watched.lot_of))  # type: ignore[misc] # bound now


def _wait_for(count: int) -> tuple[int, float]:
    """How many events are taken in, and when that was seen, once they are so many."""
    _wait_until(lambda: projected() >= count)
    return projected(), time.perf_counter()


def _wait_until(is_so: Callable[[], bool]) -> None:
    give_up = time.monotonic() + GIVE_UP_SECONDS
    while not is_so():
        if time.monotonic() > give_up:
            raise TimeoutError(f"not so within {GIVE_UP_SECONDS} s")
        time.sleep(0.1)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer events, for a shorter time")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    asked = parser.parse_args(arguments)
    about = machine()
    found = measure(quick=asked.quick)
    if asked.json:
        print(json.dumps(found | {"machine": " ".join(about.split())}))
        return
    print(about)
    for name, value in found.items():
        print(f"  {name:32} {'-' if value is None else format(value, ',.3f')}")


if __name__ == "__main__":
    main()
