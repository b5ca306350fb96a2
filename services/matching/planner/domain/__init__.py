"""Plans that are not made yet: combinations, what they cost, and what zero would take."""

from __future__ import annotations

from services.matching.planner.domain.combination import (
    Combination,
    Line,
    Part,
    Theme,
    When,
)
from services.matching.planner.domain.findings import (
    About,
    Blocker,
    Findings,
    Hint,
    Looked,
    Tally,
    missing_for_nothing,
    missing_for_zero,
)
from services.matching.planner.domain.refusals import (
    ContributionOfNobody,
    DaysPassed,
    OtherCurrency,
    PacksNotFree,
    PlansOfAnotherHost,
    RoomTooSmall,
    SlotNotFree,
    TooFewPlanned,
)

__all__ = [
    "About",
    "Blocker",
    "Combination",
    "ContributionOfNobody",
    "DaysPassed",
    "Findings",
    "Hint",
    "Line",
    "Looked",
    "OtherCurrency",
    "PacksNotFree",
    "Part",
    "PlansOfAnotherHost",
    "RoomTooSmall",
    "SlotNotFree",
    "Tally",
    "Theme",
    "TooFewPlanned",
    "When",
    "missing_for_nothing",
    "missing_for_zero",
]
