"""The worker dies while it checks and publishes a file: every line counts once all the same."""

from __future__ import annotations

import csv
import io
import secrets
import shutil
import uuid

import pytest
from pymongo import MongoClient

from chassis.testing.patience import eventually
from teahouse.demo.journey.parties import Person
from teahouse.demo.journey.wire import Wire
from tests.conftest import new_suite
from tests.unit.catalog.imports.test_check import HEADER, ROW

SERVICES = ("identity", "catalog")
WORKER = "catalog-worker"
LINES, LINES_IN_FULL = 6_000, 60_000
PATIENCE_SECONDS = 180


class Warehouse:
    """A brand with a large file, in front of catalog."""

    def __init__(self, suite):
        self.suite = suite
        owner = Person(
            Wire({name: suite.public_url(name) for name in SERVICES}),
            email=f"owner-{secrets.token_hex(6)}@example.com",
            password=secrets.token_hex(8),
            name="Owner",
        )
        owner.register()
        self.brand = owner.found("brand", "Warehouse", "Beijing")

    def send(self, body):
        headers = {"Content-Type": "text/csv"}
        return self.brand.post("catalog", "/v1/imports", data=body, headers=headers)["id"]

    def look(self, import_id):
        return self.brand.get("catalog", f"/v1/imports/{import_id}")

    def kill_worker_once(self, is_under_way):
        """Kill it in the middle of something; the supervisor starts it again."""
        eventually(is_under_way, within_seconds=PATIENCE_SECONDS)
        self.suite.kill(WORKER)

    def stored(self):
        with MongoClient(self.suite.mongo_uri) as client:
            catalog = client["catalog"]
            return [
                catalog["stock_lots"].count_documents({}),
                catalog["stock_entries"].count_documents({}),
                catalog["outbox"].count_documents({"type": "catalog.lot.published.v1"}),
                len(catalog["stock_lots"].distinct("number")),
            ]


@pytest.fixture
def warehouse(request, scratch):
    folder = scratch / f"warehouse-{uuid.uuid4().hex[:8]}"
    with new_suite(request.config, folder, services=SERVICES) as suite:
        yield Warehouse(suite)
    shutil.rmtree(folder, ignore_errors=True)


def a_file(lines):
    text = io.StringIO()
    writer = csv.DictWriter(text, HEADER)
    writer.writeheader()
    for number in range(lines):
        cells = {"lot_number": f"L-{number}", "sku": f"S-{number}", "closes_at": "2099-12-31"}
        writer.writerow({**ROW, **cells, "packs": "x" if number % 1_000 == 0 else "4"})
    return text.getvalue().encode()


def test_kill_worker_while_it_checks_and_publishes(warehouse, full):
    lines = LINES_IN_FULL if full else LINES
    bad = lines // 1_000
    import_id = warehouse.send(a_file(lines))

    warehouse.kill_worker_once(lambda: warehouse.look(import_id)["lines"] > 0)
    eventually(
        lambda: warehouse.look(import_id)["state"] == "checked", within_seconds=PATIENCE_SECONDS
    )
    checked = warehouse.look(import_id)
    errors = warehouse.brand.every("catalog", f"/v1/imports/{import_id}/errors")
    warehouse.brand.post("catalog", f"/v1/imports/{import_id}/confirmations")
    warehouse.kill_worker_once(lambda: warehouse.look(import_id)["published"] > 0)
    eventually(
        lambda: warehouse.look(import_id)["state"] == "published", within_seconds=PATIENCE_SECONDS
    )

    assert (checked["lines"], checked["new"], checked["bad"]) == (lines, lines - bad, bad)
    assert len(errors) == bad
    done = warehouse.look(import_id)
    assert (done["published"], done["lapsed"]) == (lines - bad, 0)
    assert warehouse.stored() == [lines - bad] * 4
