"""Group commit: many callers, one thread that decides, one segment for all who wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from queue import SimpleQueue

from pymongo.errors import PyMongoError

from chassis import metrics
from chassis.logging import logger
from chassis.mongo import in_transaction
from services.payments.ledger.domain import (
    EntryRequest,
    LedgerUnavailable,
    Outcome,
    Round,
    check_chains,
)
from services.payments.ledger.engine.columns import MAX_ENTRIES
from services.payments.ledger.engine.segments import ChainBroken
from services.payments.ledger.repositories.bulk import Ahead, BulkWriter, count, shared
from services.payments.ledger.repositories.lines import check_unlinked
from services.payments.ledger.repositories.writer import Writer
from services.payments.ledger.use_cases import Superseded

PATIENCE_SECONDS = 10.0
RIVALRY_SECONDS = 5.0  # beside another writer, whoever runs ahead would lose every time


@dataclass(slots=True)
class _Ticket:
    """One caller's requests, or lines, and the answer it waits for."""

    requests: Sequence[EntryRequest] = ()
    lines: Sequence[bytes] = ()
    outcomes: Sequence[Outcome] = ()
    rounds: Sequence[Ahead] = ()
    trouble: Exception | None = None
    gate: threading.Lock = field(default_factory=threading.Lock)  # far cheaper than an Event

    def __post_init__(self) -> None:
        self.gate.acquire()


