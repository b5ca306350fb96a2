"""Disputes, and what is to be asked about them, over MongoDB."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime, timedelta

from chassis import outbox
from chassis.kernel.decisions import Decision
from chassis.kernel.money import Money
from chassis.mongo import Row, collection
from services.payments.disputes.documents import WATCHES, DisputeDocument
from services.payments.disputes.domain import Dispute, DisputeNotFound, DisputeState, Evidence
from services.payments.disputes.use_cases import Watch
from services.payments.providers.domain import Stage

ASKED_AGAIN = timedelta(minutes=1)


class MongoDisputes:
    """The ``Disputes`` port over the ``disputes`` collection."""

    def get(self, dispute_id: str) -> Dispute:
        """Raise ``DisputeNotFound`` rather than return None."""
        found = self.find(dispute_id)
        if found is None:
            raise DisputeNotFound(f"no dispute {dispute_id}")
        return found

    def find(self, dispute_id: str) -> Dispute | None:
        """The dispute, if it was heard of."""
        document = DisputeDocument.objects(pk=dispute_id).first()
        return None if document is None else to_dispute(document)

    def save(self, decision: Decision[Dispute]) -> Dispute:
        """Store the state and its events together, or raise ``Conflict``."""
        dispute = decision.state
        revision = outbox.save(_document(dispute), dispute.revision, decision.events)
        return replace(dispute, revision=revision)


class MongoWatches:
    """The ``Watches`` port over the ``dispute_watches`` collection."""

    def ring(self, provider: str, reference: str, *, now: datetime) -> None:
        """Ask about it now; a message came, or somebody wants something of the bank."""
        collection(WATCHES).update_one(
            {"_id": f"{provider}:{reference}"},
            {"$set": {"next_at": now}, "$inc": {"rings": 1}},
            upsert=True,
        )

    def due(self, now: datetime, *, limit: int) -> list[str]:
        """Ids of some that are to be asked about, those first that wait longest."""
        rows = collection(WATCHES).find({"next_at": {"$lte": now}}, {"_id": 1})
        return [row["_id"] for row in rows.sort("next_at", 1).limit(limit)]

    def take(self, watch_id: str, now: datetime) -> Watch | None:
        """Let nobody else ask for a minute; None when another does."""
        row = collection(WATCHES).find_one_and_update(
            {"_id": watch_id, "next_at": {"$lte": now}}, {"$set": {"next_at": now + ASKED_AGAIN}}
        )
        if row is None:
            return None
        provider, _, reference = watch_id.partition(":")
        return Watch(provider, reference, row["rings"])

    def wait(self, watch: Watch, until: datetime | None) -> None:
        """Ask again then, or never; at once if a message came meanwhile."""
        change: Row = (
            {"$unset": {"next_at": ""}} if until is None else {"$set": {"next_at": until}}
        )
        known = {"_id": f"{watch.provider}:{watch.reference}", "rings": watch.rings}
        collection(WATCHES).update_one(known, change)


def to_dispute(document: DisputeDocument) -> Dispute:
    """The dispute that a document holds."""
    return Dispute(
        id=document.id,
        provider=document.provider,
        reference=document.reference,
        sale_id=document.sale_id,
        gathering_id=document.gathering_id or "",
        told=Money(**document.told),
        held=Money(**document.held),
        fee=Money(**document.fee),
        reason=document.reason,
        stage=Stage(document.stage),
        state=DisputeState(document.state),
        parties=tuple(document.parties),
        evidence=tuple(_piece(row) for row in document.evidence),
        evidence_due=document.evidence_due,
        opened_at=document.opened_at,
        submitted_at=document.submitted_at,
        ended_at=document.ended_at,
        revision=document.revision(),
    )


def _piece(row: Row) -> Evidence:
    lists = {name: tuple(row[name]) for name in ("links", "codes")}
    return Evidence(**{**row, **lists})


def _document(dispute: Dispute) -> DisputeDocument:
    return DisputeDocument(
        id=dispute.id,
        provider=dispute.provider,
        reference=dispute.reference,
        sale_id=dispute.sale_id,
        gathering_id=dispute.gathering_id or None,
        told=asdict(dispute.told),
        held=asdict(dispute.held),
        fee=asdict(dispute.fee),
        reason=dispute.reason,
        stage=dispute.stage.value,
        state=dispute.state.value,
        parties=list(dispute.parties),
        evidence=[asdict(piece) for piece in dispute.evidence],
        evidence_due=dispute.evidence_due,
        opened_at=dispute.opened_at,
        submitted_at=dispute.submitted_at,
        ended_at=dispute.ended_at,
    )
