"""The auditor: walks the log in memory and compares each projection with what it leads to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from pymongo.errors import PyMongoError

from chassis import metrics
from chassis.logging import logger
from chassis.mongo import Row, atomically, collection
from services.payments.audits.documents import AUDITS
from services.payments.audits.domain import MOST_FINDINGS, Audit, differences
from services.payments.ledger.documents import ACCOUNTS, CURSORS, ENTRIES, HOLDS, OPEN
from services.payments.ledger.engine.segments import check_link, genesis
from services.payments.ledger.repositories.folding import Account, Fold, Position, Slice, slices
from services.payments.ledger.use_cases import Log

ENTRIES_A_STEP = 2_000
ROWS_A_STEP = 5_000
STEP_SECONDS = 20.0
_NOWHERE = Position(1 << 62, 0)  # an audit publishes nothing


class Interrupted(Exception):
    """MongoDB did not answer in the middle of a comparison."""


class Auditor:
    """Compares entries, balances and holds with the log, from its first segment on, for ever.

    One walk follows the projections closely. Another starts from the beginning and reads
    everything again, log included; when it has caught up it takes the first one's place and
    the next one starts. So a row that was right once and changed later is found within one
    round. Every comparison reads one snapshot; nothing is locked, and nothing is written but
    the finding. A projection thrown away and made anew is walked along from the start.
    """

    def __init__(self, market: str, log: Log, *, entries: int = ENTRIES_A_STEP) -> None:
        self._market, self._log, self._entries = market, log, entries
        self._close = self._begun()
        self._patrol = self._begun()
        self.last: Audit | None = None

    def is_sound(self) -> bool:
        """Whether the last audit of this process found nothing; readiness asks."""
        return self.last is None or self.last.is_sound

    def run(self, now: datetime) -> Audit:
        """Catch up with the projections, and let the patrol go one step; keep what was found."""
        if self._is_overtaken():
            self._close, self._patrol = self._begun(), self._begun()
        try:
            while self._close.step():
                pass
            if not self._patrol.step():
                self._close, self._patrol = self._patrol, self._begun()
        except Interrupted:
            self._close, self._patrol = self._begun(), self._begun()
            raise
        found = self.last = self._found()
        metrics.LEDGER_AUDIT_MISMATCHES.set(found.mismatches)
        metrics.LEDGER_AUDIT_LAG.set(found.behind)
        row = {
            "at": now,
            "segments": found.segments,
            "behind": found.behind,
            "mismatches": found.mismatches,
            "findings": list(found.findings),
        }
        collection(AUDITS).update_one({"_id": self._market}, {"$set": row}, upsert=True)
        return found

    def _begun(self) -> _Walk:
        return _Walk(self._market, self._log, self._entries)

    def _is_overtaken(self) -> bool:
        """Whether the projections stand before what was compared: they are being rebuilt."""
        cursor = _cursor(self._market)
        return cursor is None or cursor["resetting"] or _place(cursor) < self._close.place

    def _found(self) -> Audit:
        worse = max((self._close, self._patrol), key=lambda walk: walk.mismatches)
        if worse.mismatches > worse.told:
            logger("audit").critical(
                "projections differ from the log", findings=worse.findings[:10]
            )
            worse.told = worse.mismatches
        cursor = _cursor(self._market) or {"segment": 0}
        return Audit(
            segments=self._close.place.segment,
            behind=max(0, cursor["segment"] - self._close.place.segment),
            mismatches=worse.mismatches,
            findings=tuple(worse.findings),
        )


class _Walk:
    """One walk along the log: what the projections should be at its place, and what differs."""

    def __init__(self, market: str, log: Log, entries: int) -> None:
        self._market, self._log, self._entries = market, log, entries
        self.place = Position(0, 0)
        self.findings: list[str] = []
        self.mismatches = self.told = 0
        self._head = genesis(market)
        self._fold = Fold({}, [""], 0, published=_NOWHERE)
        self._holds: dict[str, Row] = {}
        self._owed_accounts: set[int] = set()
        self._owed_holds: set[str] = set()

    def step(self) -> bool:
        """Compare some more; False when all is compared, or the projections are being rebuilt."""
        return atomically(self._step, timeout_seconds=STEP_SECONDS)

    def _step(self) -> bool:
        try:
            return self._compared()
        except PyMongoError as error:
            # Half a step may be taken in: trying again from here would find what is not so.
            raise Interrupted(str(error)) from error

    def _compared(self) -> bool:
        cursor = _cursor(self._market)
        if cursor is None or cursor["resetting"] or _place(cursor) < self.place:
            return False
        parts = list(self._next(_place(cursor)))
        for part in parts:
            self._take_in(part)
        if self.place < _place(cursor):
            return True
        self._compare_accounts()
        self._compare_holds()
        return bool(self._owed_accounts or self._owed_holds)

    def _next(self, until: Position) -> Iterable[Slice]:
        """The next entries up to where the projections stand."""
        if self.place == until:
            return
        found = slices(
            self._log.since(self.place.segment), index=self.place.index, entries=self._entries
        )
        for part in found:
            sequence = part.segment.sequence
            if sequence > until.segment or Position(sequence, part.start) >= until:
                return
            stop = min(part.stop, until.index) if sequence == until.segment else part.stop
            yield Slice(part.segment, part.start, stop)

    def _take_in(self, part: Slice) -> None:
        if part.start == 0:
            check_link(part.segment, sequence=part.segment.sequence, previous=self._head)
        fold = self._fold
        fold.take_in(part)
        self._compare_entries(part, fold.entry_rows)
        for hold in fold.new_holds:
            self._holds[hold["_id"]] = hold
            self._owed_holds.add(hold["_id"])
        for hold_id, change in fold.changed_holds:
            self._holds[hold_id] = _changed(self._holds[hold_id], change)
            self._owed_holds.add(hold_id)
        self._owed_accounts |= fold.touched
        self._fold = Fold(fold.accounts, fold.words, fold.account_count, published=_NOWHERE)
        whole = part.stop == part.segment.entry_count
        sequence = part.segment.sequence
        self.place = Position(sequence + 1, 0) if whole else Position(sequence, part.stop)
        if whole:
            self._head = part.segment.hash

    def _compare_entries(self, part: Slice, expected: Iterable[Row]) -> None:
        where = {
            "segment": part.segment.sequence,
            "index": {"$gte": part.start, "$lt": part.stop},
        }
        self._differ("entry", expected, collection(ENTRIES).find(where))

    def _compare_accounts(self) -> None:
        numbers = list(islice(self._owed_accounts, ROWS_A_STEP))
        expected = [_account_row(number, self._fold.accounts[number]) for number in numbers]
        where = {"$or": [{"_id": {"$in": numbers}}, {"_id": {"$gte": self._fold.account_count}}]}
        self._differ("account", expected, collection(ACCOUNTS).find(where))
        self._owed_accounts.difference_update(numbers)

    def _compare_holds(self) -> None:
        ids = list(islice(self._owed_holds, ROWS_A_STEP))
        expected = [self._holds[hold_id] for hold_id in ids]
        self._differ("hold", expected, collection(HOLDS).find({"_id": {"$in": ids}}))
        self._owed_holds.difference_update(ids)
        for hold_id in ids:
            if self._holds[hold_id]["state"] != OPEN:
                del self._holds[hold_id]

    def _differ(self, name: str, expected: Iterable[Row], stored: Iterable[Row]) -> None:
        for line in differences(name, _by_id(expected), _by_id(stored)):
            self.mismatches += 1
            if len(self.findings) < MOST_FINDINGS:
                self.findings.append(line)


def _account_row(number: int, account: Account) -> Row:
    return {
        "_id": number,
        "path": account.path,
        "currency": account.currency,
        "floor": account.floor,
        "posted": account.posted,
        "available": account.available,
        "entries": account.entries,
        "ceiling": account.ceiling,
        "limits_version": account.limits_version,
    }


def _changed(hold: Row, change: Mapping[str, Row]) -> Row:
    """The hold after a change as it is written to MongoDB."""
    parts = [*hold.get("parts", []), *change.get("$push", {}).values()]
    return {**hold, **change.get("$set", {}), **({"parts": parts} if parts else {})}


def _by_id(rows: Iterable[Row]) -> dict[Any, Row]:
    return {row["_id"]: row for row in rows}


def _cursor(market: str) -> Row | None:
    return collection(CURSORS).find_one({"_id": market})


def _place(cursor: Row) -> Position:
    return Position(cursor["segment"], cursor["index"])
