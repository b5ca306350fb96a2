"""Payout destinations over MongoDB."""

from __future__ import annotations

from dataclasses import replace

from chassis import outbox
from chassis.kernel.decisions import Decision
from services.payments.destinations.documents import DestinationDocument
from services.payments.destinations.domain import (
    Destination,
    DestinationNotFound,
    DestinationState,
    Schedule,
)


class MongoDestinations:
    """The ``Destinations`` port over the ``payout_destinations`` collection."""

    def get(self, destination_id: str) -> Destination:
        """Raise ``DestinationNotFound`` rather than return None."""
        document = DestinationDocument.objects(pk=destination_id).first()
        if document is None:
            raise DestinationNotFound(f"no payout destination {destination_id}")
        return to_destination(document)

    def save(self, decision: Decision[Destination]) -> Destination:
        """Store the state and its events together, or raise ``Conflict``."""
        state = decision.state
        document = DestinationDocument(
            id=state.id,
            organization_id=state.organization_id,
            provider=state.provider,
            holder=state.holder,
            account=state.account,
            schedule=state.schedule.value,
            named_at=state.named_at,
            state=state.state.value,
            code=state.code or None,
        )
        return replace(state, revision=outbox.save(document, state.revision, decision.events))

    def active(self, organization_id: str) -> Destination | None:
        """Where the organisation's money goes just now, if anywhere."""
        found = DestinationDocument.objects(
            organization_id=organization_id, state=DestinationState.ACTIVE.value
        ).first()
        return None if found is None else to_destination(found)


def to_destination(document: DestinationDocument) -> Destination:
    """The destination that a document holds."""
    return Destination(
        id=document.id,
        organization_id=document.organization_id,
        provider=document.provider,
        holder=document.holder,
        account=document.account,
        schedule=Schedule(document.schedule),
        named_at=document.named_at,
        state=DestinationState(document.state),
        code=document.code or "",
        revision=document.revision(),
    )
