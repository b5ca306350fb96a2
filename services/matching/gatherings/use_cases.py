"""What can be done with gatherings, and what that needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from chassis.kernel.decisions import Decision
from chassis.kernel.ids import Ids, derived_id
from services.matching.behaviour.domain import Deed, record
from services.matching.behaviour.use_cases import Behaviour
from services.matching.claims.domain import ClaimNotFound
from services.matching.claims.use_cases import Claims, Sagas
from services.matching.gatherings.domain import (
    Actor,
    Cartridge,
    CartridgeNotFound,
    CartridgeYanked,
    Evidence,
    Gathering,
    GatheringNotFound,
    NotACoHost,
    Slot,
    SlotNotFound,
    Status,
    plan,
)
from services.matching.organizations.use_cases import Organizations
from services.matching.supply.use_cases import Cartridges, Slots

BOOKING = "slot-booking"
CANCELLATION = "cancellation"
SETTLEMENT = "settlement"


class Gatherings(Protocol):
    """The gatherings, wherever they are kept."""

    def get(self, gathering_id: str) -> Gathering:
        """Raise ``GatheringNotFound`` rather than return None."""
        ...

    def get_all(self, gathering_ids: Iterable[str]) -> dict[str, Gathering]:
        """Those of them that exist, by id, in one read."""
        ...

    def save(self, decision: Decision[Gathering]) -> Gathering:
        """Store state and events together, or raise ``Conflict``."""
        ...

    def save_all(self, decisions: Sequence[Decision[Gathering]]) -> None:
        """Store many, each once, or raise ``Conflict``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """Published cartridges and the slots of venues, as the catalog told of them."""

    slots: Slots
    cartridges: Cartridges

    def cartridge(self, digest: str) -> Cartridge:
        """Raise ``CartridgeNotFound`` for a digest never heard of, or ``CartridgeYanked``."""
        found = self.cartridges.find(digest)
        if found is None:
            raise CartridgeNotFound(f"no cartridge {digest}")
        if found.is_yanked:
            raise CartridgeYanked(f"{found.name} {found.version} was yanked")
        return Cartridge(
            id=found.cartridge_id,
            digest=found.digest,
            author_id=found.author_id,
            min_people=found.min_people,
            max_people=found.max_people,
            royalties=found.royalties,
        )

    def slot(self, venue_id: str, slot_id: str) -> Slot:
        """Raise ``SlotNotFound`` unless that venue has that slot."""
        found = self.slots.find(slot_id)
        if found is None or found.venue_id != venue_id:
            raise SlotNotFound(f"no slot {slot_id} at {venue_id}")
        return Slot(
            id=found.id,
            venue_id=found.venue_id,
            venue_org_id=found.venue_org_id,
            starts_at=found.starts_at,
            ends_at=found.ends_at,
            capacity=found.capacity,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanGathering:
    """A host's plan: what, where and with whom."""

    host_id: str
    title: str
    claim_id: str
    cartridge_digest: str
    venue_id: str
    slot_id: str
    co_host_ids: tuple[str, ...]
    naming_rights_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddEvidence:
    """Something a host or co-host wants to show."""

    gathering_id: str
    organization_id: str
    kind: str
    text: str | None
    digest: str | None


class Booking(NamedTuple):
    """How asking for a slot ended; no code means that it was booked."""

    gathering_id: str
    code: str = ""
    detail: str = ""


class Payout(NamedTuple):
    """That a gathering was settled."""

    gathering_id: str
    settlement_id: str


def of_party(gathering_id: str, actor: Actor, *, gatherings: Gatherings) -> Gathering:
    """A gathering in which this actor has a part; raise ``GatheringNotFound``."""
    found = gatherings.get(gathering_id)
    if not actor.is_platform and not found.involves(actor.organization_id):
        raise GatheringNotFound(f"no gathering {gathering_id}")
    return found


def plan_gathering(
    command: PlanGathering,
    *,
    gatherings: Gatherings,
    claims: Claims,
    programme: Programme,
    organizations: Organizations,
    sagas: Sagas,
    ids: Ids,
    now: datetime,
) -> Gathering:
    """Put a claim, a cartridge and a slot together, and ask for the slot."""
    claim = claims.get(command.claim_id)
    if claim.host_id != command.host_id:
        raise ClaimNotFound(f"no claim {command.claim_id}")
    unknown = set(command.co_host_ids) - organizations.hosts_among(command.co_host_ids)
    if unknown:
        raise NotACoHost(f"not known as a host: {', '.join(sorted(unknown))}")
    gathering_id = ids("gth")
    taken = claim.take(gathering_id)
    decision = plan(
        gathering_id,
        title=command.title,
        claim=claim,
        cartridge=programme.cartridge(command.cartridge_digest),
        slot=programme.slot(command.venue_id, command.slot_id),
        co_host_ids=command.co_host_ids,
        naming_rights_id=command.naming_rights_id,
        now=now,
    )
    claims.save(taken)
    planned = gatherings.save(decision)
    sagas.start(BOOKING, derived_id("sag", planned.id, BOOKING), _whole(planned))
    return planned


def decide_bookings(
    bookings: Sequence[Booking], *, gatherings: Gatherings, claims: Claims, now: datetime
) -> None:
    """Open gatherings that have their slot; the others give their claims back.

    One that was cancelled meanwhile stays so: its slot is being released already.
    """
    found = gatherings.get_all(booking.gathering_id for booking in bookings)
    waiting = [
        (found[booking.gathering_id], booking)
        for booking in bookings
        if found[booking.gathering_id].status is Status.PLANNED
    ]
    gatherings.save_all([_booked(planned, booking, now) for planned, booking in waiting])
    held = claims.get_all(planned.claim_id for planned, booking in waiting if booking.code)
    claims.save_all([claim.give_back() for claim in held.values()])


def add_evidence(
    command: AddEvidence, *, gatherings: Gatherings, ids: Ids, now: datetime
) -> Gathering:
    """Show something of the gathering."""
    by = Actor(command.organization_id)
    found = of_party(command.gathering_id, by, gatherings=gatherings)
    piece = Evidence(
        id=ids("evd"),
        kind=command.kind,
        text=command.text,
        digest=command.digest,
        added_by=command.organization_id,
        added_at=now,
    )
    return gatherings.save(found.add_evidence(piece))


def hold_gathering(
    gathering_id: str, *, by: Actor, gatherings: Gatherings, behaviour: Behaviour, now: datetime
) -> Gathering:
    """Say that it took place, and remember it of its hosts."""
    found = of_party(gathering_id, by, gatherings=gatherings)
    held = gatherings.save(found.hold(by=by.organization_id, now=now))
    behaviour.append(
        record(
            Deed.HELD,
            host_id,
            gathering_id=held.id,
            origin=held.id,
            at=now,
            amount=held.checked_in,
        )
        for host_id in held.hosts
    )
    return held


def approve_gathering(
    gathering_id: str,
    *,
    by: Actor,
    gatherings: Gatherings,
    behaviour: Behaviour,
    sagas: Sagas,
    now: datetime,
) -> Gathering:
    """The brand, or the platform after a dispute, lets it be paid out."""
    found = of_party(gathering_id, by, gatherings=gatherings)
    approved = gatherings.save(found.approve(by=by, now=now))
    if not by.is_platform:
        brand_id = by.organization_id
        answered = record(Deed.ANSWERED, brand_id, gathering_id=found.id, origin=found.id, at=now)
        behaviour.append([answered])
    sagas.start(SETTLEMENT, derived_id("sag", found.id, SETTLEMENT), _shared(approved))
    return approved


def approve_in_silence(
    gathering_id: str, *, gatherings: Gatherings, sagas: Sagas, now: datetime
) -> None:
    """The brand's time is over; do nothing when somebody decided meanwhile."""
    found = gatherings.get(gathering_id)
    if not found.is_consented(now):
        return
    approved = gatherings.save(found.approve_by_silence(now=now))
    sagas.start(SETTLEMENT, derived_id("sag", found.id, SETTLEMENT), _shared(approved))


def review_overdue(gathering_id: str, *, gatherings: Gatherings, now: datetime) -> None:
    """Have the platform rule on it; do nothing when somebody spoke meanwhile."""
    found = gatherings.get(gathering_id)
    if found.is_overdue(now):
        gatherings.save(found.review(now=now))


def dispute_gathering(
    gathering_id: str,
    why: str,
    *,
    by: Actor,
    gatherings: Gatherings,
    behaviour: Behaviour,
    now: datetime,
) -> Gathering:
    """The brand objects; the platform will rule."""
    found = of_party(gathering_id, by, gatherings=gatherings)
    disputed = gatherings.save(found.dispute(why, by=by.organization_id, now=now))
    about = disputed.host_id
    behaviour.append(
        [record(Deed.DISPUTED, about, gathering_id=found.id, origin=found.id, at=now)]
    )
    return disputed


def cancel_gathering(
    gathering_id: str,
    why: str,
    *,
    by: Actor,
    gatherings: Gatherings,
    claims: Claims,
    behaviour: Behaviour,
    sagas: Sagas,
    now: datetime,
) -> Gathering:
    """Call it off: its claim ends too, and slot, packs and money go back."""
    found = of_party(gathering_id, by, gatherings=gatherings)
    cancelled = gatherings.save(found.cancel(why, by=by, now=now))
    claims.save(claims.get(found.claim_id).end_unheld(now=now))
    if not by.is_platform:
        host_id = by.organization_id
        called_off = record(
            Deed.CALLED_OFF, host_id, gathering_id=found.id, origin=found.id, at=now
        )
        behaviour.append([called_off])
    sagas.start(CANCELLATION, derived_id("sag", found.id, CANCELLATION), _whole(cancelled))
    return cancelled


def settle_gatherings(
    payouts: Sequence[Payout],
    *,
    gatherings: Gatherings,
    claims: Claims,
    behaviour: Behaviour,
    now: datetime,
) -> None:
    """Payments has paid every share: gatherings and their claims are done."""
    found = gatherings.get_all(payout.gathering_id for payout in payouts)
    settled = [
        found[payout.gathering_id].settle(payout.settlement_id, now=now) for payout in payouts
    ]
    gatherings.save_all(settled)
    done = claims.get_all(gathering.claim_id for gathering in found.values())
    claims.save_all([claim.settle(now=now) for claim in done.values()])
    behaviour.append(
        record(
            Deed.SETTLED, gathering.host_id, gathering_id=gathering.id, origin=gathering.id, at=now
        )
        for gathering in found.values()
    )


def _booked(planned: Gathering, booking: Booking, now: datetime) -> Decision[Gathering]:
    if booking.code:
        return planned.refuse(booking.code, booking.detail, now=now)
    return planned.open(now=now)


def _whole(gathering: Gathering) -> dict[str, Any]:
    """What booking and cancelling say about a gathering, in JSON's types."""
    return {
        "gathering_id": gathering.id,
        "claim_id": gathering.claim_id,
        "lot_id": gathering.lot_id,
        "offer_id": gathering.offer_id,
        "host_id": gathering.host_id,
        "venue_id": gathering.slot.venue_id,
        "slot_id": gathering.slot.id,
        "people": gathering.capacity,
        "reason": "gathering-cancelled",
    }


def _shared(gathering: Gathering) -> dict[str, Any]:
    """What settling says about a gathering, in JSON's types."""
    return {
        "gathering_id": gathering.id,
        "claim_id": gathering.claim_id,
        "offer_id": gathering.offer_id,
        "parties": {role: list(who) for role, who in gathering.parties.items()},
        "royalties": dict(gathering.cartridge.royalties),
        "cartridge_digest": gathering.cartridge.digest,
        "checked_in": gathering.checked_in,
        "min_checked_in": gathering.min_checked_in,
        "naming_rights_id": gathering.naming_rights_id,
    }