class Sequencer:
    """The ``Ledger`` and ``BulkLedger`` ports over a writer of this process.

    While one segment is being stored, further callers gather; the next segment takes
    them all. So it is with the lines of bulk calls, and while a segment of those is being
    stored the next is decided. The thread starts with the first submission, so that it
    may be made before a fork. A broken chain stops it for good: nothing may be booked on
    top of that.
    """

    def __init__(
        self, open_writer: Callable[[], Writer], *, patience_seconds: float = PATIENCE_SECONDS
    ) -> None:
        self._open_writer = open_writer
        self._patience_seconds = patience_seconds
        self._waiting: SimpleQueue[_Ticket | None] = SimpleQueue()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._writer: Writer | None = None
        self._bulk: BulkWriter | None = None
        self._piped_from = 0.0
        self._closed = False
        self._broken: ChainBroken | None = None

    @property
    def is_sound(self) -> bool:
        """Whether no segment of the log was found to be broken."""
        return self._broken is None

    def submit(self, requests: Sequence[EntryRequest]) -> list[Outcome]:
        """See ``Ledger.submit``; raises ``RuntimeError`` inside a transaction."""
        if in_transaction():
            raise RuntimeError("entries are submitted outside transactions")
        check_chains(requests)
        if not requests:
            return []
        return list(self._answered(_Ticket(requests=tuple(requests))).outcomes)

    def submit_lines(self, lines: Sequence[bytes]) -> list[Round]:
        """See ``BulkLedger.submit_lines``; raises ``RuntimeError`` inside a transaction."""
        if in_transaction():
            raise RuntimeError("entries are submitted outside transactions")
        check_unlinked(lines)
        rounds: list[Round] = []
        deadline = time.monotonic() + self._patience_seconds
        while (start := rounds[-1].stop if rounds else 0) < len(lines):
            try:
                ticket = self._answered(_Ticket(lines=lines[start:]))
                for found, stored in ticket.rounds:
                    stored.result(max(0.0, deadline - time.monotonic()))
                    rounds.append(found.part(found.start, found.stop, start))
                    count(found)
            except (Superseded, LedgerUnavailable, PyMongoError, TimeoutError) as away:
                if isinstance(away, Superseded) and time.monotonic() < deadline:
                    continue  # decided on books that another writer overtook
                if rounds:
                    break
                if isinstance(away, LedgerUnavailable):
                    raise
                raise LedgerUnavailable(str(away) or "the outcome is unknown") from away
        return rounds

    def close(self) -> None:
        """Answer those who wait, then end the thread."""
        self._closed = True
        self._waiting.put(None)
        if self._thread is not None:
            self._thread.join()
        self._let_go()

    def _answered(self, ticket: _Ticket) -> _Ticket:
        """The ticket once it is worked through; raise what kept it from that."""
        if self._closed:
            raise LedgerUnavailable("the books of this process are closed")
        self._start()
        self._waiting.put(ticket)
        if not ticket.gate.acquire(timeout=self._patience_seconds):
            raise LedgerUnavailable("no answer in time; the outcome is unknown")
        if ticket.trouble is not None:
            raise ticket.trouble
        return ticket

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="sequencer", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while tickets := self._take():
            trouble = self._attempt(tickets)
            if _is_bug(trouble) and len(tickets) > 1:
                # One of them is poison: the others shall not suffer for it.
                for ticket in tickets:
                    _answer([ticket], self._attempt([ticket]))
            else:
                _answer(tickets, trouble)

    def _attempt(self, tickets: Sequence[_Ticket]) -> Exception | None:
        """Book what the tickets ask for; answer what stopped it, if anything did."""
        try:
            self._book(tickets)
        except (LedgerUnavailable, PyMongoError) as away:
            # The books still say what the log said: whatever was stored meanwhile takes
            # the place of the next segment, and is read then.
            return away if isinstance(away, LedgerUnavailable) else LedgerUnavailable(str(away))
        except ChainBroken as broken:
            logger("ledger").critical("chain broken", error=str(broken))
            self._broken = broken
            return LedgerUnavailable(str(broken))
        except Exception as bug:  # noqa: BLE001 - it is handed to the caller
            logger("ledger").error("bug", exc_info=bug)
            self._let_go()
            return bug
        return None

    def _take(self) -> list[_Ticket]:
        """Wait for tickets; take as many as fit into one segment. None means the end.

        Requests and lines are counted alike.
        """
        tickets: list[_Ticket] = []
        count = 0
        while ticket := self._waiting.get():
            tickets.append(ticket)
            count += len(ticket.requests) + len(ticket.lines)
            if count >= MAX_ENTRIES or self._waiting.empty():
                return tickets
        if tickets:
            self._waiting.put(None)
        return tickets

    def _book(self, tickets: Sequence[_Ticket]) -> None:
        requests = [entry for ticket in tickets for entry in ticket.requests]
        if requests:
            # What is decided for those who wait singly rests on nothing that is on its way.
            writer, _ = self._opened(settled=True)
            outcomes = iter(writer.book(requests))
            for ticket in tickets:
                ticket.outcomes = [next(outcomes) for _ in ticket.requests]
        calls = [ticket for ticket in tickets if ticket.lines]
        if calls:
            piped = time.monotonic() >= self._piped_from
            _, bulk = self._opened(settled=not piped)
            rounds = bulk.book([line for ticket in calls for line in ticket.lines], piped=piped)
            counts = [len(ticket.lines) for ticket in calls]
            for ticket, its_own in zip(calls, shared(rounds, counts), strict=True):
                ticket.rounds = its_own

    def _opened(self, *, settled: bool) -> tuple[Writer, BulkWriter]:
        """Writers whose books are those of the log, or ahead by what is being stored."""
        if self._broken is not None:
            raise self._broken
        if self._bulk is not None and (
            self._bulk.pipe.failed or (settled and not self._bulk.pipe.settle())
        ):
            metrics.LEDGER_CONFLICTS.inc()
            self._piped_from = time.monotonic() + RIVALRY_SECONDS
            self._let_go()
        if self._writer is None or self._bulk is None:
            writer = self._open_writer()
            writer.catch_up()
            self._writer, self._bulk = writer, BulkWriter(writer, writer.pipe())
        return self._writer, self._bulk

    def _let_go(self) -> None:
        """Forget books that may say what the log does not."""
        if self._bulk is not None:
            self._bulk.pipe.close()
        self._writer = self._bulk = None


def _answer(tickets: Sequence[_Ticket], trouble: Exception | None) -> None:
    for ticket in tickets:
        ticket.trouble = trouble
        ticket.gate.release()


def _is_bug(trouble: Exception | None) -> bool:
    return trouble is not None and not isinstance(trouble, LedgerUnavailable)
