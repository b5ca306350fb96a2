"""Payout destinations for lists."""

from __future__ import annotations

from services.payments.destinations.documents import DestinationDocument
from services.payments.destinations.domain import Destination
from services.payments.destinations.repositories import to_destination


def destinations_page(
    *, organization_id: str | None, after: str | None, limit: int
) -> list[Destination]:
    """Up to ``limit + 1`` destinations by id, of one organisation or of all."""
    found = DestinationDocument.objects
    if organization_id is not None:
        found = found(organization_id=organization_id)
    if after is not None:
        found = found(id__gt=after)
    return [to_destination(document) for document in found.order_by("id").limit(limit + 1)]
