"""What becomes known about disputes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from chassis.kernel.decisions import DomainEvent
from chassis.kernel.money import Money


class OfDispute:
    """Orders events by the dispute."""

    __slots__ = ()
    dispute_id: str

    @property
    def subject(self) -> str:
        """The dispute."""
        return self.dispute_id


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeOpened(OfDispute, DomainEvent):
    """A buyer disputes a sale at its bank; ``held`` of it is held until the ruling."""

    type: ClassVar[str] = "payments.dispute.opened.v1"
    dispute_id: str
    gathering_id: str
    sale_id: str
    held: Money
    reason: str
    evidence_due: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeEnded(OfDispute, DomainEvent):
    """The bank ruled: ``outcome`` is ``won`` (all that was held is free) or ``lost``."""

    type: ClassVar[str] = "payments.dispute.ended.v1"
    dispute_id: str
    gathering_id: str
    sale_id: str
    held: Money
    outcome: str
