"""A log that an earlier version stored is read by this one, to the last bit.

``format_1.ndjson`` was exported before there were limits, chains, reversals and periods:
its columns of those are absent, and absent columns are zeros.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path

from services.payments.ledger.domain import Leg, Limits, limit, plain
from services.payments.ledger.engine.books import Books
from services.payments.ledger.engine.columns import NO_CEILING
from services.payments.ledger.engine.segments import Segment
from teahouse.ledger.verify import verify
from tests.unit.payments.ledger.books import MARKET, MemoryLog, MovableClock, SeededIds, a_writer

EXPORT = Path(__file__).with_name("format_1.ndjson")
ROWS = [json.loads(line) for line in EXPORT.read_text(encoding="utf-8").splitlines()]


def stored() -> list[Segment]:
    return [
        Segment(
            sequence=row["sequence"],
            at=row["at"],
            epoch=row["epoch"],
            entry_count=row["entries"],
            leg_count=row["legs"],
            previous=bytes.fromhex(row["previous"]),
            hash=bytes.fromhex(row["hash"]),
            columns={name: base64.b64decode(text) for name, text in row["columns"].items()},
        )
        for row in ROWS[1:-1]
    ]


def a_log() -> MemoryLog:
    log = MemoryLog()
    for segment in stored():
        log.append(segment)
    return log


class TestStoredBefore:
    def test_every_hash_is_what_it_was_and_the_sums_are_right(self):
        books = Books(MARKET, a_log().read)
        for segment in stored():
            books.apply(segment)

        assert books.head.hex() == ROWS[-1]["head"]
        assert books.entry_count == ROWS[-1]["entries"]
        assert not any(books.accounts.trial_balance().values())

    def test_what_holds_promise_follows_from_the_holds(self):
        books = Books(MARKET, a_log().read)
        for segment in stored():
            books.apply(segment)

        promised = dict.fromkeys(range(books.accounts.count), 0)
        for _, hold in books.holds:
            for number, minor in zip(hold.accounts, hold.amounts, strict=True):
                promised[number] += max(minor, 0)
        assert any(promised.values())
        assert books.accounts.promised[: books.accounts.count].tolist() == list(promised.values())

    def test_nothing_has_limits_but_the_floors_of_the_chart(self):
        books = Books(MARKET, a_log().read)
        for segment in stored():
            books.apply(segment)

        assert set(books.accounts.ceiling[: books.accounts.count].tolist()) == {NO_CEILING}
        assert not books.accounts.version.any()
        assert books.closed_until == 0

    def test_the_verifier_still_finds_it_right(self):
        report = verify(EXPORT)

        assert report.problems == []
        assert report.complete

    def test_the_log_goes_on_with_what_is_new(self):
        log, clock = a_log(), MovableClock()
        clock.forward(days=1)
        writer, ids = a_writer(log, clock), SeededIds(99, clock)
        account = f"org:{ids('org')}:available"
        legs = [Leg(account, -5, "CNY"), Leg("external:provider", 5, "CNY")]
        limits = Limits(account=account, currency="CNY", version=1, floor=-5)

        outcomes = writer.book(
            [limit(ids("ent"), limits, "credit-line"), plain(ids("ent"), legs, "payout")]
        )

        assert all(outcome.stands for outcome in outcomes)
        assert outcomes[0].segment == len(ROWS) - 2
