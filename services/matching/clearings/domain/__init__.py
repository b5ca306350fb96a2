"""Clearings: what is asked, what the market is made of, what is assigned and how good that is."""

from __future__ import annotations

from services.matching.clearings.domain.assignment import PACKS, Assignment, Fate
from services.matching.clearings.domain.clearing import (
    MOST_ATTEMPTS,
    Certificate,
    Clearing,
    ClearingNotDone,
    ClearingNotFound,
    Figures,
    Order,
    Outcome,
    PeriodCleared,
    Result,
    Stage,
    Valuation,
)
from services.matching.clearings.domain.demand import DEMAND_DAYS, demand_of, least_score
from services.matching.clearings.domain.evidence import PRICE_DAYS, Doubt, Evidence, evidence_of
from services.matching.clearings.domain.figures import figures_of, first_come, outcome_of
from services.matching.clearings.domain.market import (
    Asker,
    Candidate,
    Gathered,
    digest,
    market_of,
    within_caps,
)
from services.matching.clearings.domain.words import doubts_of, summary_of

__all__ = [
    "DEMAND_DAYS",
    "MOST_ATTEMPTS",
    "PACKS",
    "PRICE_DAYS",
    "Asker",
    "Assignment",
    "Candidate",
    "Certificate",
    "Clearing",
    "ClearingNotDone",
    "ClearingNotFound",
    "Doubt",
    "Evidence",
    "Fate",
    "Figures",
    "Gathered",
    "Order",
    "Outcome",
    "PeriodCleared",
    "Result",
    "Stage",
    "Valuation",
    "demand_of",
    "digest",
    "doubts_of",
    "evidence_of",
    "figures_of",
    "first_come",
    "least_score",
    "market_of",
    "outcome_of",
    "summary_of",
    "within_caps",
]
