"""When a share may be paid out, who gives it back until then, and the release. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple

from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.ids import derived_id
from chassis.kernel.money import Money
from chassis.kernel.time import CALENDAR
from services.payments.ledger.domain import (
    EntryRequest,
    available_of,
    debt_of,
    pending_of,
    transfer,
)
from services.payments.releases.events import ReleaseCompleted


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutTerms:
    """What parties are told before they agree: for contracts signed from ``valid_from`` on.

    ``minimum_minor`` is the smallest payout, ``reserve_minor`` what stays behind for
    returns, both in minor units of any currency; payouts leave at ``hour`` o'clock.
    """

    valid_from: datetime
    refund_window: timedelta
    minimum_minor: int
    reserve_minor: int
    hour: int

    def available_at(self, settled_at: datetime) -> datetime:
        """The midnight after the window of a share that was settled then."""
        last = (settled_at + self.refund_window).astimezone(CALENDAR).date()
        return midnight(last + timedelta(days=1))

    def leaves_at(self, day: date) -> datetime:
        """When that day's payouts leave."""
        return datetime.combine(day, time(self.hour), CALENDAR).astimezone(UTC)


# Never change a line: add one. A contract keeps the terms of the day it was signed.
TERMS: tuple[PayoutTerms, ...] = (
    PayoutTerms(
        valid_from=datetime(2026, 1, 1, tzinfo=UTC),
        refund_window=timedelta(days=7),
        minimum_minor=100,
        reserve_minor=0,
        hour=10,
    ),
)


def terms_at(signed_at: datetime) -> PayoutTerms:
    """The terms of contracts signed then; the first ones for any that are older."""
    valid = [terms for terms in TERMS if terms.valid_from <= signed_at]
    return valid[-1] if valid else TERMS[0]


def midnight(day: date) -> datetime:
    """When a day begins in the calendar of the books, in UTC."""
    return datetime.combine(day, time(), CALENDAR).astimezone(UTC)


def day_of(moment: datetime) -> date:
    """The day of a moment in the calendar of the books."""
    return moment.astimezone(CALENDAR).date()


@dataclass(frozen=True, slots=True)
class PendingShare:
    """What a settlement or a ruling brought an organisation, as far as it was not given back."""

    id: str
    settlement_id: str
    organization_id: str
    amount: Money
    available_at: datetime
    release_id: str = ""
    revision: Revision = Revision()

    def account_for(self, minor: int) -> str:
        """Where a refund of so much finds it: waiting, or released; a debt if it is not there."""
        if self.release_id:
            return available_of(self.organization_id)
        if self._lacks(minor):
            return debt_of(self.organization_id)
        return pending_of(self.organization_id)

    def give_back(self, minor: int) -> PendingShare:
        """The share after a refund of so much of it; one that was released or lacks it stays."""
        if self.release_id or self._lacks(minor):
            return self
        return replace(self, amount=self.amount - Money(minor, self.amount.currency))

    def _lacks(self, minor: int) -> bool:
        return self.amount.minor < minor


class Source(NamedTuple):
    """What brought an organisation a share: a settlement, or the ruling on a copy claim."""

    origin_id: str
    organization_id: str

    @property
    def share_id(self) -> str:
        """The one share that it brought."""
        return derived_id("psh", self.origin_id, self.organization_id)


class ReleaseState(StrEnum):
    """Whether the books hold it yet."""

    PLANNED = "planned"
    COMPLETED = "completed"


@dataclass(frozen=True, slots=True)
class Release:
    """An organisation's shares of a day, freed for payout in one entry."""

    id: str
    organization_id: str
    day: date
    amount: Money
    shares: int
    state: ReleaseState = ReleaseState.PLANNED
    completed_at: datetime | None = None
    revision: Revision = Revision()

    def entry(self) -> EntryRequest:
        """Bring it from what waits to what may be paid out."""
        reason = {
            "why": {
                "en": f"Returns are over for {self.shares} settlements",
                "zh": f"{self.shares} 笔结算的退货期已满",
            },
            "release_id": self.id,
            "day": self.day.isoformat(),
        }
        return transfer(
            derived_id("ent", self.id, "release"),
            pending_of(self.organization_id),
            available_of(self.organization_id),
            self.amount,
            "release",
            reason,
            reference=self.id,
        )

    def complete(self, *, at: datetime) -> Decision[Release]:
        """Close it: the books hold it."""
        fact = ReleaseCompleted(
            occurred_at=at,
            release_id=self.id,
            organization_id=self.organization_id,
            amount=self.amount,
            shares=self.shares,
        )
        done = replace(self, state=ReleaseState.COMPLETED, completed_at=at)
        return Decision(done, (fact,))


def release(
    shares: Sequence[PendingShare], *, now: datetime
) -> tuple[Release, tuple[PendingShare, ...]] | None:
    """Free one organisation's due shares of one currency; None while they come to nothing.

    The release is named after the first of them, so that planning it again is the same.
    """
    due = sorted((each for each in shares if not each.release_id), key=lambda each: each.id)
    minor = sum(each.amount.minor for each in due)
    if minor <= 0:
        return None
    first = due[0]
    planned = Release(
        id=derived_id("rel", first.id),
        organization_id=first.organization_id,
        day=day_of(now),
        amount=Money(minor, first.amount.currency),
        shares=len(due),
    )
    return planned, tuple(replace(each, release_id=planned.id) for each in due)
