"""What becomes known about milestones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chassis.kernel.decisions import DomainEvent
from chassis.kernel.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class OfMilestone(DomainEvent):
    """Something happened to one milestone of a claim's subsidy."""

    schedule_id: str
    claim_id: str
    gathering_id: str
    host_id: str
    milestone_id: str
    milestone: str

    @property
    def subject(self) -> str:
        """The schedule, so that the events of a claim's milestones stay in order."""
        return self.schedule_id


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneObjected(OfMilestone):
    """A side objects; the neutral rule decides."""

    type: ClassVar[str] = "payments.milestone.objected.v1"
    organization_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneEnded(OfMilestone):
    """A milestone is over, for the reason that ``by`` names: so much the host's, so much back."""

    type: ClassVar[str] = "payments.milestone.ended.v1"
    by: str
    released: Money
    returned: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneClawedBack(OfMilestone):
    """The gathering was called off: what the milestone had paid is in its funds again."""

    type: ClassVar[str] = "payments.milestone.clawed-back.v1"
    clawed_back: Money
