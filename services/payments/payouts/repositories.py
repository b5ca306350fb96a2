"""Payouts over MongoDB, and what organisations have according to the projected books."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from chassis import outbox
from chassis.kernel.decisions import Decision
from chassis.kernel.money import Money
from chassis.mongo import collection
from services.payments.debts.repositories import free_of
from services.payments.ledger.documents import ACCOUNTS
from services.payments.payouts.documents import BATCHES, LineDocument, PayoutDocument
from services.payments.payouts.domain import Line, Payout, PayoutNotFound, PayoutState, Purse


class MongoPayouts:
    """The ``Payouts`` port over the ``payouts`` and ``payout_batches`` collections."""

    def get(self, payout_id: str) -> Payout:
        """Raise ``PayoutNotFound`` rather than return None."""
        document = PayoutDocument.objects(pk=payout_id).first()
        if document is None:
            raise PayoutNotFound(f"no payout {payout_id}")
        return to_payout(document)

    def save(self, decision: Decision[Payout]) -> Payout:
        """Store the state and its events together, or raise ``Conflict``."""
        payout = decision.state
        revision = outbox.save(_document(payout), payout.revision, decision.events)
        return replace(payout, revision=revision)

    def last(self, organization_id: str, currency: str) -> Payout | None:
        """The organisation's latest payout in a currency, whatever became of it."""
        found = PayoutDocument.objects(organization_id=organization_id, currency=currency)
        document = found.order_by("-day").first()
        return None if document is None else to_payout(document)

    def is_closed(self, day: date) -> bool:
        """Whether that day's batch is complete."""
        return collection(BATCHES).find_one({"_id": day.isoformat()}) is not None

    def close(self, day: date, at: datetime) -> None:
        """Let that day's batch be complete; closing it again changes nothing."""
        collection(BATCHES).update_one(
            {"_id": day.isoformat()}, {"$setOnInsert": {"closed_at": at}}, upsert=True
        )


class ProjectedPurses:
    """The ``Purses`` port over the projected accounts, which follow the log by a moment."""

    def holding(self, smallest: int) -> list[Purse]:
        """Those with at least so much to be paid out, or in reserve, of any currency."""
        ours = {
            "path": {"$regex": r"^org:[^:]+:(?:available|reserve)$"},
            "available": {"$gte": smallest},
        }
        rows = collection(ACCOUNTS).find(ours).sort("path", 1)
        found = dict.fromkeys((row["path"].split(":")[1], row["currency"]) for row in rows)
        return [self.of(*owner) for owner in found]

    def of(self, organization_id: str, currency: str) -> Purse:
        """One of them, whatever is in it."""
        available, reserve, debt, owes = (
            Money(free_of(f"org:{organization_id}:{kind}", currency), currency)
            for kind in ("available", "reserve", "debt", "owes")
        )
        return Purse(organization_id, available, reserve, -(debt + owes))


def to_payout(document: PayoutDocument) -> Payout:
    """The payout that a document holds."""
    return Payout(
        id=document.id,
        organization_id=document.organization_id,
        destination_id=document.destination_id,
        provider=document.provider,
        day=date.fromisoformat(document.day),
        amount=Money(document.amount_minor, document.currency),
        to_reserve=Money(document.to_reserve_minor, document.currency),
        lines=tuple(Line(line.minor, line.why_en, line.why_zh) for line in document.lines),
        planned_at=document.planned_at,
        state=PayoutState(document.state),
        code=document.code or "",
        ended_at=document.ended_at,
        revision=document.revision(),
    )


def _document(payout: Payout) -> PayoutDocument:
    return PayoutDocument(
        id=payout.id,
        organization_id=payout.organization_id,
        destination_id=payout.destination_id,
        provider=payout.provider,
        day=payout.day.isoformat(),
        amount_minor=payout.amount.minor,
        to_reserve_minor=payout.to_reserve.minor,
        currency=payout.amount.currency,
        lines=[
            LineDocument(minor=line.minor, why_en=line.why_en, why_zh=line.why_zh)
            for line in payout.lines
        ],
        planned_at=payout.planned_at,
        state=payout.state.value,
        code=payout.code or None,
        ended_at=payout.ended_at,
    )
