"""Reconciliations over MongoDB, the bills to be read, and the payouts that were sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta

from chassis import outbox
from chassis.kernel.decisions import Decision
from chassis.kernel.money import Money
from chassis.mongo import Row, collection
from services.payments.providers.documents import OperationDocument
from services.payments.providers.domain import Kind, Operation, SettlementLine
from services.payments.providers.repositories import to_operation
from services.payments.reconciliations.documents import (
    BILLS,
    RECONCILIATIONS,
    SWEEPS,
    ReconciliationDocument,
)
from services.payments.reconciliations.domain import (
    OPEN_STATES,
    READ_FOR,
    BreakKind,
    Reconciliation,
    ReconciliationNotFound,
    Rule,
    Standing,
)
from services.payments.releases.domain import day_of

LONGEST_GAP = 400  # days that are filled in at once; older bills are read when asked for


class MongoReconciliations:
    """The ``Reconciliations`` port over the ``reconciliations`` collection."""

    def get(self, reconciliation_id: str) -> Reconciliation:
        """Raise ``ReconciliationNotFound`` rather than return None."""
        document = ReconciliationDocument.objects(pk=reconciliation_id).first()
        if document is None:
            raise ReconciliationNotFound(f"no reconciliation {reconciliation_id}")
        return to_reconciliation(document)

    def known(self, ids: Sequence[str]) -> set[str]:
        """Those of these ids that there are."""
        found = collection(RECONCILIATIONS).find({"_id": {"$in": list(ids)}}, {"_id": 1})
        return {row["_id"] for row in found}

    def lines_about(self, operation_ids: Sequence[str]) -> list[Reconciliation]:
        """The lines that name one of these operations or were matched with it, breaks too."""
        wanted = list(operation_ids)
        found = ReconciliationDocument.objects(operation_id__in=wanted, line_id__exists=True)
        return [to_reconciliation(document) for document in found]

    def save(self, decision: Decision[Reconciliation]) -> Reconciliation:
        """Store the state, or raise ``Conflict``."""
        state = decision.state
        revision = outbox.save(_document(state), state.revision, decision.events)
        return replace(state, revision=revision)


class MongoBills:
    """The ``Bills`` port over the ``reconciliation_bills`` collection."""

    def ask(self, provider: str, days: Iterable[date], *, now: datetime) -> None:
        """Have these days read now: there is more on them."""
        for day in sorted(days):
            own = {"provider": provider, "day": day.isoformat()}
            collection(BILLS).update_one(
                {"_id": f"{provider}:{day.isoformat()}"},
                {"$set": {"next_at": now}, "$setOnInsert": own},
                upsert=True,
            )

    def fill(self, provider: str, *, now: datetime) -> None:
        """Have every day up to today read, also those since the last time."""
        today = day_of(now)
        ours = {"provider": provider, "day": {"$lte": today.isoformat()}}
        last = collection(BILLS).find_one(ours, sort=[("day", -1)])
        first = today - READ_FOR
        if last is not None:
            oldest = today - timedelta(days=LONGEST_GAP)
            first = max(oldest, date.fromisoformat(last["day"]) + timedelta(days=1))
        span = range((today - first).days + 1)
        self.ask(provider, [first + timedelta(days=each) for each in span], now=now)

    def due(self, now: datetime, *, limit: int) -> list[tuple[str, date, datetime]]:
        """Provider, day, and since when it is due, longest first."""
        rows = collection(BILLS).find({"next_at": {"$lte": now}}).sort("next_at", 1).limit(limit)
        return [(row["provider"], date.fromisoformat(row["day"]), row["next_at"]) for row in rows]

    def done(self, provider: str, day: date, *, seen: datetime, again: datetime | None) -> None:
        """It was read; if it was asked for anew since it was ``seen``, it stays due."""
        change = {"$set": {"next_at": again}} if again else {"$unset": {"next_at": ""}}
        own = {"_id": f"{provider}:{day.isoformat()}", "next_at": seen}
        collection(BILLS).update_one(own, change)


class SentPayouts:
    """The ``Payouts`` port over the ``provider_operations`` collection."""

    def alike(
        self, provider: str, line: SettlementLine, *, since: datetime, until: datetime
    ) -> list[Operation]:
        """Those of the amount that left by a line, sent in that time."""
        where = _sent(provider) | {
            "sent_at": {"$gte": since, "$lt": until},
            "order.amount": asdict(-line.amount),
        }
        return [to_operation(found) for found in OperationDocument.objects(__raw__=where)]

    def unswept(self, provider: str, *, until: datetime, limit: int) -> list[str]:
        """Ids of those sent until then at which nobody has looked, and not failed.

        Written down before they are read, so that one that cannot be read is not lost, and
        keeps no other back.
        """
        row = collection(SWEEPS).find_one({"_id": provider})
        # What was sent before its bills were read is not missed.
        at, own = (row["sent_at"], row["operation_id"]) if row else (until - READ_FOR, "")
        left = row.get("left", []) if row else []
        later = [{"sent_at": {"$gt": at}}, {"sent_at": at, "_id": {"$gt": own}}]
        where = _sent(provider) | {"sent_at": {"$lte": until}, "$or": later}
        new: list[tuple[datetime, str]] = []
        if len(left) < limit:
            found = OperationDocument.objects(__raw__=where).order_by("sent_at", "id")
            new = list(found.limit(limit - len(left)).scalar("sent_at", "id"))
        if new or row is None:
            at, own = new[-1] if new else (at, own)
            left = [*left, *(each for _, each in new)]
            kept = {"sent_at": at, "operation_id": own, "left": left}
            collection(SWEEPS).update_one({"_id": provider}, {"$set": kept}, upsert=True)
        return left

    def sweep(self, provider: str, operation_id: str) -> None:
        """It has been looked at."""
        collection(SWEEPS).update_one({"_id": provider}, {"$pull": {"left": operation_id}})


def _sent(provider: str) -> Row:
    states = [state.value for state in OPEN_STATES]
    return {"provider": provider, "kind": Kind.PAYOUT.value, "state": {"$in": states}}


def to_reconciliation(document: ReconciliationDocument) -> Reconciliation:
    """The reconciliation that a document holds."""
    return Reconciliation(
        id=document.id,
        provider=document.provider,
        line_id=document.line_id or "",
        day=date.fromisoformat(document.day),
        amount=Money(**document.amount),
        operation_id=document.operation_id or "",
        counterparty=document.counterparty or "",
        reference=document.reference or "",
        text=document.text or "",
        found_at=document.found_at,
        standing=Standing(document.standing),
        rule=Rule(document.rule) if document.rule else None,
        kind=BreakKind(document.kind) if document.kind else None,
        ended_at=document.ended_at,
        ended_by=document.ended_by or "",
        reason=document.reason or "",
        revision=document.revision(),
    )


def _document(state: Reconciliation) -> ReconciliationDocument:
    return ReconciliationDocument(
        id=state.id,
        provider=state.provider,
        line_id=state.line_id or None,
        day=state.day.isoformat(),
        amount=asdict(state.amount),
        operation_id=state.operation_id or None,
        counterparty=state.counterparty or None,
        reference=state.reference or None,
        text=state.text or None,
        found_at=state.found_at,
        standing=state.standing.value,
        rule=state.rule.value if state.rule else None,
        kind=state.kind.value if state.kind else None,
        ended_at=state.ended_at,
        ended_by=state.ended_by or None,
        reason=state.reason or None,
    )
