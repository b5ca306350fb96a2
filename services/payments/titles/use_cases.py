"""What an organisation says of how its invoices are made out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from services.payments.titles.domain import Title, TitleNotFound


class Titles(Protocol):
    """The titles, wherever they are kept."""

    def find(self, organization_id: str) -> Title:
        """What the organisation said, or an empty title."""
        ...

    def save(self, title: Title) -> None:
        """Store it, or raise ``Conflict``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTitle:
    """An organisation's wish to have its invoices made out so."""

    organization_id: str
    title: str
    tax_number: str


def set_title(command: SetTitle, *, titles: Titles) -> Title:
    """Take it from now on; saying the same again changes nothing. Raises ``TaxNumberUnfit``."""
    before = titles.find(command.organization_id)
    after = before.change(title=command.title, tax_number=command.tax_number)
    if after != before:
        titles.save(after)
    return after


def title_of(organization_id: str, *, titles: Titles) -> Title:
    """What the organisation said; raise ``TitleNotFound`` when it was nothing."""
    found = titles.find(organization_id)
    if not found.title:
        raise TitleNotFound(f"no invoice title of {organization_id}")
    return found
