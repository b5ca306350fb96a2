"""What becomes known about corrections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chassis.kernel.decisions import DomainEvent
from chassis.kernel.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeCorrected(DomainEvent):
    """Fewer had come than was settled by; ``clawed_back`` of the subsidy is in its funds again."""

    type: ClassVar[str] = "payments.settlement.corrected.v1"
    correction_id: str
    settlement_id: str
    gathering_id: str
    claim_id: str
    host_id: str
    checked_in: int
    clawed_back: Money

    @property
    def subject(self) -> str:
        """The correction: one fact each, as a refund has."""
        return self.correction_id
