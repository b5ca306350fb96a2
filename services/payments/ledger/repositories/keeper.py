"""The keeper: follows the log to keep balances at any time, and snapshots to start from."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

from bson.int64 import Int64
from pymongo.errors import BulkWriteError

from chassis import metrics
from chassis.mongo import collection
from services.payments.ledger.documents import ERAS, NUMBERED, PAGES, SEGMENTS
from services.payments.ledger.engine.books import Books
from services.payments.ledger.engine.eras import Era, Page
from services.payments.ledger.use_cases import Log, Snapshots

ROWS_A_CALL = 100
DUPLICATE = 11_000
SNAPSHOT_LENGTH = 1 << 20  # entries, of which a start reads some three million a second
SEGMENT_LENGTH = 512  # entries that take as long to read as opening a segment does
BLOCK_SHIFT = 40  # bits for the number of a segment
Row = dict[str, Any]


class Keeper:
    """Turns whole eras of the log into pages, and now and then the books into a snapshot.

    Its place in the log is that of its last snapshot: what it had done beyond, it does
    again, with the same result, for eras and pages follow from the log alone. So it may
    die at any line, run twice at once, and be made to begin anew; it does that by itself
    when the eras are not those of the log, as after an older log was put back. Raises
    ``ChainBroken`` rather than follow a log that was changed. Not safe for several threads.
    """

    def __init__(self, market: str, log: Log, snapshots: Snapshots) -> None:
        self._market = market
        self._log = log
        self._snapshots = snapshots
        self._standing: tuple[Books, Era] | None = None
        self._opened: list[Row] = []
        self._length_at_snapshot = 0

    def run(self) -> None:
        """Follow the log to its end."""
        try:
            self._follow()
        except BaseException:
            self._standing = None
            raise

    def rebuild(self) -> None:
        """Forget all pages and snapshots, and make them anew."""
        self._standing = None
        self._forget()
        self.run()

    def _forget(self) -> None:
        for name in (ERAS, PAGES, NUMBERED):
            collection(name).delete_many({})
        self._snapshots.forget()

    def _follow(self) -> None:
        books, era = self._standing or self._started()
        for segment in self._log.since(books.next_sequence):
            known = books.accounts.count
            books.apply(segment)
            era.take_in(segment)
            self._opened += [
                {
                    "_id": Int64(number),
                    "path": account.path,
                    "currency": account.currency,
                    "opened": Int64(segment.sequence),
                }
                for number, account in enumerate(segment.accounts, start=known)
            ]
            if era.is_whole:
                self._end(books, era)
                era = self._begin(books)
        metrics.LEDGER_HISTORY_LAG.set(books.next_sequence - era.first)

    def _started(self) -> tuple[Books, Era]:
        if not is_of_the_log(last_era()):
            self._forget()
        books = self._snapshots.latest(self._log.read) or Books(self._market, self._log.read)
        self._length_at_snapshot = _length(books)
        return books, self._begin(books)

    def _begin(self, books: Books) -> Era:
        accounts = books.accounts
        count = accounts.count
        opening = (accounts.posted[:count].copy(), accounts.available[:count].copy())
        era = Era(books.next_sequence, *opening)
        self._standing, self._opened = (books, era), []
        return era

    def _end(self, books: Books, era: Era) -> None:
        """Write the pages of an era; that they are all there is said last."""
        _write(NUMBERED, self._opened)
        _write(PAGES, map(page_row, era.pages()))
        row = {
            "_id": Int64(era.first),
            "next": Int64(era.next_sequence),
            "head": books.head,
            "accounts": Int64(books.accounts.count),
        }
        _write(ERAS, [row])
        if _length(books) - self._length_at_snapshot >= max(SNAPSHOT_LENGTH, books.accounts.count):
            self._snapshots.store(books)
            self._length_at_snapshot = _length(books)


def last_era() -> Row:
    """The last whole era; one that ends before the first segment while there is none."""
    return collection(ERAS).find_one({}, sort=[("_id", -1)]) or {"next": 0, "accounts": 0}


def is_of_the_log(era: Row) -> bool:
    """Whether the log has the very segment that this era, and with it all before, ends with."""
    last = {"_id": era["next"] - 1, "hash": era.get("head")}
    return not era["next"] or collection(SEGMENTS).find_one(last, {"_id": 1}) is not None


def _length(books: Books) -> int:
    """How long the log so far takes to read, in entries of full segments."""
    return books.entry_count + SEGMENT_LENGTH * books.next_sequence


def page_id(block: int, first: int) -> Int64:
    """Where the page of an era that begins with this segment lies."""
    return Int64(block << BLOCK_SHIFT | first)


def page_row(page: Page) -> Row:
    """A page as it is stored."""
    row = {
        "_id": page_id(page.block, page.first),
        "opening_posted": page.opening_posted.tobytes(),
        "account": page.account.tobytes(),
        "segment": page.segment.tobytes(),
        "posted": page.posted.tobytes(),
    }
    if (page.opening_available != page.opening_posted).any():
        row["opening_available"] = page.opening_available.tobytes()
    if (page.available != page.posted).any():
        row["available"] = page.available.tobytes()
    return row


def _write(name: str, rows: Iterable[Row]) -> None:
    """Write rows, some of which may be there already, in calls of a bounded size."""
    waiting = iter(rows)
    while some := list(islice(waiting, ROWS_A_CALL)):
        try:
            collection(name).insert_many(some, ordered=False)
        except BulkWriteError as failed:
            errors = failed.details["writeErrors"]
            if any(error["code"] != DUPLICATE for error in errors):
                raise
