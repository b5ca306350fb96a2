"""Gatherings: their states, and the rules that refuse."""

from __future__ import annotations

from services.matching.gatherings.domain.gathering import (
    APPROVAL_PERIOD,
    OVERDUE_AFTER,
    Actor,
    Cartridge,
    Evidence,
    Gathering,
    Slot,
    Status,
    plan,
)
from services.matching.gatherings.domain.refusals import (
    CannotCancel,
    CartridgeNotFound,
    CartridgeYanked,
    EnoughEvidence,
    GatheringNotFound,
    GatheringNotOpen,
    NotACoHost,
    NotBegun,
    NothingToShow,
    NotTheBrand,
    NotTheHost,
    NotUnderReview,
    SlotNotFound,
    SlotPast,
    VenueTooSmall,
)

__all__ = [
    "APPROVAL_PERIOD",
    "OVERDUE_AFTER",
    "Actor",
    "CannotCancel",
    "Cartridge",
    "CartridgeNotFound",
    "CartridgeYanked",
    "EnoughEvidence",
    "Evidence",
    "Gathering",
    "GatheringNotFound",
    "GatheringNotOpen",
    "NotACoHost",
    "NotBegun",
    "NotTheBrand",
    "NotTheHost",
    "NotUnderReview",
    "NothingToShow",
    "Slot",
    "SlotNotFound",
    "SlotPast",
    "Status",
    "VenueTooSmall",
    "plan",
]
