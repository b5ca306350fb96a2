"""Share contracts over MongoDB."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from chassis import outbox
from chassis.kernel.money import Money
from services.payments.contracts.documents import ShareContractDocument
from services.payments.contracts.domain import ContractNotFound, ShareContract, SignedKit


class MongoContracts:
    """The ``Contracts`` port over the ``share_contracts`` collection."""

    def get(self, contract_id: str) -> ShareContract:
        """Raise ``ContractNotFound`` rather than return None."""
        document = ShareContractDocument.objects(pk=contract_id).first()
        if document is None:
            raise ContractNotFound(f"no contract {contract_id}")
        return ShareContract(
            id=document.id,
            claim_id=document.claim_id,
            offer_id=document.offer_id or "",
            brand_id=document.brand_id,
            host_id=document.host_id,
            terms=dict(document.terms),
            digest=document.digest,
            frozen_at=document.frozen_at,
            kit=_to_kit(document.kit) if document.kit else None,
            revision=document.revision(),
        )

    def add(self, contract: ShareContract) -> None:
        """Keep a contract for ever; keeping the same one again does nothing."""
        if ShareContractDocument.objects(pk=contract.id).first() is not None:
            return
        document = ShareContractDocument(
            id=contract.id,
            claim_id=contract.claim_id,
            offer_id=contract.offer_id,
            brand_id=contract.brand_id,
            host_id=contract.host_id,
            terms=dict(contract.terms),
            digest=contract.digest,
            frozen_at=contract.frozen_at,
            kit=asdict(contract.kit) if contract.kit else None,
        )
        outbox.save(document, contract.revision)


def _to_kit(row: Mapping[str, Any]) -> SignedKit:
    price = Money(int(row["price"]["minor"]), row["price"]["currency"])
    return SignedKit(**{**row, "price": price})
