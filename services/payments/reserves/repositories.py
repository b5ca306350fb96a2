"""Policies of reserves over MongoDB."""

from __future__ import annotations

from dataclasses import asdict, replace

from chassis import outbox
from chassis.kernel.ids import derived_id
from services.payments.reserves.documents import ReserveDocument
from services.payments.reserves.domain import Reserve, ReservePolicy


class MongoReserves:
    """The ``ReserveBook`` port over the ``reserves`` collection."""

    def of(self, organization_id: str) -> Reserve:
        """An organisation's; without any policy if none was ever set."""
        document = ReserveDocument.objects(organization_id=organization_id).first()
        if document is None:
            return Reserve(organization_id)
        policies = tuple(ReservePolicy(**row) for row in document.policies)
        return Reserve(organization_id, policies, document.revision())

    def save(self, reserve: Reserve) -> Reserve:
        """Store it, or raise ``Conflict``."""
        document = ReserveDocument(
            id=derived_id("rsp", reserve.id),
            organization_id=reserve.id,
            policies=[asdict(policy) for policy in reserve.policies],
        )
        return replace(reserve, revision=outbox.save(document, reserve.revision))
