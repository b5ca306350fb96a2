"""The ports of the sandbox provider, and what an operator does to make it fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from chassis.kernel.ids import Ids, derived_id
from chassis.kernel.money import Money
from services.payments.providers.domain import Kind, Order, Stage
from services.payments.sandbox.domain import (
    Case,
    CaseNotFound,
    Entry,
    Fault,
    FaultRule,
    messages,
)

MOST_TRIES = 6
NO_BEAT = -1
TRY_AGAIN_AFTER = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Notice:
    """A message to be sent to us at a moment: the id of the operation and one of its beats.

    Or that of a dispute, and no beat: such a message says no more than that it changed.
    """

    id: str
    operation_id: str
    beat: int
    due_at: datetime
    tries: int = 0


class Vault(Protocol):
    """What the provider knows, wherever it keeps it; every call is a transaction of its own."""

    def find(self, operation_id: str) -> Entry | None:
        """An operation, if it was taken in."""
        ...

    def of_collection(self, collection_id: str) -> list[Entry]:
        """A collection and everything done with it, oldest first."""
        ...

    def registered(self, accounts: Sequence[str]) -> set[str]:
        """Which of these accounts are known."""
        ...

    def add(self, entry: Entry, notices: Sequence[Notice]) -> Entry:
        """Take in an operation with its messages; answer the one that was there before, if any."""
        ...

    def since(self, start: datetime) -> list[Entry]:
        """Operations taken in from a moment on."""
        ...

    def strike(self, order: Order) -> Fault | None:
        """The fault that is set for an order, used up by one."""
        ...

    def secret(self) -> bytes:
        """The key of its messages, made when it is first asked for."""
        ...


class Notices(Protocol):
    """The messages that are still to be sent."""

    def due(self, now: datetime, *, limit: int) -> list[Notice]:
        """Those whose time has come, earliest first."""
        ...

    def done(self, notice_id: str) -> None:
        """Never send it again."""
        ...

    def postpone(self, notice_id: str, until: datetime) -> None:
        """Try it once more, and count that."""
        ...


class Docket(Protocol):
    """The disputes at the provider; every call is a transaction of its own."""

    def find(self, reference: str) -> Case | None:
        """A dispute, if there is one."""
        ...

    def save(self, case: Case, notices: Sequence[Notice] = ()) -> None:
        """Keep it as it is now, with the messages that tell of it."""
        ...


class Post(Protocol):
    """The way messages take to us."""

    def send(self, notice: Notice, entry: Entry | None) -> bool:
        """Deliver one message; answer whether it was taken in."""
        ...


class Faults(Protocol):
    """The faults that are set."""

    def all(self) -> list[FaultRule]:
        """Those not used up, oldest first."""
        ...

    def add(self, rule: FaultRule) -> None:
        """Set one."""
        ...

    def remove(self, rule_id: str) -> None:
        """Take one away; raise ``FaultNotFound``."""
        ...


def set_fault(
    fault: Fault,
    *,
    kind: Kind | None,
    party_id: str | None,
    times: int,
    faults: Faults,
    ids: Ids,
) -> FaultRule:
    """Let the next calls fail in a way."""
    rule = FaultRule(ids("flt"), fault, kind, party_id, times)
    faults.add(rule)
    return rule


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase:
    """A buyer's wish to have its bank take back what it paid for a sale."""

    sale_id: str
    amount: Money
    reason: str
    fee: Money
    evidence_days: int
    fault: Fault | None


def open_case(command: OpenCase, *, docket: Docket, ids: Ids, now: datetime) -> Case:
    """Open a dispute, and tell of it as the fault has it."""
    case = Case(
        reference=ids("sdp"),
        sale_id=command.sale_id,
        amount=command.amount,
        reason=command.reason,
        fee=command.fee,
        evidence_due=now + timedelta(days=command.evidence_days),
    )
    docket.save(case, _notices(case, "opened", command.fault, now))
    return case


def rule_case(
    reference: str, ruling: Stage, fault: Fault | None, *, docket: Docket, now: datetime
) -> Case:
    """Rule on a dispute; the first ruling counts. Raise ``CaseNotFound``."""
    case = docket.find(reference)
    if case is None:
        raise CaseNotFound(f"no dispute {reference}")
    ruled = case.rule(ruling)
    docket.save(ruled, _notices(ruled, ruling.value, fault, now))
    return ruled


def _notices(case: Case, word: str, fault: Fault | None, now: datetime) -> list[Notice]:
    return [
        Notice(derived_id("msg", case.reference, word, str(n)), case.reference, NO_BEAT, due)
        for n, due in enumerate(messages(fault, now=now))
    ]


def deliver(notices: Notices, vault: Vault, post: Post, *, now: datetime, limit: int = 100) -> int:
    """Send the messages that are due; one that is refused so often is lost. Answer how many."""
    sent = 0
    for notice in notices.due(now, limit=limit):
        entry = vault.find(notice.operation_id)
        is_told = entry is not None or notice.beat == NO_BEAT
        taken = is_told and post.send(notice, entry)
        if taken or notice.tries + 1 >= MOST_TRIES:
            notices.done(notice.id)
        else:
            notices.postpone(notice.id, now + TRY_AGAIN_AFTER * 2**notice.tries)
        sent += taken
    return sent
