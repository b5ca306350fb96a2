"""Planning: what must hold before goods, a cartridge and a slot become a gathering."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from cartridges.conditions import Facts
from cartridges.venues import Needs, Room, misfits
from chassis.kernel.decisions import Decision
from services.matching.claims.domain import Claim
from services.matching.gatherings.domain.gathering import Gathering
from services.matching.gatherings.domain.parts import Cartridge, Slot
from services.matching.gatherings.domain.refusals import (
    ConditionNotMet,
    NotACoHost,
    OtherTheme,
    PeopleUnfit,
    SlotPast,
    ThemeMissing,
    VenueShareTooSmall,
    VenueTooSmall,
    VenueUnsuitable,
)
from services.matching.gatherings.engine.sheet import NOTHING_ASKED, Sheet, unmet
from services.matching.gatherings.events import GatheringPlanned
from services.matching.supply.domain import Kit
from services.matching.supply.domain import Slot as Lent


def plan(  # noqa: PLR0913 - a plan is put together from so many parts
    gathering_id: str,
    *,
    title: str,
    claim: Claim,
    cartridge: Cartridge,
    slot: Slot,
    people: int,
    co_host_ids: tuple[str, ...],
    naming_rights_id: str | None,
    sheet: Sheet = NOTHING_ASKED,
    now: datetime,
) -> Decision[Gathering]:
    """Put a confirmed claim, a cartridge and a slot together, for so many guests at most."""
    if now >= slot.starts_at:
        raise SlotPast(f"began at {slot.starts_at.isoformat()}")
    must_be_others(claim.host_id, co_host_ids)
    planned = GatheringPlanned(
        gathering_id=gathering_id,
        claim_id=claim.id,
        host_id=claim.host_id,
        brand_id=claim.brand_id,
        brand_ids=claim.brand_ids,
        co_host_ids=co_host_ids,
        cartridge_digest=cartridge.digest,
        cartridge_id=cartridge.id,
        author_id=cartridge.author_id,
        venue_id=slot.venue_id,
        slot_id=slot.id,
        venue_org_id=slot.venue_org_id,
        naming_rights_id=naming_rights_id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        occurred_at=now,
    )
    state = Gathering(
        id=gathering_id,
        title=title,
        claim_id=claim.id,
        goods=claim.goods,
        offer_id=claim.offer_id or "",
        kit_id=claim.kit_id,
        host_id=claim.host_id,
        co_host_ids=co_host_ids,
        community_id=claim.community_id,
        min_checked_in=claim.min_checked_in,
        cartridge=cartridge,
        slot=slot,
        naming_rights_id=naming_rights_id,
        capacity=people,
        sheet=sheet,
        planned_at=now,
    )
    return Decision(state, (planned,))


def must_be_others(host_id: str, co_host_ids: Sequence[str]) -> None:
    """Raise ``NotACoHost`` when the host is among them, or anybody twice."""
    if host_id in co_host_ids or len(set(co_host_ids)) != len(co_host_ids):
        raise NotACoHost("the host itself, or one organisation twice")


def seats(cartridge: Cartridge, slot: Slot, people: int | None, kit: Kit | None = None) -> int:
    """How many guests a plan is for: as many as wished, or as fit; raise the rule against it."""
    fit = min(slot.capacity, cartridge.max_people)
    needed = max(cartridge.min_people, kit.capacity if kit else 0)
    if slot.capacity < needed:
        raise VenueTooSmall(f"{slot.capacity} people fit, {needed} needed", needed=needed)
    wished = fit if people is None else people
    if not cartridge.min_people <= wished <= fit:
        raise PeopleUnfit(
            f"{wished} planned, {cartridge.min_people} to {fit} fit",
            least=cartridge.min_people,
            most=fit,
        )
    return wished


def must_suit(needs: Needs, room: Room) -> None:
    """Raise ``VenueUnsuitable`` with everything that the room lacks."""
    if found := misfits(needs, room):
        raise VenueUnsuitable(
            "; ".join(f"{each.code}: {each.wanted}" for each in found),
            misfits=[each._asdict() for each in found],
        )


def must_leave_share(claim: Claim, lent: Lent) -> None:
    """Raise ``VenueShareTooSmall`` when the claim's terms leave the venue less than it asks."""
    left, asked = claim.terms.get("venue", 0), lent.share_basis_points or 0
    if left < asked:
        raise VenueShareTooSmall(f"{left} of 10,000 left, {asked} asked", asked=asked)


def must_be_met(manifest: Mapping[str, Any], facts: Facts) -> None:
    """Raise ``ConditionNotMet`` with the cartridge's own reasons, in its languages."""
    if found := unmet(manifest, facts):
        raise ConditionNotMet(
            "; ".join(each.why.get("en", "") or each.why.get("zh", "") for each in found),
            conditions=[{"path": each.path, "why": dict(each.why)} for each in found],
        )


def must_be_of_kit(kit: Kit | None, cartridge_digest: str | None) -> str:
    """The digest to plan with: of a kit its own; raise ``OtherTheme`` or ``ThemeMissing``."""
    if kit is None:
        if cartridge_digest is None:
            raise ThemeMissing
        return cartridge_digest
    if cartridge_digest not in {None, kit.cartridge_digest}:
        raise OtherTheme(f"the kit's is {kit.cartridge_digest}", digest=kit.cartridge_digest)
    return kit.cartridge_digest
