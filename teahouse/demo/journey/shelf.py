"""What hosts find when they browse, and what of it is still free by the demo's own count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from teahouse.demo.journey.claiming import Wish
from teahouse.demo.journey.town import Host

MENU = 50
MOST_PAGES = 12


class Found(NamedTuple):
    """One lot of a host's list of offers."""

    lot_id: str
    brand_id: str
    offer_id: str
    packs_free: int
    most_packs: int
    units_per_pack: int
    unit_fen: int


def browse(host: Host, brands: Collection[str]) -> list[Found]:
    """The best offers of these brands for a host, each checked to be explained to the point.

    Brands of earlier runs may stand above them, so a few pages are read where need be.
    """
    menu: list[Found] = []
    cursor = ""
    for _ in range(MOST_PAGES):
        path = f"/v1/hosts/{host.id}/offers?limit={MENU}{cursor}"
        answer = host.party.get("matching", path)
        menu += [_found(item) for item in answer["items"] if item["brand_id"] in brands]
        if len(menu) >= MENU or not answer["next_cursor"]:
            break
        cursor = f"&cursor={answer['next_cursor']}"
    return menu


def _found(item: dict[str, Any]) -> Found:
    told = sum(term["points"] for term in item["terms"])
    if told != item["score"]:
        raise AssertionError(f"terms add up to {told}, the score is {item['score']}")
    return Found(
        lot_id=item["lot_id"],
        brand_id=item["brand_id"],
        offer_id=item["offer_id"],
        packs_free=item["packs_free"],
        most_packs=item["max_packs_per_host"],
        units_per_pack=item["units_per_pack"],
        unit_fen=item["unit_price"]["minor"],
    )


@dataclass(slots=True)
class Shelf:
    """Packs taken of each lot and claims made on each brand: none is refused by chance."""

    claims_a_brand: int
    _packs: Counter[str] = field(default_factory=Counter)
    _claims: Counter[str] = field(default_factory=Counter)
    _pairs: set[tuple[str, str]] = field(default_factory=set)

    def pick(
        self, host: Host, menu: Iterable[Found], *, units: int, purpose: str
    ) -> tuple[Wish, Found] | None:
        """The best lot of the menu that still has so many units; its packs are taken."""
        for found in menu:
            packs = -(-units // found.units_per_pack)
            if self._is_free(host, found, packs):
                self._packs[found.lot_id] += packs
                self._claims[found.brand_id] += 1
                self._pairs.add((host.id, found.lot_id))
                return _wish(host, found, packs, purpose), found
        return None

    def _is_free(self, host: Host, found: Found, packs: int) -> bool:
        return (
            (host.id, found.lot_id) not in self._pairs
            and packs <= found.most_packs
            and self._packs[found.lot_id] + packs <= found.packs_free
            and self._claims[found.brand_id] < self.claims_a_brand
        )

    def is_untouched(self, lot_id: str) -> bool:
        """Whether nothing of a lot was taken."""
        return not self._packs[lot_id]


def _wish(host: Host, found: Found, packs: int, purpose: str) -> Wish:
    return Wish(
        host=host,
        community_id=host.communities[0].id,
        lot_id=found.lot_id,
        offer_id=found.offer_id,
        brand_id=found.brand_id,
        packs=packs,
        purpose=purpose,
    )
