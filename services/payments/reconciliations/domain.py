"""One line of a bill against our operations: matched, and by which rule, or a break. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.errors import Conflict, NotFound
from chassis.kernel.ids import derived_id, named_id
from chassis.kernel.money import Money
from services.payments.providers.domain import (
    REFUSED,
    RULED,
    Kind,
    Operation,
    Result,
    SettlementLine,
    State,
    told_back,
    told_gone,
)
from services.payments.releases.domain import day_of, midnight

MISSED_AFTER = timedelta(days=5)
READ_FOR = timedelta(days=10)  # how long a provider's bill of a day may still grow
BEFORE, AFTER = timedelta(days=1), timedelta(days=10)  # the window of a likeness
OPEN_STATES = (State.UNKNOWN, State.ACCEPTED, State.SUCCEEDED)


class ReconciliationNotFound(NotFound):
    """No reconciliation has that identifier."""

    code = "reconciliation-not-found"
    hint = "Check the identifier against the list of reconciliations."
    chinese = "没有这条对账记录，请核对编号。"


class BreakNotOpen(Conflict):
    """Only a break that is open can be ended."""

    code = "break-not-open"
    hint = "Read it again: it was matched, or somebody ended it before."
    chinese = "该对账差异已匹配或已了结，不能再次了结。"


class Standing(StrEnum):
    """Whether both sides agree; a break is open until it is explained."""

    MATCHED = "matched"
    OPEN = "open"
    ENDED = "ended"


class Rule(StrEnum):
    """By what a line and an operation were found to belong together.

    LIKENESS: the same amount, a day within the window, the same counterparty, and no
    other operation of which all that is true. ARRIVED: a line that was missing has come.
    """

    ID = "id"
    LIKENESS = "amount-date-counterparty"
    ARRIVED = "arrived"


class BreakKind(StrEnum):
    """How the two sides differ. MISSING_HERE: they tell of what we know nothing of.

    MISSING_THERE: we sent it, and no line of theirs tells of it. TWICE: another line told
    of the same movement already. AFTER_REFUSAL: it left although the bank had
    refused it, or a person had ruled that it failed.
    """

    MISSING_HERE = "missing-here"
    MISSING_THERE = "missing-there"
    AMOUNT_DIFFERS = "amount-differs"
    TWICE = "twice"
    AFTER_REFUSAL = "paid-after-refusal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """One line of theirs, or one operation of ours that no line tells of.

    ``amount`` is as on their side: negative left. ``rule`` is None for a break that no
    line has answered, ``kind`` None for a match. ``ended_by`` is who explained a break,
    empty where a line did.
    """

    id: str
    provider: str
    line_id: str
    day: date
    amount: Money
    operation_id: str
    counterparty: str
    reference: str
    text: str
    found_at: datetime
    standing: Standing
    rule: Rule | None = None
    kind: BreakKind | None = None
    ended_at: datetime | None = None
    ended_by: str = ""
    reason: str = ""
    revision: Revision = field(default=Revision())

    def end(self, by: str, reason: str, *, at: datetime) -> Decision[Reconciliation]:
        """A person explains the break; raise ``BreakNotOpen``."""
        if self.standing is not Standing.OPEN:
            raise BreakNotOpen(f"{self.id} is {self.standing}")
        ended = replace(self, standing=Standing.ENDED, ended_at=at, ended_by=by, reason=reason)
        return Decision(ended)

    def arrive(self, *, at: datetime) -> Decision[Reconciliation]:
        """The line that was missing has come, which explains an open break."""
        if self.standing is not Standing.OPEN:
            return Decision(self)
        return Decision(replace(self, standing=Standing.ENDED, rule=Rule.ARRIVED, ended_at=at))


def id_of_line(provider: str, line: SettlementLine) -> str:
    """What the reconciliation of a line is called: the same however often it is read."""
    return named_id("rec", midnight(line.day), provider, line.id)


def id_of_missing(operation_id: str) -> str:
    """What the break of an operation that no line tells of is called."""
    return derived_id("rec", operation_id, "missing-there")


def compare(
    line: SettlementLine,
    *,
    provider: str,
    operation: Operation | None,
    alike: Sequence[Operation],
    told: Collection[bool],
    at: datetime,
) -> Reconciliation:
    """Decide what a line is about.

    ``operation`` is the one that the line names, if we have it; ``alike`` those of the
    same amount in the window that no line tells of; ``told`` whether lines before it told
    that the operation's money moved (True), or came back (False).
    """
    if line.operation_id:
        return _named(line, provider, operation, told, at)
    found = [each for each in alike if _is_counterparty(line, each)]
    if len(found) == 1:
        matched = _record(line, provider, at, Standing.MATCHED, rule=Rule.LIKENESS)
        return replace(matched, operation_id=found[0].id)
    return _record(line, provider, at, Standing.OPEN, kind=BreakKind.MISSING_HERE)


def _named(
    line: SettlementLine,
    provider: str,
    operation: Operation | None,
    told: Collection[bool],
    at: datetime,
) -> Reconciliation:
    kind: BreakKind | None = None
    if operation is None or operation.provider != provider:
        kind = BreakKind.MISSING_HERE
    elif operation.kind is not Kind.SPLIT and differs(line, operation):
        kind = BreakKind.AMOUNT_DIFFERS
    elif operation.kind is not Kind.SPLIT and is_forward(line, operation) in told:
        kind = BreakKind.TWICE
    elif operation.code in {REFUSED, RULED} and is_forward(line, operation):
        kind = BreakKind.AFTER_REFUSAL
    standing = Standing.OPEN if kind else Standing.MATCHED
    return _record(line, provider, at, standing, rule=None if kind else Rule.ID, kind=kind)


def _record(
    line: SettlementLine,
    provider: str,
    at: datetime,
    standing: Standing,
    *,
    rule: Rule | None = None,
    kind: BreakKind | None = None,
) -> Reconciliation:
    return Reconciliation(
        id=id_of_line(provider, line),
        provider=provider,
        line_id=line.id,
        day=line.day,
        amount=line.amount,
        operation_id=line.operation_id,
        counterparty=line.counterparty,
        reference=line.reference,
        text=line.text,
        found_at=at,
        standing=standing,
        rule=rule,
        kind=kind,
    )


def missing(operation: Operation, *, at: datetime) -> Reconciliation:
    """The break of a payout that was sent long enough ago, and that no line tells of."""
    amount = operation.order.amount
    if amount is None:
        raise ValueError(f"{operation.id} moves nothing")
    return Reconciliation(
        id=id_of_missing(operation.id),
        provider=operation.provider,
        line_id="",
        day=day_of(operation.sent_at or operation.planned_at),
        amount=-amount,
        operation_id=operation.id,
        counterparty="",
        reference=operation.reference,
        text="",
        found_at=at,
        standing=Standing.OPEN,
        kind=BreakKind.MISSING_THERE,
    )


def is_forward(line: SettlementLine, operation: Operation) -> bool:
    """Whether a line tells that the operation was done, and not that it was undone."""
    comes_in = operation.kind in {Kind.COLLECT, Kind.RETURN_SPLIT}
    return (line.amount.minor > 0) is comes_in


def differs(line: SettlementLine, operation: Operation) -> bool:
    """Whether a line tells of another amount or currency than was asked for."""
    amount = operation.order.amount
    return amount is None or line.amount not in {amount, -amount}


def evidence(line: SettlementLine, operation: Operation) -> Result | None:
    """What a line says of how a payout stands; None when it says nothing of that.

    Another amount that left is evidence too: the operation calls for a person.
    """
    if operation.kind is not Kind.PAYOUT:
        return None
    if is_forward(line, operation):
        return told_gone(line)
    return None if differs(line, operation) else told_back(line)


def _is_counterparty(line: SettlementLine, operation: Operation) -> bool:
    receiver = getattr(operation.order, "receiver", None)
    name = "".join(line.counterparty.casefold().split())
    return (
        bool(name) and receiver is not None and name == "".join(receiver.name.casefold().split())
    )
