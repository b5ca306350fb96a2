"""A venue: a room, what it has, and on what terms an owner lends it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.errors import NotFound
from chassis.kernel.money import WHOLE, Money
from services.catalog.venues.events import VenueChanged, VenueOpened

HOME_ZONE = "Asia/Shanghai"


class VenueNotFound(NotFound):
    """There is no such venue."""

    code = "venue-not-found"
    hint = "Check the venue's identifier and that it belongs to your organisation."
    chinese = "没有这个场地，请核对编号及其所属组织。"


class PolicyName(StrEnum):
    """The cancellation policies a venue may choose from."""

    FLEXIBLE = "flexible"
    MODERATE = "moderate"
    STRICT = "strict"


class Step(NamedTuple):
    """Who cancels at least so many hours before the start gets this part back."""

    hours: int
    refund_basis_points: int


@dataclass(frozen=True, slots=True)
class CancellationPolicy:
    """What a cancellation gives back, by the hours left; the steps fall with the hours."""

    name: str
    steps: tuple[Step, ...]

    def refund_basis_points(self, *, starts_at: datetime, at: datetime) -> int:
        """The part given back to who cancels at this moment; nothing after the last step."""
        hours = (starts_at - at).total_seconds() / 3600
        return next((step.refund_basis_points for step in self.steps if hours >= step.hours), 0)


# Data: a booking keeps the steps it was made under, so these may change.
POLICIES = {
    PolicyName.FLEXIBLE: (Step(24, WHOLE), Step(2, 5_000)),
    PolicyName.MODERATE: (Step(120, WHOLE), Step(24, 5_000)),
    PolicyName.STRICT: (Step(336, WHOLE), Step(168, 5_000)),
}


def policy_of(name: PolicyName) -> CancellationPolicy:
    """The policy of that name, as it reads today."""
    return CancellationPolicy(name.value, POLICIES[name])


@dataclass(frozen=True, slots=True)
class Ask:
    """What a venue wants for a slot: rent, *or* a share, *or* a line of naming.

    A share is the least part of the takings that the offer's terms must leave the venue,
    in basis points; with 0, it takes what they give it. Raises ``ValueError`` unless
    exactly one is named.
    """

    rent: Money | None = None
    share_basis_points: int | None = None
    naming: str | None = None

    def __post_init__(self) -> None:
        named = (self.rent, self.share_basis_points, self.naming)
        if sum(one is not None for one in named) != 1:
            raise ValueError(f"one of rent, share and naming, not {named}")

    def refund(self, basis_points: int) -> Money | None:
        """The part of the rent given back; a share or a line of naming cost no money."""
        if self.rent is None:
            return None
        back, _ = self.rent.allocate((basis_points, WHOLE - basis_points))
        return back


SHARE_OF_TERMS = Ask(share_basis_points=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What an owner says of a venue and may say anew."""

    name: str
    capacity: int
    equipment: tuple[str, ...] = ()
    indoor: bool = True
    rules: tuple[Mapping[str, str], ...] = ()
    policy: PolicyName = PolicyName.FLEXIBLE
    accepts_at_once: bool = True


@dataclass(frozen=True, slots=True)
class Venue:
    """A room that an organisation lends to gatherings; where it stands never changes."""

    id: str
    organization_id: str
    city: str
    room: Room
    time_zone: str = HOME_ZONE
    revision: Revision = Revision()

    @property
    def zone(self) -> ZoneInfo:
        """The zone its clocks show."""
        return ZoneInfo(self.time_zone)

    def open(self, *, at: datetime) -> Decision[Venue]:
        """Announce a new venue."""
        return Decision(self, (VenueOpened(**self._facts(at)),))

    def change(self, room: Room, *, at: datetime) -> Decision[Venue]:
        """Say anew what the room is; what was booked before stays booked as it was."""
        changed = replace(self, room=room)
        return Decision(changed, (VenueChanged(**changed._facts(at)),))

    def _facts(self, at: datetime) -> dict[str, Any]:
        return {
            "venue_id": self.id,
            "venue_org_id": self.organization_id,
            "city": self.city,
            "capacity": self.room.capacity,
            "equipment": self.room.equipment,
            "indoor": self.room.indoor,
            "time_zone": self.time_zone,
            "accepts_at_once": self.room.accepts_at_once,
            "occurred_at": at,
        }
