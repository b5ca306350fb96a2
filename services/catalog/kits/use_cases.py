"""What can be done with kits: draft, sign, withdraw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from chassis.kernel.decisions import Decision
from chassis.kernel.ids import Ids
from chassis.kernel.money import Money
from services.catalog.cartridges.domain import CartridgeNotFound
from services.catalog.cartridges.use_cases import Cartridges
from services.catalog.kits.domain import (
    Kit,
    KitLine,
    KitNotFound,
    ThemeYanked,
    TooManyPacks,
    VenueNeed,
)
from services.catalog.lots.domain import LotNotFound, LotNotOpen
from services.catalog.lots.use_cases import Lots


class Kits(Protocol):
    """The kits, wherever they are kept."""

    def get(self, kit_id: str) -> Kit:
        """The kit; raise ``KitNotFound`` rather than return None."""
        ...

    def save(self, decision: Decision[Kit]) -> Kit:
        """Store state and events together, or raise ``Conflict``."""
        ...


class WantedLine(NamedTuple):
    """Packs of a lot that a kit is to hold, and the share of their brand."""

    lot_id: str
    packs: int
    share: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftKit:
    """Somebody's wish to offer a whole solution."""

    organization_id: str
    title: str
    lines: Sequence[WantedLine]
    venue: VenueNeed
    cartridge_digest: str
    price: Money
    terms: Mapping[str, int]


def draft_kit(
    command: DraftKit, *, kits: Kits, lots: Lots, cartridges: Cartridges, ids: Ids, now: datetime
) -> Kit:
    """Draft a kit of lots that are open; their brands must sign it before it counts."""
    kit = Kit(
        id=ids("kit"),
        drafted_by=command.organization_id,
        title=command.title,
        lines=_lines(command.lines, lots, now),
        venue=command.venue,
        cartridge_digest=command.cartridge_digest,
        author_id=_author_of(command.cartridge_digest, cartridges),
        price=command.price,
        terms=command.terms,
        drafted_at=now,
    )
    return kits.save(kit.draft(at=now))


def _author_of(digest: str, cartridges: Cartridges) -> str:
    version = cartridges.pinned(digest)
    if version is None:
        raise CartridgeNotFound(f"no cartridge is {digest}")
    if version.yanked_because:
        raise ThemeYanked(f"{version.name} {version.version} was yanked")
    return version.author_id


def sign_kit(
    kit_id: str,
    brand_id: str,
    terms_digest: str,
    *,
    kits: Kits,
    lots: Lots,
    cartridges: Cartridges,
    now: datetime,
) -> Kit:
    """Agree to a kit as one of its brands; the last signature needs all that it offers.

    Raises ``LotNotOpen`` or ``ThemeYanked`` when the kit would be published without.
    """
    kit = kits.get(kit_id)
    decision = kit.sign(brand_id, terms_digest, at=now)
    if decision.events:
        _author_of(kit.cartridge_digest, cartridges)
        known = lots.find({line.lot_id for line in kit.lines})
        if shut := [each.id for each in known.values() if not each.is_open(now)]:
            raise LotNotOpen(f"lot {shut[0]} takes no claims")
    return kit if decision.state is kit else kits.save(decision)


def withdraw_kit(kit_id: str, organization_id: str, *, kits: Kits, now: datetime) -> Kit:
    """Close a kit for new claims, as its drafter or one of its brands."""
    return kits.save(kits.get(kit_id).withdraw(organization_id, at=now))


def seen_kit(kit_id: str, organization_id: str, *, kits: Kits) -> Kit:
    """A kit that this organisation may see; a draft of others is unknown."""
    kit = kits.get(kit_id)
    if not kit.is_seen_by(organization_id):
        raise KitNotFound(f"no kit {kit_id}")
    return kit


def _lines(wanted: Sequence[WantedLine], lots: Lots, now: datetime) -> tuple[KitLine, ...]:
    known = lots.find({line.lot_id for line in wanted})
    lines = []
    for line in wanted:
        lot = known.get(line.lot_id)
        if lot is None:
            raise LotNotFound(f"no lot {line.lot_id}")
        if not lot.is_open(now):
            raise LotNotOpen(f"lot {lot.id} takes no claims")
        most = lot.terms.max_packs_per_host
        if line.packs > most:
            raise TooManyPacks(f"{line.packs} asked of {lot.id}, {most} at most", most=most)
        lines.append(KitLine(lot.id, lot.brand_id, line.packs, line.share))
    return tuple(lines)
