"""Facts about clearings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chassis.kernel.decisions import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketCleared(DomainEvent):
    """Hosts and lots were matched; all that could be held for hosts is held.

    ``value`` is in milli-points; ``gap_millionths`` of the proven bound are missing, at most.
    """

    type: ClassVar[str] = "matching.clearing.cleared.v1"
    clearing_id: str
    period: str
    dry_run: bool
    rule: str
    value: int
    gap_millionths: int
    assignments: int
    holds: int
    market_digest: str

    @property
    def subject(self) -> str:
        """The clearing."""
        return self.clearing_id
