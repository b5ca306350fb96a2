"""What can be done with kits: draft, sign, withdraw."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from chassis.kernel.decisions import Decision
from chassis.kernel.errors import DomainError
from chassis.kernel.ids import Ids
from chassis.kernel.money import Money
from chassis.kernel.runs import Run, answer_id
from services.catalog.cartridges.domain import CartridgeNotFound, CartridgeVersion
from services.catalog.cartridges.use_cases import Cartridges
from services.catalog.hosts.use_cases import Hosts
from services.catalog.kits.domain import (
    Kit,
    KitClosedAlready,
    KitLine,
    KitNotFound,
    KitState,
    OtherTermsSigned,
    ThemeYanked,
    TooManyPacks,
    VenueNeed,
)
from services.catalog.kits.events import KitAnswer, KitRefused, KitReleased, KitReserved
from services.catalog.lots.domain import LotNotFound, LotNotOpen
from services.catalog.lots.use_cases import Lots
from services.catalog.offers.domain import OfferNotOpen, SubsidyOffer
from services.catalog.offers.use_cases import Offers
from services.catalog.stock.domain import Order, Reservation, ReservationState, Shelf
from services.catalog.stock.use_cases import Place, Stock, why_not


class Kits(Protocol):
    """The kits, wherever they are kept."""

    def get(self, kit_id: str) -> Kit:
        """The kit; raise ``KitNotFound`` rather than return None."""
        ...

    def find(self, kit_ids: Collection[str]) -> dict[str, Kit]:
        """Those of these kits that exist, by id."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class KitCommand:
    """What a saga asks about a kit's packs. ``id`` and ``correlation_id`` make the answer."""

    id: str
    correlation_id: str
    claim_id: str
    kit_id: str
    host_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveKit(KitCommand):
    """Set the packs of every line aside for a claim, all or none."""

    terms_digest: str
    offer_ids: Sequence[str]
    region: str
    channel: str
    expires_at: datetime

    def order(self, line: KitLine, *, has_record: bool) -> Order:
        """What it asks of the shelf of one line."""
        return Order(
            claim_id=self.claim_id,
            brand_id=line.brand_id,
            host_id=self.host_id,
            packs=line.packs,
            expires_at=self.expires_at,
            region=self.region,
            channel=self.channel,
            has_record=has_record,
            needs_offer=False,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseKit(KitCommand):
    """Free whatever a claim holds of a kit."""

    reason: str


def draft_kit(
    command: DraftKit, *, kits: Kits, lots: Lots, cartridges: Cartridges, ids: Ids, now: datetime
) -> Kit:
    """Draft a kit of lots that are open; their brands must sign it before it counts."""
    theme = _theme_of(command.cartridge_digest, cartridges)
    kit = Kit(
        id=ids("kit"),
        drafted_by=command.organization_id,
        title=command.title,
        lines=_lines(command.lines, lots, now),
        venue=command.venue,
        cartridge_digest=command.cartridge_digest,
        author_id=theme.author_id,
        price=command.price,
        terms=command.terms,
        royalties=theme.royalties,
        drafted_at=now,
    )
    return kits.save(kit.draft(at=now))


def _theme_of(digest: str, cartridges: Cartridges) -> CartridgeVersion:
    version = cartridges.pinned(digest)
    if version is None:
        raise CartridgeNotFound(f"no cartridge is {digest}")
    if version.yanked_because:
        raise ThemeYanked(f"{version.name} {version.version} was yanked")
    return version


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
        _theme_of(kit.cartridge_digest, cartridges)
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


def reserve_kits(
    commands: Sequence[ReserveKit],
    *,
    kits: Kits,
    cartridges: Cartridges,
    stock: Stock,
    offers: Offers,
    hosts: Hosts,
    now: datetime,
) -> None:
    """Answer every command, in order: the packs of all lines set aside, or of none.

    What is refused, and every other line with it, stays noted: asked again, it is refused again.
    """
    known = kits.find({command.kit_id for command in commands})
    run = Run(stock.shelves(_places(commands, known)))
    given = offers.find({each for command in commands for each in command.offer_ids})
    experienced = hosts.with_record({command.host_id for command in commands})
    yanked = cartridges.yanked_among({kit.cartridge_digest for kit in known.values()})
    for command in commands:
        kit = known.get(command.kit_id)
        asked = {given[each].brand_id: given[each] for each in command.offer_ids if each in given}
        has_record = command.host_id in experienced
        refusal: DomainError | Reservation | None
        if kit is None:
            refusal = KitNotFound(f"no kit {command.kit_id}")
        else:
            is_yanked = kit.cartridge_digest in yanked
            against = _refusal(command, kit, asked, is_yanked=is_yanked)
            refusal = _set_aside(command, kit, asked, run, against, has_record=has_record, now=now)
        run.answers.append(_answer(command, refusal, now))
    stock.save_all(run.decisions(), run.answers)


def release_kits(
    commands: Sequence[ReleaseKit], *, kits: Kits, stock: Stock, now: datetime
) -> None:
    """Answer every command, in order: nothing of the kit is set aside any more."""
    known = kits.find({command.kit_id for command in commands})
    run = Run(stock.shelves(_places(commands, known)))
    for command in commands:
        if kit := known.get(command.kit_id):
            _give_up(command.claim_id, kit, run, why=command.reason, now=now)
        run.answers.append(
            KitReleased(
                id=answer_id(command.id),
                correlation_id=command.correlation_id,
                claim_id=command.claim_id,
                kit_id=command.kit_id,
                occurred_at=now,
            )
        )
    stock.save_all(run.decisions(), run.answers)


def _places(commands: Sequence[KitCommand], known: Mapping[str, Kit]) -> list[Place]:
    return [
        Place(line.lot_id, command.claim_id, command.host_id)
        for command in commands
        if command.kit_id in known
        for line in known[command.kit_id].lines
    ]


def _set_aside(
    command: ReserveKit,
    kit: Kit,
    offers: Mapping[str, SubsidyOffer],
    run: Run[Shelf],
    against: DomainError | None,
    *,
    has_record: bool,
    now: datetime,
) -> DomainError | Reservation | None:
    """Reserve every line, or give all of them up and say why; None when all stand.

    What speaks ``against`` the kit as a whole does not touch what was reserved before.
    """
    shelves = [run.states[line.lot_id] for line in kit.lines if line.lot_id in run.states]
    is_new = not any(command.claim_id in shelf.reservations for shelf in shelves)
    refusal: DomainError | Reservation | None = against if is_new else None
    if len(shelves) < len(kit.lines):
        refusal = LotNotFound("a lot of the kit is unknown")
    if refusal is None:
        decisions = [
            shelf.reserve(
                command.order(line, has_record=has_record), offers.get(line.brand_id), at=now
            )
            for shelf, line in zip(shelves, kit.lines, strict=True)
        ]
        reserved = [each.state.reservations[command.claim_id] for each in decisions]
        if all(each.is_live for each in reserved):
            for decision in decisions:
                run.take(decision.state.lot.id, decision)
            return None
        refused = [each for each in reserved if each.state is ReservationState.REFUSED]
        for decision, each in zip(decisions, reserved, strict=True):
            if each in refused:
                run.take(decision.state.lot.id, decision)
        refusal = why_not((refused or [each for each in reserved if not each.is_live])[0])
    _give_up(command.claim_id, kit, run, why=refusal.code, now=now)
    return refusal


def _refusal(
    command: ReserveKit, kit: Kit, offers: Mapping[str, SubsidyOffer], *, is_yanked: bool
) -> DomainError | None:
    """Why the kit as a whole cannot be had now."""
    if kit.state is not KitState.PUBLISHED:
        return KitClosedAlready(f"{kit.id} is {kit.state}")
    if is_yanked:
        return ThemeYanked(f"cartridge {kit.cartridge_digest} was yanked")
    if command.terms_digest != kit.terms_digest:
        return OtherTermsSigned(f"the kit is {kit.terms_digest}", digest=kit.terms_digest)
    if len(offers) < len(command.offer_ids):
        return OfferNotOpen("an offer is unknown, or one brand's twice")
    return None


def _give_up(claim_id: str, kit: Kit, run: Run[Shelf], *, why: str, now: datetime) -> None:
    """Free every line, and let none be reserved for this claim later."""
    for line in kit.lines:
        if shelf := run.states.get(line.lot_id):
            run.take(line.lot_id, shelf.release(claim_id, why=why, at=now))


def _answer(
    command: ReserveKit, refusal: DomainError | Reservation | None, now: datetime
) -> KitAnswer:
    envelope: dict[str, Any] = {
        "id": answer_id(command.id),
        "correlation_id": command.correlation_id,
        "claim_id": command.claim_id,
        "kit_id": command.kit_id,
        "occurred_at": now,
    }
    if refusal is None:
        return KitReserved(**envelope)
    detail = refusal.detail if isinstance(refusal, Reservation) else str(refusal)
    return KitRefused(**envelope, code=refusal.code, detail=detail)


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
