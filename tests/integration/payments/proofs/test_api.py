"""Sealed days for everybody, receipts for those concerned, checked with foreign code."""

from __future__ import annotations

import json
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from chassis.kernel.money import Money
from chassis.kernel.time import system_clock
from chassis.mongo import collection
from chassis.signer import Signer
from services.payments.app import create_app
from services.payments.ledger.domain import transfer
from services.payments.ledger.repositories.projector import Projector
from services.payments.ledger.repositories.segments import MongoLog
from services.payments.ledger.repositories.writer import Writer
from services.payments.proofs.repositories import MongoDays, signing
from services.payments.proofs.use_cases import DaySealer
from services.payments.settings import PaymentsSettings
from teahouse.ledger.cli import app as command
from teahouse.ledger.proof import Unproven, check_receipt, read_keys
from tests.builders.payments import HOST, VENUE, an_id
from tests.tokens import SigningKeys, bearer

ZONE = ZoneInfo("Asia/Shanghai")
PENDING = f"org:{HOST}:pending"


def seal(days=1):
    sealer = DaySealer("main", ZONE, MongoLog(), MongoDays("main"), signing(Signer()))
    return sealer.run(system_clock() + timedelta(days=days))


class Door:
    """Payments over HTTP, with twenty entries for a host in its books."""

    def __init__(self, uri):
        self.keys = SigningKeys()
        settings = PaymentsSettings(service="payments", mongo_uri=uri)
        self.web = create_app(settings, keys=self.keys).test_client()
        self.writer = Writer("main", MongoLog(), system_clock)
        self.entries = []
        for size in (7, 13):
            self.book(size)

    def book(self, size):
        amount = Money(5, "CNY")
        batch = [
            transfer(
                an_id("ent"),
                "external:provider",
                PENDING,
                amount,
                "deposit",
                {"why": {"en": f"number {n}", "zh": "入账"}},
                reference=an_id("dep"),
            )
            for n in range(size)
        ]
        self.writer.book(batch)
        Projector("main", MongoLog()).run()
        self.entries += [entry.id for entry in batch]

    def ask(self, path, who=HOST, kind="host"):
        return self.web.get(path, headers=bearer(self.keys.member(who, kind)))

    def receipt(self, entry_id):
        return self.ask(f"/v1/entries/{entry_id}/receipt").json

    def jwks(self):
        return self.web.get("/.well-known/jwks.json").json


@pytest.fixture
def door(database):
    return Door(database)


class TestDays:
    def test_are_public_and_signed(self, door):
        assert seal(days=2) == 2

        listed = door.web.get("/v1/ledger/days?limit=1").json
        older = door.web.get(f"/v1/ledger/days?cursor={listed['next_cursor']}").json
        (first,) = older["items"]

        assert door.web.get(f"/v1/ledger/days/{first['day']}").json == first
        assert (first["entries"], first["first"], first["end"]) == (20, 0, 2)
        assert first["head"] == door.writer.books.head.hex()

    def test_are_told_as_facts_once(self, door):
        seal()
        assert seal() == 0

        rows = list(collection("outbox").find({"type": "payments.day.sealed.v1"}))
        assert [row["sequence"] for row in rows] == [1]

    @pytest.mark.parametrize("day", ["2020-01-01", "today", "2026-13-01"])
    def test_that_are_not_sealed_are_not_there(self, door, day):
        answer = door.web.get(f"/v1/ledger/days/{day}")

        assert (answer.status_code, answer.json["code"]) == (404, "day-not-sealed")

    def test_stay_valid_when_the_key_is_changed(self, door):
        seal()
        Signer().rotate()
        door.book(3)
        seal(days=2)

        assert check_receipt(door.receipt(door.entries[0]), read_keys(door.jwks()))
        assert check_receipt(door.receipt(door.entries[-1]), read_keys(door.jwks()))


class TestReceipt:
    def test_of_every_entry_leads_to_the_signed_root(self, door):
        seal()
        keys = read_keys(door.jwks())

        for entry_id in door.entries:
            content = check_receipt(door.receipt(entry_id), keys)

            assert content["id"] == entry_id
            assert content["legs"][1] == {"account": PENDING, "currency": "CNY", "minor": 5}
            assert content["reason"]["why"]["zh"] == "入账"

    def test_of_today_waits_for_the_day_to_be_over(self, door):
        receipt = door.receipt(door.entries[0])

        assert (receipt["day"], receipt["in_day"]) == (None, None)
        with pytest.raises(Unproven, match="not sealed yet"):
            check_receipt(receipt, read_keys(door.jwks()))

    def test_is_worth_nothing_once_anything_in_it_is_changed(self, door):
        seal()
        keys, good = read_keys(door.jwks()), door.receipt(door.entries[9])
        other = door.receipt(door.entries[10])
        forged = [
            {**good, "content": {**good["content"], "code": "gift"}},
            {**good, "content": other["content"]},
            {**good, "in_segment": other["in_segment"]},
            {**good, "in_segment": {**good["in_segment"], "index": 3}},
            {**good, "in_day": {**good["in_day"], "index": 0}},
            {**good, "in_day": {"index": 0, "size": 1, "path": []}},
            {**good, "day": {**good["day"], "token": good["day"]["token"][:-4] + "AAAA"}},
            {"content": good["content"]},
        ]

        for receipt in forged:
            with pytest.raises(Unproven):
                check_receipt(receipt, keys)

    def test_is_for_those_who_have_part_in_the_entry(self, door):
        answer = door.ask(f"/v1/entries/{door.entries[0]}/receipt", VENUE, "venue")

        assert (answer.status_code, answer.json["code"]) == (404, "entry-not-found")

    def test_is_checked_by_the_command(self, door, tmp_path):
        seal()
        receipt, keys = tmp_path / "receipt.json", tmp_path / "jwks.json"
        receipt.write_text(json.dumps(door.receipt(door.entries[0])))
        keys.write_text(json.dumps(door.jwks()))

        good = CliRunner().invoke(
            command, ["receipt", str(receipt), "--keys", str(keys), "--json"]
        )
        keys.write_text('{"keys": []}')
        bad = CliRunner().invoke(command, ["receipt", str(receipt), "--keys", str(keys), "--json"])

        assert (good.exit_code, json.loads(good.stdout)["ok"]) == (0, True)
        assert (bad.exit_code, json.loads(bad.stdout)["ok"]) == (1, False)


class TestExport:
    def test_is_verified_with_its_days(self, door, tmp_path):
        seal()
        answer = door.ask("/v1/ledger/export", "org_platform", "platform")
        export = tmp_path / "books.ndjson"
        export.write_bytes(answer.data)

        ended = CliRunner().invoke(command, ["verify", str(export), "--json"])
        found = json.loads(ended.stdout)

        assert (ended.exit_code, found["ok"]) == (0, True)
        assert (found["proof"]["days"], found["proof"]["covered"]) == (1, 2)
        assert found["proof"]["keys"] == [door.jwks()["keys"][0]["kid"]]
