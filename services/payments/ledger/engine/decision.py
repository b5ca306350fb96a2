"""The decision on a batch: which of its entries stand, and the segment they make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from services.payments.ledger.engine.accounts import check_numbers, renumber
from services.payments.ledger.engine.books import Books
from services.payments.ledger.engine.checks import before_twin, check, fitting
from services.payments.ledger.engine.columns import I64, U8, Entries, Flags
from services.payments.ledger.engine.floors import keep_floors
from services.payments.ledger.engine.holds import end_holds
from services.payments.ledger.engine.identity import Place
from services.payments.ledger.engine.reading import differences, entry_at
from services.payments.ledger.engine.rulings import Ruling
from services.payments.ledger.engine.segments import Batch, Segment, seal


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The rulings on the first entries of a batch, and the segment to append, if any.

    There may be fewer rulings than entries: submit the rest again once the segment is
    applied. ``places`` tells where the entries are whose ids the log had, ``conflicts``
    in which fields those differ that were not the same; ``indexes`` gives, for each
    accepted entry, its index in the segment.
    """

    rulings: U8
    segment: Segment | None
    indexes: I64
    places: Mapping[int, Place] = field(default_factory=dict)
    conflicts: Mapping[int, list[str]] = field(default_factory=dict)


def decide(books: Books, batch: Batch, *, at: int, epoch: int = 0) -> Verdict:
    """Rule on a batch as if its entries came one at a time, in order.

    Changes nothing but the staging area of the accounts: the books move on when the
    segment is applied, which may be never. Raises ``ValueError`` for a batch that uses
    numbers which nothing has.
    """
    entries = batch.entries.first(fitting(batch, books.holds))
    places = books.ids.find(entries.id_high, entries.id_low)
    entries = entries.first(before_twin(entries, places))
    places = {position: place for position, place in places.items() if position < len(entries)}
    check_numbers(entries.account, books.accounts.stage(batch.accounts))
    check_numbers(entries.code, len(books.words) + len(batch.words))
    check_numbers(entries.reference_prefix, len(books.words) + len(batch.words))
    rulings = check(entries, books.accounts.currency)
    conflicts = _rule_on_known(books, entries, places, rulings)
    at = max(at, books.at)
    entries, depends_on = end_holds(
        entries, rulings, books.holds, at=at, was_hold=lambda number: _was_hold(books, number)
    )
    keep_floors(books.accounts, entries, rulings, depends_on)
    for position, hold in depends_on.items():
        if rulings[hold] != Ruling.ACCEPTED:
            rulings[position] = Ruling.HOLD_NOT_FOUND
    accepted = rulings == Ruling.ACCEPTED
    segment = None
    if accepted.any():
        kept = _without_refused(books, replace(batch, entries=entries), accepted)
        segment = seal(kept, sequence=books.next_sequence, at=at, epoch=epoch, previous=books.head)
    return Verdict(
        rulings=rulings,
        segment=segment,
        indexes=np.cumsum(accepted) - 1,
        places=places,
        conflicts=conflicts,
    )


def _rule_on_known(
    books: Books, entries: Entries, places: Mapping[int, Place], rulings: U8
) -> dict[int, list[str]]:
    """An id that the log has means the same entry, or a conflict; never a new one."""
    conflicts = {}
    for position, place in places.items():
        stored = entry_at(books.read(place.segment).entries, place.index)
        differing = differences(stored, entry_at(entries, position))
        rulings[position] = Ruling.ID_CONFLICT if differing else Ruling.EXISTS
        if differing:
            conflicts[position] = differing
    return conflicts


def _was_hold(books: Books, number: int) -> bool:
    high, low = np.array([number >> 64], np.uint64), np.array([number & (1 << 64) - 1], np.uint64)
    place = books.ids.find(high, low).get(0)
    return place is not None and books.was_hold(place)


def _without_refused(books: Books, batch: Batch, accepted: Flags) -> Batch:
    """The batch of the accepted entries alone: the refused leave no trace, not even a word."""
    if accepted.all() and len(accepted) == len(batch.entries):
        entries = batch.entries
    else:
        entries = batch.entries.take(accepted)
    index = (np.cumsum(accepted) - 1).tolist()
    reasons = {
        index[position]: reason
        for position, reason in batch.reasons.items()
        if position < len(accepted) and accepted[position]
    }
    return _only_what_is_used(books, replace(batch, entries=entries, reasons=reasons))


def _only_what_is_used(books: Books, batch: Batch) -> Batch:
    """Leave out new accounts and words that no accepted entry uses."""
    entries = batch.entries
    if batch.accounts:
        account, used = renumber(entries.account, first_new=books.accounts.count)
        entries = replace(entries, account=account)
        batch = replace(batch, accounts=[batch.accounts[number] for number in used])
    if batch.words:
        pair = np.concatenate((entries.code, entries.reference_prefix))
        closed, used = renumber(pair, first_new=len(books.words))
        code, prefix = closed[: len(entries)], closed[len(entries) :]
        entries = replace(entries, code=code, reference_prefix=prefix)
        batch = replace(batch, words=[batch.words[number] for number in used])
    return replace(batch, entries=entries)
