"""What matching keeps of identity's organisations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from services.matching.organizations.domain import Organization


class Organizations(Protocol):
    """The organisations that identity has told of."""

    def hosts_among(self, organization_ids: Iterable[str]) -> set[str]:
        """Those of them that are hosts."""
        ...

    def put_all(self, organizations: Sequence[Organization]) -> None:
        """Store them, over what was there."""
        ...


def note_organizations(
    registered: Sequence[Organization], *, organizations: Organizations
) -> None:
    """Remember organisations that registered."""
    organizations.put_all(registered)
