"""Bulk calls: lines straight into columns, the next segment decided while one is stored."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from chassis import metrics
from chassis.kernel.errors import DomainError
from chassis.kernel.ids import LENGTH
from services.payments.ledger.domain import EntryRequest, Leg, Round, Status
from services.payments.ledger.domain.times import from_milliseconds
from services.payments.ledger.engine.books import Books
from services.payments.ledger.engine.columns import MAX_ENTRIES, U32, Entries
from services.payments.ledger.engine.decision import Verdict
from services.payments.ledger.engine.rulings import Ruling
from services.payments.ledger.engine.segments import Batch, Segment
from services.payments.ledger.repositories.answers import outcome, refused, standing
from services.payments.ledger.repositories.lines import KINDS, Line, Lines, id_in, numbers_of, read
from services.payments.ledger.repositories.numbering import Numbered, Numbering, number
from services.payments.ledger.repositories.pipe import Pipe
from services.payments.ledger.repositories.writer import LEAST, Writer


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without garbage collection: the many small values of a call all die with it."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Ahead(NamedTuple):
    """What became of some lines: to be told once ``stored`` is kept."""

    round: Round
    stored: Future[None]


def shared(rounds: Sequence[Ahead], counts: Sequence[int]) -> Iterator[list[Ahead]]:
    """For each of several calls that were booked together what became of its own lines."""
    first = 0
    for count in counts:
        last = first + count
        yield [
            Ahead(found.part(max(found.start, first), min(found.stop, last), -first), stored)
            for found, stored in rounds
            if found.start < last and found.stop > first
        ]
        first = last


class BulkWriter:
    """Books lines with a writer whose books run ahead of the log by what is in the pipe.

    When the pipe has failed, the writer and its books are of no more use. Not safe for
    several threads.
    """

    def __init__(self, writer: Writer, pipe: Pipe) -> None:
        self._writer = writer
        self.pipe = pipe

    def book(self, texts: Sequence[bytes], *, piped: bool = True) -> list[Ahead]:
        """Decide the lines in order, by a segment or more.

        Not ``piped``, each segment is stored before the next is decided, and what another
        writer wrote meanwhile is only read: the pipe must be settled then.
        """
        rounds: list[Ahead] = []
        with _uncollected():
            call, start = Call(texts, read(texts, self._writer.books.accounts.numbers)), 0
            book, most = self._ahead if piped else self._settled, MAX_ENTRIES
            while start < len(texts):
                rounds.append(book(call, start, most))
                ruled = rounds[-1].round.stop - start
                # What had to wait is written into columns anew, so let that be little.
                start, most = start + ruled, min(MAX_ENTRIES, max(LEAST, 2 * ruled))
        return rounds

    def _ahead(self, call: Call, start: int, most: int) -> Ahead:
        found, segment = self._decided(call, start, most)
        stored = self.pipe.put(segment, self._writer.books.next_sequence)
        if segment is not None:
            self._writer.books.apply(segment)
        return Ahead(found, stored)

    def _settled(self, call: Call, start: int, most: int) -> Ahead:
        stored: Future[None] = Future()
        stored.set_result(None)
        while True:
            found, segment = self._decided(call, start, most)
            if self._writer.settle(segment):
                return Ahead(found, stored)
            metrics.LEDGER_CONFLICTS.inc()
            self._writer.catch_up()

    def _decided(self, call: Call, start: int, most: int) -> tuple[Round, Segment | None]:
        books = self._writer.books
        part = call.part(start, most)
        numbered = call.number(books, part)
        verdict = self._writer.decide(numbered.batch)
        return call.round(books, part, numbered, verdict), verdict.segment


class Part(NamedTuple):
    """Lines of a call from ``start`` up to ``stop``, and which of them can be read."""

    start: int
    stop: int
    readable: Sequence[int]


@dataclass(frozen=True, slots=True)
class Call:
    """Lines that came together, as they were read."""

    texts: Sequence[bytes]
    lines: Lines

    def part(self, start: int, most: int) -> Part:
        """The lines from ``start`` on, at most so many."""
        stop = min(start + most, len(self.texts))
        refused = self.lines.refused
        return Part(start, stop, [row for row in range(start, stop) if row not in refused])

    def number(self, books: Books, part: Part) -> Numbered:
        """Write the readable lines into a batch, an entry each."""
        if not any(part.start <= row < part.stop for row in self.lines.unusual):
            try:
                return Numbered(self._batch(books, part.readable), {})
            except DomainError:
                pass  # no room for a new word or account: find out whose
        return number(books, [self.request(position) for position in part.readable])

    def round(self, books: Books, part: Part, numbered: Numbered, verdict: Verdict) -> Round:
        """What the verdict says of the lines, as far as it ruled."""
        start, stop, readable = part
        ruled = len(verdict.rulings)
        if ruled < len(readable):
            stop = readable[ruled]
        others = {
            row: refused(id_in(self.texts[row]), refusal)
            for row, refusal in self.lines.refused.items()
            if start <= row < stop
        }
        for row in np.flatnonzero(verdict.rulings != Ruling.ACCEPTED).tolist():
            position, refusal = readable[row], numbered.refused.get(row)
            if refusal is not None:
                others[position] = refused(self._id(position), refusal)
            elif verdict.rulings[row] == Ruling.EXISTS:
                # A call that is sent again holds little else.
                place = verdict.places[row]
                others[position] = standing(self._id(position), Status.EXISTS, place)
            else:
                others[position] = outcome(books, self.request(position), verdict, row)
        indexes = np.zeros(stop - start, np.int64)
        indexes[np.array(readable[:ruled], np.int64) - start] = verdict.indexes
        return Round(
            start=start,
            stop=stop,
            ids=[self._id(position) for position in range(start, stop)],
            indexes=indexes.tolist(),
            segment=verdict.segment.sequence if verdict.segment else None,
            others=others,
        )

    def request(self, position: int) -> EntryRequest:
        """A line that could be read, as a request."""
        line = self.lines.plain[position]
        if line is None:
            return self.lines.unusual[position]
        expires_at = self.lines.expiries.get(position)
        return EntryRequest(
            id=line.id,
            kind=KINDS[line.kind],
            code=line.code,
            legs=tuple(Leg(leg.account, leg.minor, leg.currency) for leg in line.legs or ()),
            reason=json.loads(self.lines.reasons.get(position, b"{}")),
            pending_id=line.pending_id or None,
            reference=line.reference or None,
            expires_at=from_milliseconds(expires_at) if expires_at else None,
        )

    def _id(self, position: int) -> str:
        """The id of a line; empty when it cannot be read."""
        line = self.lines.plain[position] or self.lines.unusual.get(position)
        return line.id if line else ""

    def _batch(self, books: Books, positions: Sequence[int]) -> Batch:
        """The lines at these positions, which are plain; those between them are refused."""
        read, rows = self.lines, list(positions)
        given = [line for row in rows if (line := read.plain[row])]
        legs = slice(read.leg_ends[rows[0]], read.leg_ends[rows[-1] + 1]) if rows else slice(0)
        numbering = Numbering(books)
        columns = _columns(numbering, given)
        columns["id_high"], columns["id_low"] = read.high[rows], read.low[rows]
        columns["account"] = _accounts(numbering, read.keys[legs])
        columns["amount"] = np.array(read.minors[legs], np.int64)
        if read.expiries:
            expiries = [read.expiries.get(row, 0) for row in rows]
            columns["expires_at"] = np.array(expiries, np.int64)
        return Batch(
            entries=Entries.of(**columns),
            accounts=numbering.opened,
            words=list(numbering.words),
            reasons={at: read.reasons[row] for at, row in enumerate(rows) if row in read.reasons},
        )


def _accounts(numbering: Numbering, keys: Sequence[tuple[str, str]]) -> U32:
    numbers = list(map(numbering.books.accounts.numbers.get, keys))
    if None in numbers:
        numbers = [numbering.account(*key) for key in keys]
    return np.array(numbers, np.uint32)


def _columns(numbering: Numbering, lines: Sequence[Line]) -> dict[str, Any]:
    """All columns but the ids, legs, times and reasons."""
    codes = {code: numbering.word(code) for code in {line.code for line in lines}}
    columns = {
        "kind": np.array([KINDS[line.kind] for line in lines], np.uint8),
        "leg_count": np.array([len(line.legs or ()) for line in lines], np.uint8),
        "code": np.array([codes[line.code] for line in lines], np.uint16),
    }
    ended = [line.pending_id[-LENGTH:] for line in lines if line.pending_id]
    if ended:
        pending = numbers_of(ended)
        columns |= {"pending_high": pending.high, "pending_low": pending.low}
    referring = np.array([bool(line.reference) for line in lines], np.bool_)
    if referring.any():
        columns |= _references(numbering, lines, referring)
    return columns


def _references(
    numbering: Numbering, lines: Sequence[Line], referring: np.ndarray[Any, np.dtype[np.bool_]]
) -> dict[str, Any]:
    references = [line.reference for line in lines if line.reference]
    prefixes = {
        word: numbering.word(word) for word in {text[: -LENGTH - 1] for text in references}
    }
    numbers = numbers_of([text[-LENGTH:] for text in references])
    prefix, high, low = (np.zeros(len(lines), kind) for kind in (np.uint16, np.uint64, np.uint64))
    prefix[referring] = [prefixes[text[: -LENGTH - 1]] for text in references]
    high[referring], low[referring] = numbers.high, numbers.low
    return {"reference_prefix": prefix, "reference_high": high, "reference_low": low}


def count(found: Round) -> None:
    """Add the lines of a round that is stored to what was decided."""
    accepted = found.stop - found.start - len(found.others)
    metrics.LEDGER_ENTRIES.labels(Status.POSTED.value).inc(accepted)
    for other in found.others.values():
        metrics.LEDGER_ENTRIES.labels(other.code or other.status.value).inc()
