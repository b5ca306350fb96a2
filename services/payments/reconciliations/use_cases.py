"""Lines taken in one by one, payouts that no line tells of, and breaks that people explain."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from chassis.kernel.decisions import Decision
from services.payments.providers.domain import Kind, Operation, SettlementLine, State
from services.payments.providers.use_cases import Desk
from services.payments.reconciliations.domain import (
    AFTER,
    BEFORE,
    BreakKind,
    Reconciliation,
    Rule,
    Standing,
    compare,
    evidence,
    id_of_line,
    id_of_missing,
    is_forward,
    missing,
)
from services.payments.releases.domain import midnight


class Reconciliations(Protocol):
    """The reconciliations, wherever they are kept."""

    def get(self, reconciliation_id: str) -> Reconciliation:
        """Raise ``ReconciliationNotFound`` rather than return None."""
        ...

    def known(self, ids: Sequence[str]) -> set[str]:
        """Those of these ids that there are."""
        ...

    def lines_about(self, operation_ids: Sequence[str]) -> list[Reconciliation]:
        """The lines that name one of these operations or were matched with it, breaks too."""
        ...

    def save(self, decision: Decision[Reconciliation]) -> Reconciliation:
        """Store the state, or raise ``Conflict``."""
        ...


class Bills(Protocol):
    """Which days of which provider are to be read, and how far our own side was looked at."""

    def ask(self, provider: str, days: Iterable[date], *, now: datetime) -> None:
        """Have these days read now: there is more on them."""
        ...

    def fill(self, provider: str, *, now: datetime) -> None:
        """Have every day up to today read, also those since the last time."""
        ...

    def due(self, now: datetime, *, limit: int) -> list[tuple[str, date, datetime]]:
        """Provider, day, and since when it is due, longest first."""
        ...

    def done(self, provider: str, day: date, *, seen: datetime, again: datetime | None) -> None:
        """It was read; if it was asked for anew since it was ``seen``, it stays due."""
        ...


class Payouts(Protocol):
    """Our own side: the payouts that were sent."""

    def alike(
        self, provider: str, line: SettlementLine, *, since: datetime, until: datetime
    ) -> list[Operation]:
        """Those of the amount that left by a line, sent in that time."""
        ...

    def unswept(self, provider: str, *, until: datetime, limit: int) -> list[str]:
        """Ids of those sent until then at which nobody has looked, and not failed.

        Belongs in a transaction.
        """
        ...

    def sweep(self, provider: str, operation_id: str) -> None:
        """It has been looked at."""
        ...


@dataclass(frozen=True, slots=True)
class Book:
    """Everything that reconciling is done with."""

    reconciliations: Reconciliations
    payouts: Payouts
    desk: Desk


def take_line(
    provider: str, line: SettlementLine, *, book: Book, now: datetime
) -> Reconciliation | None:
    """Compare a line, once, and let the operation it is about know; None when it is known.

    Belongs in one transaction. A match ends the break of a payout that was missing.
    """
    if book.reconciliations.known([id_of_line(provider, line)]):
        return None
    operation = book.desk.operations.find([line.operation_id]).get(line.operation_id)
    found = compare(
        line,
        provider=provider,
        operation=operation,
        alike=_alike(provider, line, book),
        told=_told(operation, book),
        at=now,
    )
    saved = book.reconciliations.save(Decision(found))
    if found.rule is Rule.LIKENESS:
        operation = book.desk.operations.find([found.operation_id])[found.operation_id]
    if operation is not None and found.kind in {None, BreakKind.AMOUNT_DIFFERS}:
        _tell(line, operation, found, book, now)
    return saved


def look_for(
    provider: str, operation_id: str, *, book: Book, now: datetime
) -> Reconciliation | None:
    """Open a break for a payout that no line tells of; None when one does, or it failed.

    Belongs in one transaction.
    """
    book.payouts.sweep(provider, operation_id)
    operation = book.desk.operations.find([operation_id])[operation_id]
    if operation.state is State.FAILED:
        return None
    lines = book.reconciliations.lines_about([operation.id])
    if any(each.amount.minor < 0 for each in lines):
        return None
    if book.reconciliations.known([id_of_missing(operation.id)]):
        return None
    return book.reconciliations.save(Decision(missing(operation, at=now)))


def end_break(
    reconciliation_id: str,
    *,
    by: str,
    reason: str,
    reconciliations: Reconciliations,
    now: datetime,
) -> Reconciliation:
    """A person explains a break; raise ``BreakNotOpen``."""
    found = reconciliations.get(reconciliation_id)
    return reconciliations.save(found.end(by, reason, at=now))


def _tell(
    line: SettlementLine, operation: Operation, found: Reconciliation, book: Book, now: datetime
) -> None:
    if found.standing is Standing.MATCHED and is_forward(line, operation):
        known = book.reconciliations.known([id_of_missing(operation.id)])
        for each in known:
            book.reconciliations.save(book.reconciliations.get(each).arrive(at=now))
    result = evidence(line, operation)
    if result is not None:
        book.desk.note(operation.id, result, now=now)


def _told(operation: Operation | None, book: Book) -> set[bool]:
    if operation is None:
        return set()
    comes_in = operation.kind in {Kind.COLLECT, Kind.RETURN_SPLIT}
    lines = _matched([operation.id], book)
    return {(each.amount.minor > 0) is comes_in for each in lines}


def _matched(operation_ids: Sequence[str], book: Book) -> list[Reconciliation]:
    lines = book.reconciliations.lines_about(operation_ids)
    return [each for each in lines if each.standing is Standing.MATCHED]


def _alike(provider: str, line: SettlementLine, book: Book) -> list[Operation]:
    if line.operation_id or line.amount.minor >= 0:
        return []
    booked = midnight(line.day)
    found = book.payouts.alike(provider, line, since=booked - AFTER, until=booked + 2 * BEFORE)
    lines = _matched([each.id for each in found], book)
    taken = {each.operation_id for each in lines if each.amount.minor < 0}
    return [each for each in found if each.id not in taken]
