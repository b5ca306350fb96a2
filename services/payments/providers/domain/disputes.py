"""A buyer's dispute as a provider tells it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chassis.kernel.money import Money


class Stage(StrEnum):
    """How far a dispute is at the bank; WON and LOST are final, and told from our side."""

    NEEDS_EVIDENCE = "needs-evidence"
    UNDER_REVIEW = "under-review"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chargeback:
    """How a dispute stands now: ``amount`` of a sale is taken back, at least until the ruling.

    ``reference`` is the provider's own number, ``reason`` its word for why. ``fee`` is what
    it has kept for the dispute so far and would keep if it ended now, never negative.
    """

    reference: str
    sale_id: str
    amount: Money
    reason: str
    stage: Stage
    fee: Money
    evidence_due: datetime | None = None


@dataclass(frozen=True, slots=True)
class DisputeNotice:
    """A provider's message that something about a dispute changed.

    It says no more: messages come twice, late and out of order, so that what counts is how
    the dispute stands when the provider is asked.
    """

    reference: str
