"""Payouts for lists."""

from __future__ import annotations

from services.payments.payouts.documents import PayoutDocument
from services.payments.payouts.domain import Payout
from services.payments.payouts.repositories import to_payout


def payouts_page(
    *,
    organization_id: str | None,
    day: str | None,
    state: str | None,
    after: str | None,
    limit: int,
) -> list[Payout]:
    """Up to ``limit + 1`` payouts by id: of one organisation or all, of a day, of a state."""
    found = PayoutDocument.objects
    if organization_id is not None:
        found = found(organization_id=organization_id)
    if day is not None:
        found = found(day=day)
    if state is not None:
        found = found(state=state)
    if after is not None:
        found = found(id__gt=after)
    return [to_payout(document) for document in found.order_by("id").limit(limit + 1)]
