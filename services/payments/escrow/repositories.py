"""Escrows over MongoDB."""

from __future__ import annotations

from collections.abc import Sequence

from chassis import outbox
from chassis.kernel.decisions import Message
from services.payments.escrow.documents import EscrowDocument
from services.payments.escrow.domain import Escrow, EscrowState, parts_of, rows_of


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
            parts=rows_of(escrow.parts),
            currency=escrow.currency,
            contract_id=escrow.contract_id,
            state=escrow.state.value,
            refusal=escrow.refusal,
        )
        outbox.save(document, escrow.revision, messages=messages)


def _to_domain(document: EscrowDocument) -> Escrow:
    return Escrow(
        id=document.id,
        parts=parts_of(
            document.parts,
            document.currency,
            offer_id=document.offer_id,
            minor=document.amount_minor,
        ),
        currency=document.currency,
        contract_id=document.contract_id or "",
        state=EscrowState(document.state),
        refusal=document.refusal or "",
        revision=document.revision(),
    )
