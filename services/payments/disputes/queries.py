"""Disputes for lists."""

from __future__ import annotations

from services.payments.disputes.documents import DisputeDocument
from services.payments.disputes.domain import Dispute
from services.payments.disputes.repositories import to_dispute


def disputes_page(
    *, organization_id: str | None, sale_id: str | None, after: str | None, limit: int
) -> list[Dispute]:
    """Up to ``limit + 1`` disputes by id: of those that an organisation had a share in, or all."""
    found = DisputeDocument.objects
    if organization_id is not None:
        found = found(parties=organization_id)
    if sale_id is not None:
        found = found(sale_id=sale_id)
    if after is not None:
        found = found(id__gt=after)
    return [to_dispute(document) for document in found.order_by("id").limit(limit + 1)]
