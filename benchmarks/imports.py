"""How long a brand waits for a large file: ``python -m benchmarks.imports``.

Every product of a real supermarket, 92,331 of them, goes through the API as one file: sent,
checked, confirmed, published, a hundred bad lines among them; a CSV, or with ``--xlsx`` a
workbook, on which no bar is set. The peer in the same run is
the same documents stored bare, with no check, journal number, event or transaction.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import secrets
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import requests
from openpyxl import Workbook
from pymongo import MongoClient

from benchmarks.machine import machine
from chassis.embedded.mongod import MongodOptions
from teahouse.demo.goods import Product
from teahouse.demo.journey.parties import Party, Person
from teahouse.demo.journey.wire import Wire
from teahouse.demo.prepare import read_products
from teahouse.demo.sheets import HEADER, yuan
from teahouse.demo.words import slug, title
from teahouse.memory import family
from teahouse.suite import Suite

SERVICES = ("identity", "catalog")
PROCESSES = ("catalog-api", "catalog-worker")
MONGO_CACHE_GIB = 1.0  # `teahouse up --mongo-cache 1`; a mongod of its own has half the memory
BAR_SECONDS, BAR_MIB = 60, 400
BAD_LINES, QUICK_LINES = 100, 5_000
WAIT_SECONDS, LOOK_SECONDS = 600, 0.25
STORED = ("stock_lots", "stock_entries", "outbox")
ROWS_A_WRITE = 500
CSV, XLSX = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def sheet(products: Sequence[Product]) -> bytes:
    """A CSV with a lot of each product, and lines that say ``many`` for a number of packs."""
    text = io.StringIO()
    csv.writer(text).writerows(_rows(products))
    return text.getvalue().encode()


def workbook(products: Sequence[Product]) -> bytes:
    """The same lines as the first sheet of an Excel workbook."""
    book = Workbook(write_only=True)
    lots = book.create_sheet("lots")
    for row in _rows(products):
        lots.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _rows(products: Sequence[Product]) -> Iterator[Sequence[str]]:
    closes = (datetime.now(UTC) + timedelta(days=120)).date().isoformat()
    yield ("lot_number", *HEADER)
    step = max(1, len(products) // BAD_LINES)
    for place, product in enumerate(products):
        yield _row(product, closes)
        if place % step == 0 and place // step < BAD_LINES:
            yield _row(product, closes, number=f"bad-{place}", packs="many")


def _row(product: Product, closes: str, *, number: str = "", packs: str = "40") -> list[str]:
    name = title(product.kind or product.category or product.department or "Goods")
    size = f" {product.size}" if product.size else ""
    tags = dict.fromkeys(slug(word) for word in (product.category, product.kind) if word)
    return [
        number or f"P-{product.id}",
        str(product.id),
        f"{name}{size} (maker {product.maker}, no. {product.id})"[:120],
        slug(product.category or product.department) or "goods",
        ";".join(tags),
        "",
        "new",
        yuan(100 + product.id % 20_000),
        "6",
        packs,
        "20",
        "1",
        "",
        closes,
    ]


def a_brand(suite: Suite) -> Party:
    """Somebody with a warehouse."""
    wire = Wire({name: suite.public_url(name) for name in SERVICES})
    person = Person(
        wire,
        email=f"{secrets.token_hex(6)}@example.com",
        password=secrets.token_hex(8),
        name="Buyer",
    )
    person.register()
    return person.found("brand", "Supermarket", "Beijing")


def awaited(brand: Party, import_id: str, state: str) -> dict[str, Any]:
    """The import once it is in this state; raise ``TimeoutError`` when it does not get there."""
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        found: dict[str, Any] = brand.get("catalog", f"/v1/imports/{import_id}")
        if found["state"] == state:
            return found
        time.sleep(LOOK_SECONDS)
    raise TimeoutError(f"not {state} in {WAIT_SECONDS} s: {found}")


def imported(brand: Party, body: bytes, content_type: str = CSV) -> dict[str, float]:
    """Send, check, confirm and publish a file; the seconds of each step."""
    started = time.perf_counter()
    taken = brand.post("catalog", "/v1/imports", data=body, headers={"Content-Type": content_type})
    sent = time.perf_counter()
    checked = awaited(brand, taken["id"], "checked")
    known = time.perf_counter()
    brand.post("catalog", f"/v1/imports/{taken['id']}/confirmations")
    done = awaited(brand, taken["id"], "published")
    ended = time.perf_counter()
    if done["published"] != checked["new"] or done["lapsed"]:
        raise AssertionError(f"lines were lost: {done}")
    return {
        "import_rows": done["published"],
        "import_errors": done["bad"],
        "import_s": round(ended - started, 2),
        "import_send_s": round(sent - started, 2),
        "import_check_s": round(known - sent, 2),
        "import_publish_s": round(ended - known, 2),
    }


def exported(suite: Suite, brand: Party) -> dict[str, float]:
    """Read all lots as CSV, as they come; how many lines, and the seconds to the last."""
    url = f"{suite.public_url('catalog')}/v1/lots/export"
    token = brand.person.token(brand.id)
    begun = time.perf_counter()
    with requests.get(
        url, headers={"Authorization": f"Bearer {token}"}, stream=True, timeout=WAIT_SECONDS
    ) as answer:
        lines = sum(piece.count(b"\n") for piece in answer.iter_content(65_536))
    return {"export_rows": lines - 1, "export_s": round(time.perf_counter() - begun, 2)}


def bare_seconds(uri: str) -> float:
    """How long the same documents take in bare ``insert_many``, reading them not counted."""
    spent = 0.0
    with MongoClient[dict[str, Any]](uri) as client:
        for name in STORED:
            into = client["bare"][name]
            for rows in _in_batches(iter(client["catalog"][name].find())):
                begun = time.perf_counter()
                into.insert_many(rows)
                spent += time.perf_counter() - begun
        client.drop_database("bare")
    return spent


def _in_batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while some := list(islice(rows, ROWS_A_WRITE)):
        yield some


def peak_mib(suite: Suite) -> float:
    """The most resident memory that catalog's api or its worker ever took."""
    heads = [row.pid for row in suite.processes() if row.name in PROCESSES and row.pid]
    peaks = [_peak_kib(process.pid) for head in heads for process in family(head)]
    return max(peaks) / 1024


