"""An operator has events carried once more."""

from __future__ import annotations

import json
import uuid

import pytest
from typer.testing import CliRunner

from chassis import mongo, outbox
from chassis.mongo import atomically, collection
from teahouse.commands.outbox import app
from tests.backbone import lot, published

runner = CliRunner()
TOPIC = "teahouse.catalog.lot"
EVENTS = [(1, 1), (1, 2), (1, 3), (2, 1)]


@pytest.fixture
def sent(mongod, monkeypatch):
    """Catalog's outbox, with three events of one lot and one of another, all sent."""
    uri = mongod.uri(f"test_{uuid.uuid4().hex}")
    monkeypatch.setenv("CATALOG_MONGO_URI", uri)
    monkeypatch.setattr("teahouse.programs.services", lambda: ("catalog",))
    mongo.connect(uri)
    mongo.ensure_indexes([outbox.OutboxRow])
    atomically(
        lambda: outbox.append_numbered(
            [(published(lot(number), sequence), sequence) for number, sequence in EVENTS]
        )
    )
    collection("outbox").update_many({}, {"$set": {"state": outbox.SENT}})
    mongo.disconnect()
    yield uri
    mongo.connect(uri)
    mongo.client().drop_database(mongo.database().name)
    mongo.disconnect()


def refeed(tmp_path, *arguments):
    return runner.invoke(app, ["refeed", *arguments, "--var", str(tmp_path), "--json"])


def waiting(uri):
    mongo.connect(uri)
    rows = collection("outbox").find({"state": outbox.PENDING})
    found = sorted((row["subject"], row["sequence"]) for row in rows)
    mongo.disconnect()
    return found


class TestRefeed:
    @pytest.mark.parametrize(
        ("chosen", "events"),
        [
            (["--topic", TOPIC], EVENTS),
            (["--topic", "teahouse.catalog.offer"], []),
            (["--subject", lot(1)], EVENTS[:3]),
            (["--subject", lot(1), "--after-sequence", "1"], EVENTS[1:3]),
            (["--since", "2020-01-01T00:00:00Z"], EVENTS),
            (["--since", "9999-01-01T00:00:00+08:00"], []),
        ],
    )
    def test_sends_again_what_is_chosen_and_says_how_many(self, sent, tmp_path, chosen, events):
        answer = refeed(tmp_path, "catalog", *chosen)

        assert json.loads(answer.stdout) == {"service": "catalog", "events": len(events)}
        assert waiting(sent) == [(lot(number), sequence) for number, sequence in events]

    @pytest.mark.parametrize(
        "wrong",
        [
            ["catalog"],
            ["catalogue", "--topic", TOPIC],
            ["catalog", "--after-sequence", "3"],
            ["catalog", "--since", "yesterday"],
            ["catalog", "--since", "2026-03-01T09:00:00"],
        ],
    )
    def test_refuses_what_chooses_nothing_or_is_no_time(self, sent, tmp_path, wrong):
        assert refeed(tmp_path, *wrong).exit_code == 2
        assert waiting(sent) == []
