"""Backups: whole or not there, of one moment, and restored to the last entry."""

from __future__ import annotations

import gzip
import json
import stat
import threading
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from chassis import mongo
from chassis.embedded.mongod import Mongod
from chassis.embedded.ports import free_port
from chassis.kernel.time import system_clock
from chassis.mongo import collection
from chassis.settings import Settings
from services.payments.audits.repositories import Auditor
from services.payments.ledger.engine import eras
from services.payments.ledger.queries import LedgerQueries
from services.payments.ledger.repositories import keeper as keeping
from services.payments.ledger.repositories.projector import Projector
from services.payments.ledger.repositories.segments import MongoLog
from services.payments.ledger.repositories.snapshots import MongoSnapshots
from services.payments.ledger.repositories.writer import Writer
from teahouse import backup
from teahouse.backup import BackupThere, BackupUnsound, DatabaseNotEmpty
from teahouse.commands import backup as backup_command
from teahouse.commands import restore as restore_command
from teahouse.ledger.verify import verify
from teahouse.prepare import documents_of
from teahouse.suite import Suite
from tests.property.ledger_random import RandomEntries
from tests.unit.payments.ledger.books import MARKET, MovableClock

NOW = system_clock()


def quiet(_name):
    """No progress is shown."""


@pytest.fixture
def documents():
    return documents_of("chassis", "services.payments")


@pytest.fixture
def settings(database):
    return {"payments": Settings(service="payments", mongo_uri=database, incarnation=4)}


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "monday"


class Books:
    """Random entries, booked and projected."""

    def __init__(self):
        self.clock = MovableClock()
        self.source = RandomEntries(6, self.clock, accounts=4)
        self.sent = []

    def go_on(self, batches=6):
        writer = Writer(MARKET, MongoLog(), self.clock)
        writer.catch_up()
        for _ in range(batches):
            batch = self.source.batch(12)
            outcomes = writer.book(batch)
            # What was refused may be right another time; what stands must stand again.
            standing = zip(batch, outcomes, strict=True)
            self.sent.append([entry for entry, outcome in standing if outcome.stands])
            self.clock.forward(seconds=20)
        Projector(MARKET, MongoLog()).run()
        return writer.books


def verified(folder):
    export = folder / "books.ndjson"
    export.write_text("".join(LedgerQueries(MARKET, MongoLog()).export()), encoding="utf-8")
    return verify(export)


class TestBooks:
    def test_are_restored_equal_and_go_on(self, settings, folder, tmp_path):
        books = Books()
        before = books.go_on()
        backup.take(settings, folder, now=NOW, progress=quiet)
        trial = LedgerQueries(MARKET, MongoLog()).trial_balance()
        lost = len(books.sent)
        books.go_on()

        raised = backup.restore(settings, folder, replace=True, progress=quiet)
        mongo.ensure_indexes(documents_of("chassis", "services.payments"))

        assert raised == {"payments": 5}
        assert verified(tmp_path).head == before.head.hex()
        assert LedgerQueries(MARKET, MongoLog()).trial_balance() == trial
        # Whoever asked for what was lost asks again: the same entries, each once.
        writer = Writer(MARKET, MongoLog(), books.clock)
        writer.catch_up()
        for batch in books.sent[:lost]:
            writer.book(batch)
        assert writer.books.head == before.head
        for batch in books.sent[lost:]:
            writer.book(batch)
        Projector(MARKET, MongoLog()).run()
        report, auditor = verified(tmp_path), Auditor(MARKET, MongoLog())
        assert (report.ok, set(report.trial_balance.values())) == (True, {0})
        assert auditor.run(NOW).mismatches == 0

    def test_start_from_the_snapshot_of_their_own_time(self, settings, folder, monkeypatch):
        monkeypatch.setattr(eras, "ERA_SEGMENTS", 2)
        monkeypatch.setattr(eras, "ERA_LEGS", 1)
        monkeypatch.setattr(keeping, "SNAPSHOT_LENGTH", 1)
        mongo.ensure_indexes(documents_of("chassis", "services.payments"))
        books, log, snapshots = Books(), MongoLog(), MongoSnapshots(MARKET)
        before = books.go_on()
        keeping.Keeper(MARKET, log, snapshots).run()
        then = snapshots.latest(log.read).next_sequence
        backup.take(settings, folder, now=NOW, progress=quiet)
        books.go_on()
        keeping.Keeper(MARKET, log, snapshots).run()
        assert snapshots.latest(log.read).next_sequence > then > 0

        backup.restore(settings, folder, replace=True, progress=quiet)
        mongo.ensure_indexes(documents_of("chassis", "services.payments"))

        started = Writer(MARKET, log, books.clock, snapshots=snapshots)
        assert started.books.next_sequence == then
        started.catch_up()
        assert started.books.head == before.head
        books.go_on()
        keeping.Keeper(MARKET, log, snapshots).run()
        latest = snapshots.latest(log.read)
        assert latest.next_sequence > then
        assert latest.head == log.read(latest.next_sequence - 1).hash

    def test_are_of_one_moment_although_they_go_on_meanwhile(self, settings, folder):
        books = Books()
        books.go_on(2)
        halt = threading.Event()

        def keep_booking():
            while not halt.is_set():
                books.go_on(1)

        booking = threading.Thread(target=keep_booking)
        booking.start()
        try:
            backup.take(settings, folder, now=NOW, progress=quiet)
        finally:
            halt.set()
            booking.join()
        backup.restore(settings, folder, replace=True, progress=quiet)

        # Balances, entries and cursor belong together, or the auditor would say so.
        found = Auditor(MARKET, MongoLog()).run(NOW)
        assert (found.mismatches, found.behind) == (0, 0)


