"""Pending shares and releases over MongoDB."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from chassis import outbox
from chassis.kernel.decisions import Decision
from chassis.kernel.money import Money
from chassis.mongo import collection
from services.payments.releases.documents import PendingShareDocument, ReleaseDocument
from services.payments.releases.domain import PendingShare, Release, ReleaseState


class MongoPendingShares:
    """The ``PendingShares`` port over the ``pending_shares`` collection."""

    def find(self, share_ids: Sequence[str]) -> dict[str, PendingShare]:
        """Those of them that there are."""
        found = PendingShareDocument.objects(pk__in=list(share_ids)) if share_ids else ()
        return {document.id: _share(document) for document in found}

    def save(self, shares: Sequence[PendingShare]) -> None:
        """Store them, or raise ``Conflict``."""
        if shares:
            outbox.save_all([outbox.Change(_document(each), each.revision) for each in shares])

    def owners_due(self, now: datetime, *, limit: int) -> list[tuple[str, str]]:
        """Some organisations, each with a currency, that have shares to be released."""
        owner = {"organization_id": "$organization_id", "currency": "$currency"}
        rows = collection("pending_shares").aggregate(
            [
                {"$match": {"waits": True, "available_at": {"$lte": now}}},
                {"$group": {"_id": owner, "minor": {"$sum": "$amount_minor"}}},
                {"$match": {"minor": {"$gt": 0}}},
                {"$limit": limit},
            ]
        )
        return [(row["_id"]["organization_id"], row["_id"]["currency"]) for row in rows]

    def due_of(
        self, organization_id: str, currency: str, now: datetime, *, limit: int
    ) -> list[PendingShare]:
        """Shares of an organisation that are due and not released, oldest first."""
        found = PendingShareDocument.objects(
            waits=True,
            organization_id=organization_id,
            currency=currency,
            available_at__lte=now,
        )
        return [_share(document) for document in found.order_by("available_at").limit(limit)]


class MongoReleases:
    """The ``Releases`` port over the ``releases`` collection."""

    def get(self, release_id: str) -> Release:
        """Raise ``LookupError`` rather than return None."""
        document = ReleaseDocument.objects(pk=release_id).first()
        if document is None:
            raise LookupError(f"no release {release_id}")
        return to_release(document)

    def save(self, decision: Decision[Release]) -> Release:
        """Store the state and its events together, or raise ``Conflict``."""
        state = decision.state
        document = ReleaseDocument(
            id=state.id,
            organization_id=state.organization_id,
            day=state.day.isoformat(),
            amount_minor=state.amount.minor,
            currency=state.amount.currency,
            shares=state.shares,
            state=state.state.value,
            completed_at=state.completed_at,
        )
        return replace(state, revision=outbox.save(document, state.revision, decision.events))

    def since(self, organization_id: str, currency: str, after: datetime | None) -> list[Release]:
        """An organisation's completed releases after a moment, oldest first."""
        found = ReleaseDocument.objects(
            organization_id=organization_id, currency=currency, completed_at__exists=True
        )
        if after is not None:
            found = found(completed_at__gt=after)
        return [to_release(document) for document in found.order_by("completed_at")]


def to_release(document: ReleaseDocument) -> Release:
    """The release that a document holds."""
    return Release(
        id=document.id,
        organization_id=document.organization_id,
        day=date.fromisoformat(document.day),
        amount=Money(document.amount_minor, document.currency),
        shares=document.shares,
        state=ReleaseState(document.state),
        completed_at=document.completed_at,
        revision=document.revision(),
    )


def _share(document: PendingShareDocument) -> PendingShare:
    return PendingShare(
        id=document.id,
        settlement_id=document.settlement_id,
        organization_id=document.organization_id,
        amount=Money(document.amount_minor, document.currency),
        available_at=document.available_at,
        release_id=document.release_id or "",
        revision=document.revision(),
    )


def _document(share: PendingShare) -> PendingShareDocument:
    return PendingShareDocument(
        id=share.id,
        settlement_id=share.settlement_id,
        organization_id=share.organization_id,
        amount_minor=share.amount.minor,
        currency=share.amount.currency,
        available_at=share.available_at,
        release_id=share.release_id or None,
        waits=None if share.release_id else True,
    )
