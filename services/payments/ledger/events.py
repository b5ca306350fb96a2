"""Facts the ledger publishes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from chassis.kernel.decisions import DomainEvent


@dataclass(frozen=True, slots=True)
class PostedLeg:
    """One account's part in an entry, in minor units; negative is money out."""

    account: str
    minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPosted(DomainEvent):
    """An entry stands in the books for ever, at this place of the log.

    ``kind`` is one of plain, hold, post, void, expire, extend, reverse, limit, close. A
    hold's legs are set aside, not yet moved; those of a void or an expiry are what was
    let go. ``pending_id`` is the entry that it ends, prolongs or takes back;
    ``effective_at`` when it counts for periods, if that is not when it was booked.
    """

    type: ClassVar[str] = "payments.entry.posted.v1"
    entry_id: str
    kind: str
    code: str
    segment: int
    legs: tuple[PostedLeg, ...]
    reference: str | None
    pending_id: str | None = None
    effective_at: datetime | None = None

    @property
    def subject(self) -> str:
        """The entry; it has this one event only."""
        return self.entry_id
