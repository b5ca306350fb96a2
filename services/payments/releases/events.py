"""What becomes known about releases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chassis.kernel.decisions import DomainEvent
from chassis.kernel.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseCompleted(DomainEvent):
    """An organisation's shares of so many settlements may be paid out from now on."""

    type: ClassVar[str] = "payments.release.completed.v1"
    release_id: str
    organization_id: str
    amount: Money
    shares: int

    @property
    def subject(self) -> str:
        """The release."""
        return self.release_id
