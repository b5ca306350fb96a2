"""Everybody and everything there is in the demo, as its people come to know it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from teahouse.demo.journey.parties import Party


@dataclass(slots=True)
class Brand:
    """A brand with its sheet; ``offer_id`` is empty until it opens an offer."""

    party: Party
    sheet: Path
    encoding: str
    lots_expected: int
    broken: tuple[int, ...] = ()
    import_id: str = ""
    lots: int = 0
    errors: list[tuple[int, str]] = field(default_factory=list)
    offer_id: str = ""
    subsidy_fen: int = 0
    deposited_fen: int = 0

    @property
    def id(self) -> str:
        return self.party.id

    @property
    def name(self) -> str:
        return self.party.name


@dataclass(frozen=True, slots=True)
class Community:
    """People a host can reach, once founded."""

    id: str
    name: str
    size: int


@dataclass(slots=True)
class Host:
    """A host and her communities; ``wishes`` are the communities yet to be founded."""

    party: Party
    wishes: list[dict[str, Any]]
    communities: list[Community] = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.party.id


@dataclass(frozen=True, slots=True)
class Slot:
    """Some hours at a venue, free when it was opened."""

    venue_id: str
    slot_id: str
    owner_id: str
    evening: int


@dataclass(frozen=True, slots=True)
class Theme:
    """A published cartridge version."""

    cartridge_id: str
    digest: str
    author_id: str


@dataclass(slots=True)
class Town:
    """The cast of the demo."""

    operator: Party
    brands: list[Brand] = field(default_factory=list)
    hosts: list[Host] = field(default_factory=list)
    venues: list[Party] = field(default_factory=list)
    authors: list[Party] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)
    themes: list[Theme] = field(default_factory=list)
    poor_brand: Brand | None = None

    def brand(self, name: str) -> Brand:
        """The brand of this name; raise ``KeyError`` when there is none."""
        for brand in self.brands:
            if brand.name == name:
                return brand
        raise KeyError(name)

    @property
    def generous_brands(self) -> list[Brand]:
        """The brands with an offer whose fund pays for many claims."""
        return [brand for brand in self.brands if brand.offer_id and brand is not self.poor_brand]

    @property
    def names(self) -> dict[str, str]:
        """What every organisation is called, by id."""
        parties = [
            *(brand.party for brand in self.brands),
            *(host.party for host in self.hosts),
            *self.venues,
            *self.authors,
        ]
        return {party.id: party.name for party in parties}
