"""The decision on a batch: which of its entries stand, and the segment they make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from services.payments.ledger.engine.accounts import check_numbers, renumber
from services.payments.ledger.engine.books import Books
from services.payments.ledger.engine.chains import (
    check_chains,
    refuse_chains,
    unit_end,
    units_of,
)
from services.payments.ledger.engine.checks import check, check_times, fitting
from services.payments.ledger.engine.columns import I64, U8, Entries, Flags, Kind
from services.payments.ledger.engine.expiry import expiry_number, with_expiries
from services.payments.ledger.engine.identity import Place
from services.payments.ledger.engine.limits import check_limits, keep_limits
from services.payments.ledger.engine.naming import Naming
from services.payments.ledger.engine.reading import differences, entries_at
from services.payments.ledger.engine.reversals import Original
from services.payments.ledger.engine.rulings import Ruling
from services.payments.ledger.engine.segments import Batch, Segment, seal
from services.payments.ledger.engine.waiting import before_waiting


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


class _Turn(NamedTuple):
    """The entries that are ruled on together, and what the log has of them and what they name."""

    entries: Entries
    units: I64 | None
    originals: Mapping[int, Original]
    places: Mapping[int, Place]
    fits: bool


def decide(books: Books, batch: Batch, *, at: int, epoch: int = 0) -> Verdict:
    """Rule on a batch as if its units, chains and lone entries, came one at a time, in order.

    Holds whose time is over by then end first, by entries of their own at the beginning
    of the segment, so that they count for nobody. Changes nothing but the staging area
    of the accounts: the books move on when the segment is applied, which may be never.
    Raises ``ValueError`` for a batch that uses numbers which nothing has.
    """
    at = max(at, books.at)
    batch, expired = with_expiries(books, batch, at=at)
    turn = _turn(books, batch)
    rulings = _rule_on_form(books, batch, turn, at=at)
    conflicts = _rule_on_known(books, turn.entries, turn.places, rulings)
    named = _rule_on_money(books, turn, rulings, at=at)
    accepted = rulings == Ruling.ACCEPTED
    segment = None
    if accepted.any():
        kept = _without_refused(books, replace(batch, entries=named.entries), accepted)
        segment = seal(kept, sequence=books.next_sequence, at=at, epoch=epoch, previous=books.head)
    return Verdict(
        rulings=rulings[expired:],
        segment=segment,
        indexes=(np.cumsum(accepted) - 1)[expired:],
        places={position - expired: place for position, place in turn.places.items()},
        conflicts={position - expired: names for position, names in conflicts.items()},
    )


def _turn(books: Books, batch: Batch) -> _Turn:
    """As many of the first entries as fit into one segment and need not wait for others."""
    units = units_of(batch.entries)
    originals = books.originals(batch.entries)
    fit = fitting(batch, units, books.holds, originals)
    entries = batch.entries.first(fit or unit_end(units, 0))
    places = books.ids.find(entries.id_high, entries.id_low)
    entries = entries.first(before_waiting(entries, units, places))
    places = {position: place for position, place in places.items() if position < len(entries)}
    units = None if units is None else units[: len(entries)]
    return _Turn(entries, units, originals, places, fits=bool(fit))


def _rule_on_form(books: Books, batch: Batch, turn: _Turn, *, at: int) -> U8:
    """What is wrong with an entry, or with its chain, whatever the balances are."""
    entries = turn.entries
    _check_numbers(books, batch, entries)
    rulings = check(entries, books.accounts)
    check_times(entries, rulings, at=at, closed_until=books.closed_until)
    check_limits(books.accounts, entries, rulings)
    check_chains(entries, turn.units, rulings)
    if not turn.fits:
        rulings[:] = Ruling.BAD_CHAIN
    return rulings


def _rule_on_money(books: Books, turn: _Turn, rulings: U8, *, at: int) -> Naming:
    """Rule on what an entry names and on what accounts allow; answer the entries with all legs."""
    named = Naming(
        entries=turn.entries,
        rulings=rulings,
        holds=books.holds,
        originals=turn.originals,
        at=at,
        fate=lambda number: _fate(books, number),
        units=turn.units,
    )
    named.work()
    refuse_chains(turn.units, rulings)
    keep_limits(books.accounts, named)
    for position, hold in named.depends_on.items():
        if rulings[hold] != Ruling.ACCEPTED:
            rulings[position] = Ruling.HOLD_NOT_FOUND
    return named


def _check_numbers(books: Books, batch: Batch, entries: Entries) -> None:
    accounts = books.accounts.stage(batch.accounts)
    words = len(books.words) + len(batch.words)
    check_numbers(entries.account, accounts)
    check_numbers(entries.limit_account, accounts)
    check_numbers(entries.code, words)
    check_numbers(entries.reference_prefix, words)


def _rule_on_known(
    books: Books, entries: Entries, places: Mapping[int, Place], rulings: U8
) -> dict[int, list[str]]:
    """An id that the log has means the same entry, or a conflict; never a new one."""
    conflicts: dict[int, list[str]] = {}
    if not places:
        return conflicts
    stored, asked = books.entries(places.values()), entries_at(entries, places)
    for position, place in places.items():
        differing = differences(stored[place], asked[position])
        rulings[position] = Ruling.ID_CONFLICT if differing else Ruling.EXISTS
        if differing:
            conflicts[position] = differing
    return conflicts


def _fate(books: Books, number: int) -> Ruling:
    """Why a hold that is not open cannot be named."""
    entry = books.find(number)
    if entry is None or entry.kind is not Kind.HOLD:
        return Ruling.HOLD_NOT_FOUND
    ended_by = books.find(expiry_number(number))
    expired = ended_by is not None and ended_by.kind is Kind.EXPIRE
    return Ruling.HOLD_EXPIRED if expired else Ruling.HOLD_RESOLVED


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
        both = np.concatenate((entries.account, entries.limit_account))
        closed_up, used = renumber(both, first_new=books.accounts.count)
        account, limited = np.split(closed_up, [len(entries.account)])
        entries = replace(entries, account=account, limit_account=limited)
        batch = replace(batch, accounts=[batch.accounts[number] for number in used])
    if batch.words:
        pair = np.concatenate((entries.code, entries.reference_prefix))
        closed, used = renumber(pair, first_new=len(books.words))
        code, prefix = closed[: len(entries)], closed[len(entries) :]
        entries = replace(entries, code=code, reference_prefix=prefix)
        batch = replace(batch, words=[batch.words[number] for number in used])
    return replace(batch, entries=entries)
