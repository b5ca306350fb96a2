"""Share contracts over MongoDB."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from chassis import outbox
from chassis.kernel.decisions import Decision
from chassis.kernel.money import Money
from services.payments.contracts.documents import ShareContractDocument
from services.payments.contracts.domain import (
    ContractNotFound,
    ShareContract,
    Signature,
    SignedKit,
    Version,
    freeze,
    leaving,
)
from sharing.terms import Rounding, Terms


class MongoContracts:
    """The ``Contracts`` port over the ``share_contracts`` collection."""

    def get(self, contract_id: str) -> ShareContract:
        """Raise ``ContractNotFound`` rather than return None."""
        document = ShareContractDocument.objects(pk=contract_id).first()
        if document is None:
            raise ContractNotFound(f"no contract {contract_id}")
        return _to_domain(document)

    def add(self, contract: ShareContract) -> None:
        """Keep a claim's contract for ever; keeping the same one again does nothing."""
        if ShareContractDocument.objects(pk=contract.id).first() is None:
            self.save(Decision(contract))

    def save(self, decision: Decision[ShareContract]) -> ShareContract:
        """Store the state and its events together, or raise ``Conflict``."""
        contract = decision.state
        revision = outbox.save(_to_document(contract), contract.revision, decision.events)
        return replace(contract, revision=revision)


def _to_domain(document: ShareContractDocument) -> ShareContract:
    if not document.versions:
        return _frozen_before(document)
    return ShareContract(
        id=document.id,
        versions=_to_versions(document.versions),
        claim_id=document.claim_id or "",
        offer_id=document.offer_id or "",
        kit=_to_kit(document.kit) if document.kit else None,
        revision=document.revision(),
    )


def _frozen_before(document: ShareContractDocument) -> ShareContract:
    """A contract from before contracts were data, dividing sale by sale as it always did."""
    contract = freeze(
        claim_id=document.claim_id,
        offer_id=document.offer_id or "",
        brand_id=document.brand_id,
        host_id=document.host_id,
        terms=dict(document.terms),
        at=document.frozen_at,
        kit=_to_kit(document.kit) if document.kit else None,
        rounding=Rounding.EACH_SALE,
    )
    signed = replace(contract.latest, digest=document.digest)
    return replace(contract, versions=(signed,), revision=document.revision())


def _to_versions(rows: Iterable[Mapping[str, Any]]) -> tuple[Version, ...]:
    """The versions; whom each lets go is told from the one in force before it."""
    found: list[Version] = []
    in_force: Version | None = None
    for row in rows:
        version = _to_version(row)
        found.append(replace(version, leaving=leaving(in_force, version.terms)))
        in_force = version if version.published_at else in_force
    return tuple(found)


def _to_version(row: Mapping[str, Any]) -> Version:
    signatures = (Signature(**each) for each in row["signatures"])
    return Version(**{**row, "terms": Terms(row["terms"]), "signatures": tuple(signatures)})


def _to_document(contract: ShareContract) -> ShareContractDocument:
    return ShareContractDocument(
        id=contract.id,
        claim_id=contract.claim_id or None,
        offer_id=contract.offer_id or None,
        kit=asdict(contract.kit) if contract.kit else None,
        versions=[_from_version(each) for each in contract.versions],
    )


def _from_version(version: Version) -> dict[str, Any]:
    return {
        "number": version.number,
        "terms": dict(version.terms.data),
        "digest": version.digest,
        "drafted_by": version.drafted_by,
        "drafted_at": version.drafted_at,
        "signatures": [asdict(each) for each in version.signatures],
        "published_at": version.published_at,
    }


def _to_kit(row: Mapping[str, Any]) -> SignedKit:
    price = Money(int(row["price"]["minor"]), row["price"]["currency"])
    return SignedKit(**{**row, "price": price})
