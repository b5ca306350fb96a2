"""Corrections over MongoDB."""

from __future__ import annotations

from dataclasses import asdict, replace

from chassis import outbox
from chassis.kernel.decisions import Decision
from services.payments.corrections.documents import CorrectionDocument
from services.payments.corrections.domain import Correction, CorrectionState
from services.payments.escrow.domain import Clawback


class MongoCorrections:
    """The ``Corrections`` port over the ``corrections`` collection."""

    def find(self, name: str) -> Correction | None:
        """The correction of this id, if there is one."""
        document = CorrectionDocument.objects(pk=name).first()
        return None if document is None else _to_domain(document)

    def of(self, settlement_id: str) -> list[Correction]:
        """Those of a settlement, booked or about to be, oldest first."""
        # Each is lower than the one before.
        found = CorrectionDocument.objects(settlement_id=settlement_id).order_by("-checked_in")
        return [_to_domain(document) for document in found]

    def save(self, decision: Decision[Correction]) -> Correction:
        """Store the state and its events together, or raise ``Conflict``."""
        state = decision.state
        revision = outbox.save(_to_document(state), state.revision, decision.events)
        return replace(state, revision=revision)


def _to_domain(document: CorrectionDocument) -> Correction:
    return Correction(
        id=document.id,
        settlement_id=document.settlement_id,
        gathering_id=document.gathering_id,
        claim_id=document.claim_id,
        host_id=document.host_id,
        checked_in=document.checked_in,
        why_en=document.why_en,
        why_zh=document.why_zh,
        currency=document.currency,
        takes=tuple(
            Clawback(row["origin_id"], tuple(row["returned"]), row["account"])
            for row in document.takes
        ),
        decided_at=document.decided_at,
        state=CorrectionState(document.state),
        revision=document.revision(),
    )


def _to_document(correction: Correction) -> CorrectionDocument:
    return CorrectionDocument(
        id=correction.id,
        settlement_id=correction.settlement_id,
        gathering_id=correction.gathering_id,
        claim_id=correction.claim_id,
        host_id=correction.host_id,
        checked_in=correction.checked_in,
        why_en=correction.why_en,
        why_zh=correction.why_zh,
        currency=correction.currency,
        takes=[asdict(take) | {"returned": list(take.returned)} for take in correction.takes],
        decided_at=correction.decided_at,
        state=correction.state.value,
    )
