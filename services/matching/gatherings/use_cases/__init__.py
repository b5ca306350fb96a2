"""What can be done with gatherings, and what that needs."""

from __future__ import annotations

from services.matching.gatherings.use_cases.deciding import (
    AddEvidence,
    Payout,
    add_evidence,
    approve_gathering,
    approve_in_silence,
    cancel_gathering,
    dispute_gathering,
    end_without_goods,
    hold_gathering,
    review_overdue,
    settle_gatherings,
)
from services.matching.gatherings.use_cases.planning import (
    Booking,
    PlanGathering,
    Planning,
    Programme,
    decide_bookings,
    must_be_hosts,
    plan_gathering,
)
from services.matching.gatherings.use_cases.ports import (
    BOOKING,
    CANCELLATION,
    KIT_CANCELLATION,
    SETTLEMENT,
    Gatherings,
    of_party,
)

__all__ = [
    "BOOKING",
    "CANCELLATION",
    "KIT_CANCELLATION",
    "SETTLEMENT",
    "AddEvidence",
    "Booking",
    "Gatherings",
    "Payout",
    "PlanGathering",
    "Planning",
    "Programme",
    "add_evidence",
    "approve_gathering",
    "approve_in_silence",
    "cancel_gathering",
    "decide_bookings",
    "dispute_gathering",
    "end_without_goods",
    "hold_gathering",
    "must_be_hosts",
    "of_party",
    "plan_gathering",
    "review_overdue",
    "settle_gatherings",
]
