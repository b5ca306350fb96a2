"""What the sandbox provider remembers of an operation: beats in time, each a result."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from chassis.kernel.money import Money
from chassis.kernel.time import CALENDAR
from services.payments.providers.domain import (
    Kind,
    Order,
    Part,
    Result,
    SettlementLine,
    Split,
    Status,
    not_received,
)

# Bills are cut by the provider's calendar.
_SIGN = {Kind.COLLECT: 1, Kind.REFUND: -1, Kind.PAYOUT: -1}


@dataclass(frozen=True, slots=True)
class Beat:
    """From this long after the call on, this is how the operation stands."""

    after: timedelta
    result: Result


@dataclass(frozen=True, slots=True)
class Entry:
    """One operation at the provider; ``is_forgotten`` makes it deny the operation later."""

    id: str
    order: Order
    started_at: datetime
    beats: tuple[Beat, ...]
    is_forgotten: bool = False

    @property
    def reference(self) -> str:
        """The provider's own number."""
        return f"sb-{self.id[-12:]}"

    def standing(self, now: datetime) -> Result:
        """How it stands now."""
        past = [beat for beat in self.beats if self.started_at + beat.after <= now]
        return replace(past[-1].result, reference=self.reference)

    def asked(self, now: datetime) -> Result:
        """What it answers to a query now."""
        return not_received() if self.is_forgotten else self.standing(now)

    def moved(self) -> int:
        """What it moved in the end, as far as that is planned."""
        last = self.beats[-1].result
        if last.status is not Status.SUCCEEDED or self.order.amount is None:
            return 0
        if last.parts:
            done = [part.minor for part in last.parts if part.status is Status.SUCCEEDED]
            return sum(done)
        return self.order.amount.minor


def partial(order: Split, failing: frozenset[str], code: str) -> tuple[Part, ...]:
    """The receivers of a split, some of whom do not get their share."""
    return tuple(
        Part(share.receiver.party_id, share.minor, Status.FAILED, code)
        if share.receiver.party_id in failing
        else Part(share.receiver.party_id, share.minor, Status.SUCCEEDED)
        for share in order.shares
    )


def lines_of(entry: Entry, day: date) -> Iterator[SettlementLine]:
    """The lines of a day's bill that an operation leads to."""
    amount, sign = entry.order.amount, _SIGN.get(entry.order.kind, 0)
    if amount is None or not sign:
        return
    moved = False
    for place, beat in enumerate(entry.beats):
        happened = beat.result.status is Status.SUCCEEDED
        undone = moved and beat.result.status is Status.FAILED
        on = (entry.started_at + beat.after).astimezone(CALENDAR).date()
        if (happened or undone) and on == day:
            signed = sign * amount.minor * (-1 if undone else 1)
            yield SettlementLine(
                id=f"{entry.id}:{place}",
                day=day,
                kind=entry.order.kind,
                operation_id=entry.id,
                reference=entry.reference,
                amount=Money(signed, amount.currency),
                fee=Money(0, amount.currency),
            )
        moved = moved or happened