def cpu_seconds(suite: Suite) -> float:
    """What catalog's api and worker have computed so far, however busy the machine is."""
    heads = [row.pid for row in suite.processes() if row.name in PROCESSES and row.pid]
    times = [process.cpu_times() for head in heads for process in family(head)]
    return sum(spent.user + spent.system for spent in times)


def _peak_kib(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    (peak,) = (line.split()[1] for line in lines if line.startswith("VmHWM:"))
    return int(peak)


def measure(*, quick: bool = False, xlsx: bool = False) -> dict[str, float]:
    """Every figure, on a suite of its own."""
    products = read_products()[: QUICK_LINES if quick else None]
    body, content_type = (workbook(products), XLSX) if xlsx else (sheet(products), CSV)
    with (
        tempfile.TemporaryDirectory() as folder,
        Suite(
            Path(folder),
            port_base=19_400,
            services=SERVICES,
            mongod=MongodOptions(cache_gib=MONGO_CACHE_GIB),
        ) as suite,
    ):
        brand = a_brand(suite)
        before = cpu_seconds(suite)
        figures = {"import_file_mib": round(len(body) / 2**20, 1)}
        figures |= imported(brand, body, content_type)
        figures["import_mongo_cache_gib"] = MONGO_CACHE_GIB
        figures["import_cpu_s"] = round(cpu_seconds(suite) - before, 2)
        figures |= exported(suite, brand)
        figures["import_peak_mib"] = round(peak_mib(suite), 1)
        figures["import_bare_s"] = round(bare_seconds(suite.mongo_uri), 2)
    return figures


def main() -> None:
    """Measure once and print the figures, as a table or as a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--xlsx", action="store_true")
    asked = parser.parse_args()
    where, figures = machine(), measure(quick=asked.quick, xlsx=asked.xlsx)
    if asked.json:
        print(json.dumps({"machine": where, **figures}))
        return
    print(f"lots from one file\n{where}")
    for name, figure in figures.items():
        print(f"  {name:<18}{figure:,}")
    print(f"  (bars: {BAR_SECONDS} s, {BAR_MIB} MiB)")


if __name__ == "__main__":
    main()
