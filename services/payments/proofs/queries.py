"""What is read of the proofs: sealed days, and the receipt of an entry."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from chassis.mongo import Row, collection
from chassis.signer import Signer
from services.payments.ledger.documents import ACCOUNTS, CURSORS
from services.payments.ledger.engine.segments import Segment
from services.payments.ledger.use_cases import Log
from services.payments.proofs.documents import DAYS
from services.payments.proofs.domain import (
    DayNotSealed,
    Inclusion,
    Receipt,
    SealedDay,
    day_id,
)
from services.payments.proofs.engine.leaves import contents, hashed
from services.payments.proofs.engine.tree import leaf_hash, path_of
from services.payments.proofs.repositories import to_day


class ProofQueries:
    """Reads sealed days, and makes receipts from one segment and one day each."""

    def __init__(self, market: str, log: Log, signer: Signer) -> None:
        self._market = market
        self._log = log
        self._signer = signer

    def day(self, day: date) -> SealedDay:
        """One sealed day; raise ``DayNotSealed``."""
        row = collection(DAYS).find_one({"_id": day_id(self._market, day)})
        if row is None:
            raise DayNotSealed(f"{day.isoformat()} is not sealed")
        return to_day(row)

    def days(self, *, before: str | None, limit: int) -> list[SealedDay]:
        """Up to ``limit + 1`` sealed days, the latest first; ``before`` is an ISO date."""
        where: Row = {"market": self._market}
        if before is not None:
            where["day"] = {"$lt": before}
        rows = collection(DAYS).find(where).sort("day", -1).limit(limit + 1)
        return [to_day(row) for row in rows]

    def anchor(self) -> str:
        """The latest root in one line, for paper; empty before the first."""
        latest = self.days(before=None, limit=0)
        return f"Books of {latest[0].day}: root {latest[0].root.hex()}" if latest else ""

    def receipt(self, segment: int, index: int) -> Receipt:
        """The receipt of the entry at this place of the log."""
        read = self._log.read(segment)
        entries = list(contents(read, _Names(read), self._words()))
        hashes = [hashed(entry) for entry in entries]
        in_segment = Inclusion(index=index, size=len(hashes), path=tuple(path_of(index, hashes)))
        within = {"market": self._market, "first": {"$lte": segment}, "end": {"$gt": segment}}
        row = collection(DAYS).find_one(within, sort=[("first", -1)])
        if row is None:
            return Receipt(content=entries[index], in_segment=in_segment)
        day = to_day(row)
        roots = [leaf_hash(root) for root in day.segment_roots]
        place = segment - day.first
        in_day = Inclusion(index=place, size=len(roots), path=tuple(path_of(place, roots)))
        return Receipt(content=entries[index], in_segment=in_segment, in_day=in_day, day=day)

    def exported(self) -> Iterator[Row]:
        """What an export says of the days: the public keys, then every day as it was signed."""
        yield {"kind": "keys", **self._signer.published()}
        for row in collection(DAYS).find({"market": self._market}).sort("day", 1):
            yield {"kind": "day", "token": row["token"]}

    def _words(self) -> list[str]:
        cursor = collection(CURSORS).find_one({"_id": self._market}, {"words": 1})
        found: list[str] = cursor["words"] if cursor else [""]
        return found


class _Names:
    """Path and currency of the accounts that a segment touches, by their number."""

    def __init__(self, segment: Segment) -> None:
        numbers = sorted(set(segment.entries.account.tolist()))
        rows = collection(ACCOUNTS).find({"_id": {"$in": numbers}}, {"path": 1, "currency": 1})
        self._names: dict[int, tuple[str, str]] = {
            row["_id"]: (row["path"], row["currency"]) for row in rows
        }

    def __getitem__(self, number: int, /) -> tuple[str, str]:
        return self._names[number]
