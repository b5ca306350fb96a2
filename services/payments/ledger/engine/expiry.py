"""Holds end exactly at their time: the books write that down before they decide on more."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np

from chassis.kernel.ids import derived_id, from_int, to_int
from services.payments.ledger.engine.books import Books
from services.payments.ledger.engine.columns import (
    MAX_ENTRIES,
    MAX_LEGS,
    MAX_SEGMENT_LEGS,
    U64,
    Entries,
    Kind,
)
from services.payments.ledger.engine.segments import Batch

CODE = "hold-expired"
MOST = min(MAX_ENTRIES, MAX_SEGMENT_LEGS // MAX_LEGS)  # of them fit into any segment


def expiry_id(hold_id: str) -> str:
    """The id of the entry by which a hold expires: one for each hold, whoever writes it."""
    return derived_id("ent", hold_id, "expire")


def expiry_number(hold: int) -> int:
    """The same for the number of an id."""
    return to_int(expiry_id(from_int("ent", hold)))


def _free_number(books: Books, hold: int) -> int:
    """The number of a hold's expiry, or of one that nothing else was booked under."""
    number = expiry_number(hold)
    while books.ids.find_one(number) is not None:
        number = expiry_number(number)
    return number


def with_expiries(books: Books, batch: Batch, *, at: int) -> tuple[Batch, int]:
    """The batch with the expiries of all holds whose time is over in front; how many.

    When there are more of them than a segment takes, nothing else is in it.
    """
    overdue = books.holds.overdue(at, limit=MOST + 1)
    if not overdue:
        return batch, 0
    if len(overdue) > MOST:
        batch = replace(batch, entries=batch.entries.first(0), reasons={})
    code, words = _word(books, batch)
    holds = overdue[:MOST]
    expiries = _entries(holds, [_free_number(books, hold) for hold in holds], code)
    count = len(expiries)
    entries = Entries(
        **{
            field.name: np.concatenate(
                (getattr(expiries, field.name), getattr(batch.entries, field.name))
            )
            for field in fields(Entries)
        }
    )
    reasons = {position + count: reason for position, reason in batch.reasons.items()}
    return replace(batch, entries=entries, words=words, reasons=reasons), count


def _word(books: Books, batch: Batch) -> tuple[int, list[str]]:
    """The number of the code of expiries, and the batch's words with it."""
    known, words = books.words.numbers.get(CODE), list(batch.words)
    if known is not None:
        return known, words
    if CODE not in words:
        words.append(CODE)
    return len(books.words) + words.index(CODE), words


def _entries(holds: list[int], numbers: list[int], code: int) -> Entries:
    return Entries.of(
        id_high=_high(numbers),
        id_low=_low(numbers),
        kind=np.full(len(holds), Kind.EXPIRE, np.uint8),
        code=np.full(len(holds), code, np.uint16),
        pending_high=_high(holds),
        pending_low=_low(holds),
    )


def _high(numbers: list[int]) -> U64:
    return np.array([number >> 64 for number in numbers], np.uint64)


def _low(numbers: list[int]) -> U64:
    return np.array([number & (1 << 64) - 1 for number in numbers], np.uint64)
