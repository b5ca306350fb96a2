"""Facts that proofs publish."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chassis.kernel.decisions import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySealed(DomainEvent):
    """A day of the books is over and its root signed; nothing in it can change unseen.

    ``token`` is a compact JWS (RFC 7515) over what the public route shows; ``segments`` is
    how many the log had at the end of the day.
    """

    type: ClassVar[str] = "payments.day.sealed.v1"
    day_id: str
    market: str
    day: str
    segments: int
    entries: int
    root: str
    token: str

    @property
    def subject(self) -> str:
        """The day of the market; it has this one event only."""
        return self.day_id
