"""Milestones of a subsidy: proof, clocks and a neutral rule decide, and no side alone. Pure."""

from services.payments.milestones.domain.milestone import (
    By,
    Milestone,
    Objection,
    Ruled,
    Side,
    State,
)
from services.payments.milestones.domain.refusals import (
    MilestoneNotFound,
    MilestonesNotFound,
    NothingToObjectTo,
    NotTheOtherSide,
    NotUnderObjection,
    OtherSideUnheard,
    RuledByHeads,
)
from services.payments.milestones.domain.schedule import Schedule

__all__ = [
    "By",
    "Milestone",
    "MilestoneNotFound",
    "MilestonesNotFound",
    "NotTheOtherSide",
    "NotUnderObjection",
    "NothingToObjectTo",
    "Objection",
    "OtherSideUnheard",
    "Ruled",
    "RuledByHeads",
    "Schedule",
    "Side",
    "State",
]
