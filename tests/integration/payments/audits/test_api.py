"""What the platform reads of an audit, and an operator who has the projections made anew."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from chassis.kernel.time import system_clock
from chassis.mongo import collection
from chassis.settings import Settings
from services.payments.app import create_app
from services.payments.audits.repositories import Auditor
from services.payments.ledger.repositories.projector import Projector
from services.payments.ledger.repositories.segments import MongoLog
from services.payments.ledger.repositories.writer import Writer
from services.payments.settings import PaymentsSettings
from teahouse.ledger import cli
from tests.builders.payments import HOST
from tests.property.ledger_random import RandomEntries
from tests.tokens import SigningKeys, bearer
from tests.unit.payments.ledger.books import MovableClock

PATH = "/internal/ledger/projection"


class Answer:
    """What ``requests`` would make of the answer."""

    def __init__(self, answer):
        self.status_code, self.text, self.json = answer.status_code, answer.text, answer.get_json


class Door:
    """Payments over HTTP with some books in it, its worker run by hand."""

    def __init__(self, uri):
        self.keys = SigningKeys()
        settings = PaymentsSettings(
            service="payments", mongo_uri=uri, api_internal_port=8204, market="test"
        )
        self.web = create_app(settings, keys=self.keys).test_client()
        clock = MovableClock()
        writer, source = Writer("test", MongoLog(), clock), RandomEntries(3, clock, accounts=4)
        for _ in range(12):
            writer.book(source.batch(9))
        self.projector = Projector("test", MongoLog(), entries=10)
        self.projector.run()

    def internal(self, method):
        return self.web.open(
            PATH,
            method=method,
            headers=bearer(self.keys.service("payments", "payments")),
            environ_overrides={"SERVER_PORT": "8204"},
        )

    # As a client of the service.
    def post(self, path, body):
        assert (path, body) == (PATH, {})
        return Answer(self.internal("POST"))

    def get(self, path):
        assert path == PATH
        self.projector.step()
        return Answer(self.internal("GET"))


@pytest.fixture
def door(database):
    return Door(database)


def rows():
    names = ("ledger_accounts", "ledger_entries", "ledger_holds")
    return {name: list(collection(name).find().sort("_id", 1)) for name in names}


class TestAudit:
    def test_is_read_by_the_platform_and_nobody_else(self, door):
        Auditor("test", MongoLog()).run(system_clock())

        mine = door.web.get("/v1/ledger/audit", headers=bearer(door.keys.member(HOST, "host")))
        theirs = door.web.get(
            "/v1/ledger/audit", headers=bearer(door.keys.member("org_platform", "platform"))
        )

        assert mine.status_code == 403
        assert (theirs.json["mismatches"], theirs.json["behind"]) == (0, 0)
        assert theirs.json["segments"] > 0


class TestRebuild:
    def test_makes_every_row_anew_and_tells_when_it_is_done(self, door, monkeypatch):
        before = rows()
        collection("ledger_accounts").update_one({"_id": 1}, {"$set": {"posted": 7}})
        monkeypatch.setattr(cli, "settings_of", lambda *_: {"payments": Settings(service="x")})
        monkeypatch.setattr(cli, "ServiceClient", lambda *_: door)
        monkeypatch.setattr(cli, "POLL_SECONDS", 0)

        ended = CliRunner().invoke(cli.app, ["rebuild", "--json"])

        assert ended.exit_code == 0, ended.output
        assert json.loads(ended.stdout)["segments"] > 0
        assert rows() == before
        published = collection("outbox").count_documents({"type": "payments.entry.posted.v1"})
        assert published == len(before["ledger_entries"])
