"""Settlements for lists."""

from __future__ import annotations

from services.payments.settlements.documents import SettlementDocument
from services.payments.settlements.domain import Settlement
from services.payments.settlements.repositories import to_settlement


def settlements_page(
    *,
    organization_id: str | None,
    gathering_id: str | None,
    after: str | None,
    limit: int,
) -> list[Settlement]:
    """Up to ``limit + 1`` settlements, newest last, that an organisation had a part in.

    ``organization_id=None`` means all of them; ``after`` is the last id of the page before.
    """
    found = SettlementDocument.objects
    if organization_id is not None:
        found = found(parties__organization_id=organization_id)
    if gathering_id is not None:
        found = found(gathering_id=gathering_id)
    if after is not None:
        found = found(id__gt=after)
    return [to_settlement(document) for document in found.order_by("id").limit(limit + 1)]
