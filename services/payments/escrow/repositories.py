"""Escrows over MongoDB."""

from __future__ import annotations

from collections.abc import Sequence

from chassis import outbox
from chassis.kernel.decisions import Message
from chassis.kernel.money import Money
from services.payments.escrow.documents import EscrowDocument
from services.payments.escrow.domain import Escrow, EscrowState, Part


class MongoEscrows:
    """The ``Escrows`` port over the ``escrows`` collection."""

    def find(self, claim_ids: Sequence[str]) -> dict[str, Escrow]:
        """Those there are, by claim."""
        documents = EscrowDocument.objects(pk__in=list(claim_ids))
        return {document.id: _to_domain(document) for document in documents}

    def save(self, escrow: Escrow, messages: Sequence[Message] = ()) -> None:
        """Store the state and its replies together, or raise ``Conflict``."""
        document = EscrowDocument(
            id=escrow.id,
            parts=[
                {"offer_id": part.offer_id, "minor": part.amount.minor} for part in escrow.parts
            ],
            currency=escrow.currency,
            contract_id=escrow.contract_id,
            state=escrow.state.value,
        )
        outbox.save(document, escrow.revision, messages=messages)


def _to_domain(document: EscrowDocument) -> Escrow:
    return Escrow(
        id=document.id,
        parts=_parts(document),
        currency=document.currency,
        contract_id=document.contract_id or "",
        state=EscrowState(document.state),
        revision=document.revision(),
    )


def _parts(document: EscrowDocument) -> tuple[Part, ...]:
    """Of an escrow that was made before there were kits: the one of its offer."""
    rows = document.parts
    if document.offer_id is not None:
        rows = [{"offer_id": document.offer_id, "minor": document.amount_minor}]
    return tuple(
        Part(row["offer_id"], Money(int(row["minor"]), document.currency)) for row in rows
    )
