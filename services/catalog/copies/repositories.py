"""Copy claims kept in MongoDB."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chassis import outbox
from chassis.kernel.decisions import Decision
from services.catalog.copies.documents import CopyClaimDocument
from services.catalog.copies.domain import ClaimState, CopyClaim, Outcome, Ruling, Version
from services.catalog.similarity.repositories import to_twin, twin_row


class MongoCopies:
    """The ``Copies`` port over ``copy_claims``."""

    def find(self, copy_claim_id: str) -> CopyClaim | None:
        document = CopyClaimDocument.objects(pk=copy_claim_id).first()
        return None if document is None else to_claim(document)

    def standing(self, digest: str) -> CopyClaim | None:
        document = CopyClaimDocument.objects(digest=digest, is_standing=True).first()
        return None if document is None else to_claim(document)

    def due(self, now: datetime, *, limit: int) -> list[CopyClaim]:
        found = CopyClaimDocument.objects(due_at__lte=now).order_by("due_at").limit(limit)
        return [to_claim(document) for document in found]

    def save(self, decision: Decision[CopyClaim]) -> CopyClaim:
        claim, events, messages = decision
        revision = outbox.save(_to_document(claim), claim.revision, events, messages)
        return replace(claim, revision=revision)


def to_claim(document: CopyClaimDocument) -> CopyClaim:
    """Read a claim."""
    return CopyClaim(
        id=document.id,
        original=Version(**document.original),
        accused=Version(**document.accused),
        statement=document.statement,
        evidence=to_twin(document.evidence),
        payees=dict(document.payees),
        opened_at=document.opened_at,
        due_at=document.due_at,
        state=ClaimState(document.state),
        answer=document.answer,
        rulings=tuple(
            Ruling(**{**row, "outcome": Outcome(row["outcome"])}) for row in document.rulings
        ),
        appeal=document.appeal,
        outcome=Outcome(document.outcome) if document.outcome else None,
        closed_at=document.closed_at,
        revision=document.revision(),
    )


def _to_document(claim: CopyClaim) -> CopyClaimDocument:
    return CopyClaimDocument(
        id=claim.id,
        claimant_id=claim.original.author_id,
        accused_id=claim.accused.author_id,
        digest=claim.accused.digest,
        original=claim.original._asdict(),
        accused=claim.accused._asdict(),
        statement=claim.statement,
        evidence=twin_row(claim.evidence),
        payees=dict(claim.payees),
        opened_at=claim.opened_at,
        due_at=claim.due_at,
        state=claim.state.value,
        answer=claim.answer,
        rulings=[{**each._asdict(), "outcome": each.outcome.value} for each in claim.rulings],
        appeal=claim.appeal,
        outcome=claim.outcome.value if claim.outcome else None,
        closed_at=claim.closed_at,
        is_standing=claim.is_standing or None,
    )
