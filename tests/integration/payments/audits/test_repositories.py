"""The auditor finds every row that is not what the log says, and nothing else."""

from __future__ import annotations

import pytest

from chassis.kernel.time import system_clock
from chassis.mongo import collection
from services.payments.audits.queries import latest_audit, projection
from services.payments.audits.repositories import Auditor
from services.payments.ledger.domain import retire
from services.payments.ledger.engine.segments import ChainBroken
from services.payments.ledger.queries import LedgerQueries
from services.payments.ledger.repositories.projector import Projector
from services.payments.ledger.repositories.segments import MongoLog
from services.payments.ledger.repositories.writer import Writer
from teahouse.ledger.verify import verify
from tests.builders.payments import an_id
from tests.property.ledger_random import RandomEntries
from tests.unit.payments.ledger.books import MARKET, MovableClock

pytestmark = pytest.mark.usefixtures("database")


class Books:
    """A writer of random entries, and the projector that follows it."""

    def __init__(self):
        self.clock = MovableClock()
        self.writer = Writer(MARKET, MongoLog(), self.clock)
        self.source = RandomEntries(3, self.clock, accounts=5)
        self.projector = Projector(MARKET, MongoLog(), entries=7)

    def go_on(self, batches=8):
        for _ in range(batches):
            self.writer.book(self.source.batch(15))
            self.clock.forward(seconds=30)
        self.projector.run()


@pytest.fixture
def books():
    found = Books()
    found.go_on()
    return found


@pytest.fixture
def auditor():
    return Auditor(MARKET, MongoLog(), entries=40)


def audit(auditor, rounds=30):
    """Audit for long enough that the patrol has been everywhere."""
    for _ in range(rounds):
        found = auditor.run(system_clock())
    return found


class TestAuditor:
    def test_finds_nothing_in_what_was_projected(self, books, auditor):
        found = audit(auditor)

        assert (found.mismatches, found.behind) == (0, 0)
        assert found.segments == books.writer.books.next_sequence

    def test_finds_nothing_in_ids_that_were_retired(self, books, auditor, tmp_path):
        books.writer.book([retire(an_id("ent")) for _ in range(3)])
        books.projector.run()

        assert audit(auditor).mismatches == 0
        export = tmp_path / "books.ndjson"
        export.write_text("".join(LedgerQueries(MARKET, MongoLog()).export()), encoding="utf-8")
        assert verify(export).problems == []

    def test_follows_closely_while_the_books_go_on(self, books, auditor):
        for _ in range(5):
            books.go_on(2)
            found = auditor.run(system_clock())

            assert (found.mismatches, found.behind) == (0, 0)

    def test_compares_also_within_a_segment_that_is_half_projected(self, books, auditor):
        books.writer.book(books.source.batch(60))
        while books.projector.step():
            assert auditor.run(system_clock()).mismatches == 0

    @pytest.mark.parametrize(
        ("name", "where", "change"),
        [
            ("ledger_accounts", {"_id": 1}, {"posted": 5}),
            ("ledger_accounts", {"_id": 1}, {"available": -1}),
            ("ledger_accounts", {"_id": 0}, {"floor": 0}),
            ("ledger_entries", {"segment": 0, "index": 0}, {"legs.0.balance": 1}),
            ("ledger_entries", {"segment": 1, "index": 0}, {"code": "gift"}),
            ("ledger_entries", {"segment": 1, "index": 1}, {"legs.0.account": "platform:fees"}),
            ("ledger_holds", {"state": "posted"}, {"state": "voided"}),
            ("ledger_holds", {"state": "posted"}, {"ended_by": "ent_x"}),
        ],
    )
    def test_finds_a_row_changed_long_after_it_was_right(
        self, books, auditor, name, where, change
    ):
        audit(auditor)
        assert collection(name).update_one(where, {"$set": change}).modified_count == 1

        found = audit(auditor)

        assert found.mismatches >= 1
        assert next(iter(change)).split(".")[0] in found.findings[0]
        assert not auditor.is_sound()

    @pytest.mark.parametrize("name", ["ledger_accounts", "ledger_entries", "ledger_holds"])
    def test_finds_a_row_that_is_missing(self, books, auditor, name):
        collection(name).delete_one({})

        assert "missing" in audit(auditor).findings[0]

    def test_finds_rows_that_the_log_does_not_have(self, books, auditor):
        entry = collection("ledger_entries").find_one({"segment": 2})
        collection("ledger_entries").insert_one({**entry, "_id": "ent_x", "index": 10_000})
        account = collection("ledger_accounts").find_one({})
        collection("ledger_accounts").insert_one({**account, "_id": 999, "path": "cause:me"})

        findings = audit(auditor).findings

        assert "account 999: not in the log" in findings

    def test_is_content_again_once_the_projections_were_made_anew(self, books, auditor):
        collection("ledger_accounts").update_one({"_id": 1}, {"$set": {"posted": 5}})
        assert audit(auditor).mismatches >= 1

        books.projector.rebuild()
        found = audit(auditor)

        assert (found.mismatches, found.behind) == (0, 0)
        assert auditor.is_sound()

    def test_never_takes_a_rebuild_for_a_mistake(self, books, auditor):
        audit(auditor)
        books.projector.forget()

        while books.projector.step():
            assert auditor.run(system_clock()).mismatches == 0

    def test_stops_at_a_log_that_was_changed(self, books, auditor):
        collection("ledger_segments").update_one({"_id": 1}, {"$set": {"epoch": 7}})

        with pytest.raises(ChainBroken):
            audit(auditor)


class TestQueries:
    def test_tell_what_was_last_found(self, books, auditor):
        assert latest_audit(MARKET)["at"] is None

        found = auditor.run(system_clock())

        assert latest_audit(MARKET)["segments"] == found.segments

    def test_tell_how_far_a_rebuild_has_come(self, books):
        whole = books.writer.books.next_sequence
        assert projection(MARKET) == {"segments": whole, "behind": 0}

        books.projector.forget()

        assert projection(MARKET) == {"segments": 0, "behind": whole}
