"""Reports read from the projections, the sealed days and the log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np

from chassis.kernel.ids import from_int
from chassis.mongo import Row, atomically, collection
from services.payments.accounting.domain import DayNotClosed, Owed, aged
from services.payments.accounting.engine.beancount import Moved, ledger_text
from services.payments.ledger.documents import ACCOUNTS, ENTRIES
from services.payments.ledger.domain import PLATFORM_FEES
from services.payments.ledger.domain.times import from_milliseconds
from services.payments.ledger.engine.columns import movements
from services.payments.ledger.engine.segments import Segment
from services.payments.ledger.use_cases import Log
from services.payments.proofs.documents import DAYS
from services.payments.proofs.domain import balances_by_kind, day_id

OWED = r"^org:[^:]+:(?:available|pending|reserve)$"


class AccountingQueries:
    """The platform's reports. Those of a moment follow the log by a moment."""

    def __init__(self, market: str, zone: ZoneInfo, log: Log) -> None:
        self._market, self._zone, self._log = market, zone, log

    def trial_balance(self, day: date | None) -> Row:
        """Accounts of a kind together, as of now or of a closed day; raise ``DayNotClosed``.

        The figures of a closed day are those whose hash its published root signs.
        """
        lines = self._now() if day is None else self._closed(day)
        sums: dict[str, int] = {}
        for line in lines:
            sums[line["currency"]] = sums.get(line["currency"], 0) + line["minor"]
        return {"day": day, "lines": lines, "balanced": not any(sums.values())}

    def ageing(self, *, after: int, limit: int, now: datetime) -> list[tuple[int, Owed]]:
        """Up to ``limit + 1`` accounts of organisations that are owed something, by number."""
        where = {"_id": {"$gt": after}, "path": {"$regex": OWED}, "posted": {"$gt": 0}}
        rows = collection(ACCOUNTS).find(where).sort("_id", 1).limit(limit + 1)
        return [
            (
                row["_id"],
                aged(
                    row["path"],
                    row["currency"],
                    row["posted"],
                    _credits(row["path"], row["currency"]),
                    now,
                ),
            )
            for row in rows
        ]

    def income(self, *, start: datetime, end: datetime) -> list[Row]:
        """What came into and left the platform's fees, by code and currency."""
        return list(
            collection(ENTRIES).aggregate(
                [
                    {"$match": {"legs.account": PLATFORM_FEES, "at": {"$gte": start, "$lt": end}}},
                    {"$unwind": "$legs"},
                    {"$match": {"legs.account": PLATFORM_FEES, "legs.posted": {"$ne": 0}}},
                    {
                        "$group": {
                            "_id": {"code": "$code", "currency": "$legs.currency"},
                            "earned": {"$sum": {"$max": ["$legs.posted", 0]}},
                            "returned": {"$sum": {"$min": ["$legs.posted", 0]}},
                            "entries": {"$sum": 1},
                        }
                    },
                    {"$sort": {"_id.currency": 1, "_id.code": 1}},
                    {
                        "$project": {
                            "_id": 0,
                            "code": "$_id.code",
                            "currency": "$_id.currency",
                            "earned": 1,
                            "returned": 1,
                            "net": {"$add": ["$earned", "$returned"]},
                            "entries": 1,
                        }
                    },
                ]
            )
        )

    def beancount(self) -> Iterator[str]:
        """The whole log as beancount text, with the closing balances to check it against."""
        return ledger_text(self._moved())

    def _now(self) -> list[Row]:
        rows = atomically(lambda: list(collection(ACCOUNTS).find().sort("_id", 1)))
        found = balances_by_kind((row["path"], row["currency"], row["posted"]) for row in rows)
        return [_line(one.accounts, one.currency, one.minor) for one in found]

    def _closed(self, day: date) -> list[Row]:
        row = collection(DAYS).find_one({"_id": day_id(self._market, day)}, {"balances": 1})
        if row is None:
            raise DayNotClosed(f"{day.isoformat()} is not closed")
        return [_line(*balance) for balance in row["balances"]]

    def _moved(self) -> Iterator[Moved]:
        names: list[tuple[str, str]] = []
        words = [""]
        for segment in self._log.since(0):
            names += [(opened.path, opened.currency) for opened in segment.accounts]
            words += segment.words
            day = from_milliseconds(segment.at).astimezone(self._zone).date()
            yield from _entries(segment, day, names, words)


def _entries(
    segment: Segment, day: date, names: list[tuple[str, str]], words: list[str]
) -> Iterator[Moved]:
    entries = segment.entries
    posted, _ = movements(entries)
    ends = np.cumsum(entries.counts()).tolist()
    moved, accounts, codes = posted.tolist(), entries.account.tolist(), entries.code.tolist()
    start = 0
    for number, code, end in zip(entries.numbers(), codes, ends, strict=True):
        legs = [(names[accounts[leg]], moved[leg]) for leg in range(start, end) if moved[leg]]
        start = end
        if legs:
            yield Moved(day, from_int("ent", number), words[code], legs)


def _credits(path: str, currency: str) -> Iterator[tuple[datetime, int]]:
    """What came into an account, the newest first."""
    touching = {"legs": {"$elemMatch": {"account": path, "currency": currency}}}
    order = [("at", -1), ("segment", -1), ("index", -1)]
    for row in collection(ENTRIES).find(touching, {"at": 1, "legs": 1}).sort(order):
        for leg in row["legs"]:
            mine = leg["account"] == path and leg["currency"] == currency
            if mine and leg["posted"] > 0:
                yield row["at"], leg["posted"]


def _line(accounts: str, currency: str, minor: int) -> Row:
    return {"accounts": accounts, "currency": currency, "minor": minor}
