"""What one gathering of the demo is to be, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from teahouse.demo.journey.claiming import Claimed
from teahouse.demo.journey.stories import Basket, Story
from teahouse.demo.journey.town import Brand, Host, Slot, Theme


class Ending(StrEnum):
    """How a gathering comes to its settlement, or not."""

    BRAND = "approved by the brand"
    SILENCE = "approved by silence"
    RULING = "disputed, then ruled on by the platform"
    CANCELLED = "cancelled"


class Return(StrEnum):
    """What comes back of the first sale, and when."""

    NOTHING = "nothing"
    WHOLE_BEFORE = "all of it, before the settlement"
    PART_BEFORE = "half of it, before the settlement"
    WHOLE_AFTER = "all of it, after the settlement"
    PART_AFTER = "half of it, after the settlement"

    @property
    def is_before(self) -> bool:
        """Whether the money goes back before everybody is paid."""
        return self in {Return.WHOLE_BEFORE, Return.PART_BEFORE}

    @property
    def is_after(self) -> bool:
        """Whether every share has to be reversed."""
        return self in {Return.WHOLE_AFTER, Return.PART_AFTER}

    def of(self, fen: int) -> int:
        """How much of a sale goes back."""
        if self is Return.NOTHING:
            return 0
        return fen if self in {Return.WHOLE_BEFORE, Return.WHOLE_AFTER} else fen // 2


@dataclass(slots=True)
class Plan:
    """One gathering: who and what, and from then on what happened."""

    title: str
    claimed: Claimed
    brand: Brand
    host: Host
    slot: Slot
    theme: Theme
    baskets: tuple[Basket, ...]
    min_checked_in: int
    co_host: Host | None = None
    naming_rights_id: str | None = None
    ending: Ending = Ending.BRAND
    goes_back: Return = Return.NOTHING
    story: Story | None = None

    id: str = ""
    tickets: list[str] = field(default_factory=list)
    sales: list[tuple[str, int]] = field(default_factory=list)
    units_sold: int = 0
    back_before_fen: int = 0
    back_after_fen: int = 0
    checked_in: int = 0
    settlement: dict[str, Any] = field(default_factory=dict)
    status: str = ""
    settled_by: str = ""

    @property
    def evening(self) -> int:
        return self.slot.evening

    @property
    def is_held(self) -> bool:
        """Whether it is meant to take place."""
        return self.ending is not Ending.CANCELLED

    @property
    def sold_fen(self) -> int:
        """All that was sold at it."""
        return sum(fen for _, fen in self.sales)

    @property
    def takings_fen(self) -> int:
        """What there is to share when it is settled."""
        return self.sold_fen - self.back_before_fen

    @property
    def subsidy_due_fen(self) -> int:
        """The subsidy it has earned, if enough came."""
        return self.brand.subsidy_fen if self.checked_in >= self.min_checked_in else 0
