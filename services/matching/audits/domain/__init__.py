"""Audits of fairness: what they are made of, and what they say."""

from __future__ import annotations

from services.matching.audits.domain.audit import (
    FEWEST_SHOWN,
    Audit,
    AuditNotFound,
    Figures,
    Group,
    Newcomers,
    Row,
    Side,
    SideFigures,
    audit,
    share,
)
from services.matching.audits.domain.facts import (
    Blocking,
    Facts,
    Listing,
    Outcome,
    Places,
    Window,
)

__all__ = [
    "FEWEST_SHOWN",
    "Audit",
    "AuditNotFound",
    "Blocking",
    "Facts",
    "Figures",
    "Group",
    "Listing",
    "Newcomers",
    "Outcome",
    "Places",
    "Row",
    "Side",
    "SideFigures",
    "Window",
    "audit",
    "share",
]
