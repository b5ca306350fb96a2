"""What can be done with clearings: ask for one, work it out, hold what it assigned."""

from __future__ import annotations

from services.matching.clearings.use_cases.asking import (
    FIRST_BONUS,
    HORIZON_DAYS,
    clear_this_week,
    request_clearing,
    week_of,
)
from services.matching.clearings.use_cases.ports import (
    Assignments,
    Bench,
    Clearings,
    Demands,
    Ended,
    Gather,
    Solve,
    SolverFailed,
    Told,
)
from services.matching.clearings.use_cases.running import (
    NOTED_AT_ONCE,
    begin_clearing,
    end_clearing,
    fail_clearing,
    hold_some,
    note_demand,
    settle_clearing,
    work_out,
)

__all__ = [
    "FIRST_BONUS",
    "HORIZON_DAYS",
    "NOTED_AT_ONCE",
    "Assignments",
    "Bench",
    "Clearings",
    "Demands",
    "Ended",
    "Gather",
    "Solve",
    "SolverFailed",
    "Told",
    "begin_clearing",
    "clear_this_week",
    "end_clearing",
    "fail_clearing",
    "hold_some",
    "note_demand",
    "request_clearing",
    "settle_clearing",
    "week_of",
    "work_out",
]
