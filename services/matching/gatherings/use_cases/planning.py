"""Planning a gathering, and what becomes of its slot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from chassis.kernel.decisions import Decision
from chassis.kernel.ids import Ids, derived_id
from services.matching.behaviour.domain import Deed
from services.matching.behaviour.use_cases import Deeds
from services.matching.claims.domain import ClaimNotFound
from services.matching.claims.use_cases import Claims, Sagas
from services.matching.communities.use_cases import Communities
from services.matching.gatherings.domain import (
    CartridgeNotFound,
    CartridgeYanked,
    Gathering,
    NotACoHost,
    SlotNotFound,
    Status,
    fit,
    must_be_of_kit,
    must_leave_share,
    plan,
)
from services.matching.gatherings.use_cases.ports import BOOKING, Gatherings, whole
from services.matching.organizations.use_cases import Organizations
from services.matching.supply.domain import CartridgeVersion
from services.matching.supply.domain import Slot as Lent
from services.matching.supply.use_cases import Cartridges, Slots


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """Published cartridges and the slots of venues, as the catalog told of them."""

    slots: Slots
    cartridges: Cartridges

    def version(self, digest: str) -> CartridgeVersion:
        """Raise ``CartridgeNotFound`` for a digest never heard of, or ``CartridgeYanked``."""
        found = self.cartridges.find(digest)
        if found is None:
            raise CartridgeNotFound(f"no cartridge {digest}")
        if found.is_yanked:
            raise CartridgeYanked(f"{found.name} {found.version} was yanked")
        return found

    def lent(self, venue_id: str, slot_id: str) -> Lent:
        """Raise ``SlotNotFound`` unless that venue has that slot."""
        found = self.slots.find(slot_id)
        if found is None or found.venue_id != venue_id:
            raise SlotNotFound(f"no slot {slot_id} at {venue_id}")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanGathering:
    """A host's plan: what, where, with whom, and for how many guests at most.

    Without ``people`` it is for as many as venue and cartridge allow; a kit brings its own
    cartridge.
    """

    host_id: str
    title: str
    claim_id: str
    venue_id: str
    slot_id: str
    cartridge_digest: str | None = None
    people: int | None = None
    co_host_ids: tuple[str, ...] = ()
    naming_rights_id: str | None = None


class Booking(NamedTuple):
    """How asking for a slot ended; no code means that it was booked."""

    gathering_id: str
    code: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planning:
    """Everything that a plan is looked up in."""

    gatherings: Gatherings
    claims: Claims
    programme: Programme
    communities: Communities
    organizations: Organizations
    deeds: Deeds
    sagas: Sagas


def plan_gathering(
    command: PlanGathering, *, planning: Planning, ids: Ids, now: datetime
) -> Gathering:
    """Put a claim, a cartridge and a slot together, and ask for the slot.

    What the cartridge says decides: its conditions, asked with the facts of this plan, and
    what it needs of a room. What it asks of host and guests is frozen with the plan. Raises
    ``NotACoHost``, ``VenueShareTooSmall`` and the rules of ``fit`` and ``plan``.
    """
    claim = planning.claims.get(command.claim_id)
    if claim.host_id != command.host_id:
        raise ClaimNotFound(f"no claim {command.claim_id}")
    must_be_hosts(command.co_host_ids, planning.organizations)
    gathering_id = ids("gth")
    taken = claim.take(gathering_id)
    digest = must_be_of_kit(claim.kit, command.cartridge_digest)
    version = planning.programme.version(digest)
    lent = planning.programme.lent(command.venue_id, command.slot_id)
    fitted = fit(
        version,
        lent,
        people=command.people,
        kit=claim.kit,
        portrait=planning.communities.get(claim.community_id).portrait,
        held=planning.deeds.count(claim.host_id, Deed.HELD),
    )
    must_leave_share(claim, lent)
    decision = plan(
        gathering_id,
        title=command.title,
        claim=claim,
        **fitted._asdict(),
        co_host_ids=command.co_host_ids,
        naming_rights_id=command.naming_rights_id,
        now=now,
    )
    planning.claims.save(taken)
    planned = planning.gatherings.save(decision)
    planning.sagas.start(BOOKING, derived_id("sag", planned.id, BOOKING), whole(planned))
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


def _booked(planned: Gathering, booking: Booking, now: datetime) -> Decision[Gathering]:
    if booking.code:
        return planned.refuse(booking.code, booking.detail, now=now)
    return planned.open(now=now)


def must_be_hosts(co_host_ids: Sequence[str], organizations: Organizations) -> None:
    """Raise ``NotACoHost`` unless all of these are hosts."""
    unknown = set(co_host_ids) - organizations.hosts_among(co_host_ids)
    if unknown:
        raise NotACoHost(f"not known as a host: {', '.join(sorted(unknown))}")
