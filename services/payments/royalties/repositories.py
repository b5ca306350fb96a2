"""Royalty holds over MongoDB."""

from __future__ import annotations

from dataclasses import replace

from chassis import outbox
from chassis.kernel.decisions import Decision
from chassis.kernel.money import Money
from services.payments.royalties.documents import RoyaltyHoldDocument
from services.payments.royalties.domain import (
    HoldState,
    Outcome,
    RoyaltyHold,
    RoyaltyHoldNotFound,
)


class MongoRoyalties:
    """The ``Royalties`` port over the ``royalty_holds`` collection."""

    def get(self, copy_claim_id: str) -> RoyaltyHold:
        """Raise ``RoyaltyHoldNotFound`` rather than return None."""
        found = self.find(copy_claim_id)
        if found is None:
            raise RoyaltyHoldNotFound(f"nothing is held for {copy_claim_id}")
        return found

    def find(self, copy_claim_id: str) -> RoyaltyHold | None:
        """The hold of a copy claim, if payments has heard of it."""
        document = RoyaltyHoldDocument.objects(pk=copy_claim_id).first()
        return None if document is None else _to_domain(document)

    def standing(self, digest: str) -> RoyaltyHold | None:
        """What counts for a version now: its oldest open hold, else one that was upheld."""
        holds = RoyaltyHoldDocument.objects(digest=digest).order_by("id")
        found = [_to_domain(document) for document in holds]
        still_open = [hold for hold in found if hold.state is HoldState.HELD]
        upheld = [hold for hold in found if hold.is_diverted]
        return next(iter(still_open + upheld), None)

    def save(self, decision: Decision[RoyaltyHold]) -> RoyaltyHold:
        """Store it, or raise ``Conflict``."""
        hold = decision.state
        return replace(hold, revision=outbox.save(_to_document(hold), hold.revision))


def _to_domain(document: RoyaltyHoldDocument) -> RoyaltyHold:
    return RoyaltyHold(
        id=document.id,
        digest=document.digest,
        claimant_id=document.claimant_id,
        accused_id=document.accused_id,
        state=HoldState(document.state),
        outcome=Outcome(document.outcome) if document.outcome else None,
        payees=dict(document.payees),
        kept={
            row["organization_id"]: Money(row["minor"], row["currency"]) for row in document.kept
        },
        booking=tuple(document.booking),
        carries=tuple(document.carries),
        revision=document.revision(),
    )


def _to_document(hold: RoyaltyHold) -> RoyaltyHoldDocument:
    return RoyaltyHoldDocument(
        id=hold.id,
        digest=hold.digest,
        claimant_id=hold.claimant_id,
        accused_id=hold.accused_id,
        state=hold.state.value,
        outcome=hold.outcome.value if hold.outcome else None,
        payees=dict(hold.payees),
        kept=[
            {"organization_id": each, "minor": amount.minor, "currency": amount.currency}
            for each, amount in hold.kept.items()
        ],
        booking=list(hold.booking),
        carries=list(hold.carries),
    )
