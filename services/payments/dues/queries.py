"""Dues for lists."""

from __future__ import annotations

from mongoengine.queryset.visitor import Q

from services.payments.dues.documents import DueDocument
from services.payments.dues.domain import Due
from services.payments.dues.repositories import to_due


def dues_page(*, organization_id: str | None, after: str | None, limit: int) -> list[Due]:
    """Up to ``limit + 1`` dues in the order of their ids, owed by or to an organisation.

    ``organization_id=None`` means all of them; ``after`` is the last id of the page before.
    """
    found = DueDocument.objects
    if organization_id is not None:
        found = found(Q(debtor_id=organization_id) | Q(creditor_id=organization_id))
    if after is not None:
        found = found(id__gt=after)
    return [to_due(document) for document in found.order_by("id").limit(limit + 1)]