class TestBackup:
    @pytest.fixture(autouse=True)
    def _stored(self, database):
        collection("leases").insert_many([{"_id": f"l{n}", "at": NOW} for n in range(2_500)])

    def test_gives_back_every_document_as_it_was(self, settings, folder):
        before = list(collection("leases").find())
        manifest = backup.take(settings, folder, now=NOW, progress=quiet)
        collection("leases").delete_many({})
        backup.restore(settings, folder, replace=True, progress=quiet)

        assert manifest["services"]["payments"]["collections"]["leases"]["documents"] == 2_500
        assert list(collection("leases").find()) == before

    def test_is_readable_by_its_owner_only(self, settings, folder):
        backup.take(settings, folder, now=NOW, progress=quiet)

        assert stat.S_IMODE(folder.stat().st_mode) == 0o700

    def test_is_never_written_over_another(self, settings, folder):
        folder.mkdir()

        with pytest.raises(BackupThere):
            backup.take(settings, folder, now=NOW, progress=quiet)

    def test_clears_what_an_earlier_one_that_broke_off_has_left(self, settings, folder):
        left = folder.with_name("monday.part") / "payments"
        left.mkdir(parents=True)
        (left / "gone.bson.gz").write_bytes(b"half of it")

        backup.take(settings, folder, now=NOW, progress=quiet)

        assert not left.exists()
        assert not (folder / "payments" / "gone.bson.gz").exists()
        assert backup.checked(folder, progress=quiet)["services"].keys() == {"payments"}

    def test_is_not_there_when_it_broke_off(self, settings, folder):
        def stop(name):
            if name.endswith("leases"):
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            backup.take(settings, folder, now=NOW, progress=stop)

        assert not folder.exists()

    @pytest.mark.parametrize("harm", ["change", "delete", "manifest", "format"])
    def test_that_was_harmed_is_refused_and_nothing_is_touched(self, settings, folder, harm):
        backup.take(settings, folder, now=NOW, progress=quiet)
        file, manifest = folder / "payments" / "leases.bson.gz", folder / "manifest.json"
        if harm == "change":
            file.write_bytes(gzip.compress(gzip.decompress(file.read_bytes())[:-1]))
        elif harm == "delete":
            file.unlink()
        elif harm == "manifest":
            manifest.write_text("{")
        else:
            manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"format": 9}))

        with pytest.raises(BackupUnsound):
            backup.restore(settings, folder, replace=True, progress=quiet)

        assert collection("leases").count_documents({}) == 2_500

    def test_never_replaces_what_is_stored_without_being_told(self, settings, folder):
        backup.take(settings, folder, now=NOW, progress=quiet)
        collection("leases").insert_one({"_id": "newer"})

        with pytest.raises(DatabaseNotEmpty):
            backup.restore(settings, folder, replace=False, progress=quiet)

        assert collection("leases").count_documents({"_id": "newer"}) == 1

    def test_has_consumers_read_their_topics_again(self, settings, folder):
        collection("inbox_topics").insert_one({"_id": "g|t", "incarnation": "x"})
        backup.take(settings, folder, now=NOW, progress=quiet)
        backup.restore(settings, folder, replace=True, progress=quiet)

        assert collection("inbox_topics").find_one({"_id": "g|t"})["incarnation"] != "x"


class TestCommands:
    def test_bring_the_data_of_a_folder_back_and_raise_the_incarnation(
        self, settings, folder, tmp_path, monkeypatch
    ):
        var = tmp_path / "var"
        (var / "logs").mkdir(parents=True)
        collection("leases").insert_one({"_id": "a", "until": NOW + timedelta(days=1)})
        monkeypatch.setenv("PAYMENTS_MONGO_URI", settings["payments"].mongo_uri)
        monkeypatch.setattr(backup_command.programs, "services", lambda: ("payments",))
        server = Mongod(var / "mongod", port=free_port(), log=var / "logs" / "mongod.log")
        server.start()
        server.stop()

        taken = CliRunner().invoke(backup_command.app, [str(folder), "--var", str(var), "--json"])
        ended = CliRunner().invoke(restore_command.app, [str(folder), "--var", str(var), "--json"])
        again = CliRunner().invoke(restore_command.app, [str(folder), "--var", str(var), "--json"])

        assert taken.exit_code == 0, taken.output
        assert json.loads(ended.stdout)["environment"] == {"PAYMENTS_INCARNATION": "2"}
        assert isinstance(again.exception, DatabaseNotEmpty)
        server.start()
        with server.client() as client:
            assert client["payments"]["leases"].count_documents({}) == 1
        server.kill()
        suite = Suite(var, port_base=20_000)
        assert suite.environment()["PAYMENTS_INCARNATION"] == "2"
