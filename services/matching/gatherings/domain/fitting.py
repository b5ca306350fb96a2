"""Whether a cartridge, a room and so many people go together, and what follows of that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from cartridges.conditions import ConditionRefused, Facts
from cartridges.rehearsal import facts_for
from cartridges.venues import Needs
from services.matching.communities.domain import Portrait
from services.matching.gatherings.domain.parts import Cartridge, Slot
from services.matching.gatherings.domain.planning import must_be_met, must_suit, seats
from services.matching.gatherings.domain.refusals import ConditionNotMet
from services.matching.gatherings.engine.sheet import NOTHING_ASKED, Sheet, sheet_of
from services.matching.supply.domain import CartridgeVersion, Kit
from services.matching.supply.domain import Slot as Lent


class Fit(NamedTuple):
    """A cartridge in a room: for how many people, and what it asks of this plan."""

    cartridge: Cartridge
    slot: Slot
    people: int
    sheet: Sheet


def fit(
    version: CartridgeVersion,
    lent: Lent,
    *,
    people: int | None,
    kit: Kit | None = None,
    portrait: Portrait,
    held: int,
) -> Fit:
    """Put a theme into a room, for so many people of this community, or as many as may be.

    ``held`` are the gatherings that the host held before. Raises ``VenueTooSmall``,
    ``PeopleUnfit``, ``VenueUnsuitable`` or ``ConditionNotMet``.
    """
    cartridge, slot = _cartridge(version), _slot(lent)
    seated = seats(cartridge, slot, people, kit)
    needs = Needs(people=seated, equipment=kit.equipment if kit else ())
    must_suit(needs.and_of(version.manifest) if version.manifest else needs, lent)
    if version.manifest is None:
        return Fit(cartridge, slot, seated, NOTHING_ASKED)
    facts = _facts(version.manifest, lent, seated, portrait, held)
    must_be_met(version.manifest, facts)
    try:
        return Fit(cartridge, slot, seated, sheet_of(version.manifest, facts))
    except ConditionRefused as refusal:
        raise ConditionNotMet(str(refusal)) from None


def _facts(
    manifest: Mapping[str, Any], lent: Lent, people: int, portrait: Portrait, held: int
) -> Facts:
    """The facts of a plan; times are local to the venue. Nobody keeps certificates yet."""
    begins = lent.starts_at.astimezone(ZoneInfo(lent.time_zone))
    return facts_for(
        manifest,
        people=people,
        month=begins.month,
        weekday=begins.isoweekday(),
        hour=begins.hour,
        capacity=lent.capacity,
        indoor=lent.indoor,
        equipment=lent.equipment,
        community_size=portrait.size,
        community_tags=tuple(portrait.tags),
        gatherings_held=held,
    )


def _cartridge(version: CartridgeVersion) -> Cartridge:
    return Cartridge(
        id=version.cartridge_id,
        digest=version.digest,
        author_id=version.author_id,
        min_people=version.min_people,
        max_people=version.max_people,
        royalties=version.royalties,
    )


def _slot(lent: Lent) -> Slot:
    return Slot(
        id=lent.id,
        venue_id=lent.venue_id,
        venue_org_id=lent.venue_org_id,
        starts_at=lent.starts_at,
        ends_at=lent.ends_at,
        capacity=lent.capacity,
    )
