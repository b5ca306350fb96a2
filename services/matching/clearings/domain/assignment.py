"""An assignment: a lot that a clearing gives a host, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chassis.kernel.ids import derived_id
from chassis.kernel.money import Money
from services.matching.holds.domain import Why

PACKS = 1
"""An assignment is one claim's first pack; a host may claim more as long as there are."""


class Fate(StrEnum):
    """What became of an assignment."""

    PROPOSED = "proposed"
    HELD = "held"
    NOT_HELD = "not-held"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """One pack of a lot for a host, with the subsidy that a claim would get then.

    ``attempt`` is that of the clearing which worked it out. What could not be held any more
    says why in ``refusal``: somebody claimed it meanwhile. ``held_until`` is when the hold of
    one that is held ends by itself.
    """

    clearing_id: str
    attempt: int
    host_id: str
    has_record: bool
    lot_id: str
    title: str
    brand_id: str
    offer_id: str
    subsidy: Money
    why: Why
    fate: Fate = Fate.PROPOSED
    refusal: str = ""
    held_until: datetime | None = None

    def decided(self, refusal: str, held_until: datetime | None) -> Assignment:
        """It was held until a moment, or not at all for a reason."""
        fate = Fate.NOT_HELD if refusal else Fate.HELD
        return replace(self, fate=fate, refusal=refusal, held_until=held_until)

    @property
    def id(self) -> str:
        """The same for the same attempt, host and lot."""
        return derived_id("asg", self.clearing_id, str(self.attempt), self.host_id, self.lot_id)

    @property
    def hold_id(self) -> str:
        """The hold it becomes: the same however often it is placed."""
        return derived_id("shd", self.clearing_id, self.host_id, self.lot_id)
