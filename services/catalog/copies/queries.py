"""Reads for lists of copy claims."""

from __future__ import annotations

from typing import Protocol

from mongoengine.queryset.visitor import Q

from services.catalog.copies.documents import CopyClaimDocument
from services.catalog.copies.domain import CopyClaim
from services.catalog.copies.repositories import to_claim


class CopyLists(Protocol):
    """What can be listed of copy claims."""

    def claims(
        self, organization_id: str | None, *, state: str | None, after: str | None, limit: int
    ) -> list[CopyClaim]:
        """Claims an organisation has a part in, or all for None, the oldest first."""
        ...


class MongoCopyLists:
    """The ``CopyLists`` port over ``copy_claims``."""

    def claims(
        self, organization_id: str | None, *, state: str | None, after: str | None, limit: int
    ) -> list[CopyClaim]:
        found = CopyClaimDocument.objects(id__gt=after or "")
        if organization_id is not None:
            found = found(Q(claimant_id=organization_id) | Q(accused_id=organization_id))
        if state is not None:
            found = found(state=state)
        return [to_claim(document) for document in found.order_by("id").limit(limit)]
