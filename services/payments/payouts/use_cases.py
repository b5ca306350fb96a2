"""Payouts of a day: decided, set aside, carried out by a provider, and booked as they end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from chassis.kernel.decisions import Decision, NotYet
from chassis.kernel.ids import derived_id
from services.payments.destinations.domain import Destination
from services.payments.destinations.use_cases import Destinations
from services.payments.ledger.domain import EntryRequest, FloorBroken, Outcome
from services.payments.naming.use_cases import Intentions
from services.payments.payouts.domain import (
    Limits,
    Measure,
    Payout,
    PayoutState,
    Purse,
    amounts,
    lines_of,
)
from services.payments.providers.domain import Operation, PayOut, Retry, State, intend
from services.payments.providers.use_cases import Desk
from services.payments.releases.domain import PayoutTerms, Release

HOLD, SUCCEEDED, FAILED = "payout-hold", "payout-succeeded", "payout-failed"


class Payouts(Protocol):
    """The payouts, wherever they are kept."""

    def get(self, payout_id: str) -> Payout:
        """Raise ``PayoutNotFound`` rather than return None."""
        ...

    def save(self, decision: Decision[Payout]) -> Payout:
        """Store the state and its events together, or raise ``Conflict``."""
        ...

    def last(self, organization_id: str, currency: str) -> Payout | None:
        """The organisation's latest payout in a currency, whatever became of it."""
        ...

    def is_closed(self, day: date) -> bool:
        """Whether that day's batch is complete."""
        ...

    def close(self, day: date, at: datetime) -> None:
        """Let that day's batch be complete; closing it again changes nothing."""
        ...


class Purses(Protocol):
    """What organisations have, as far as it has been projected."""

    def holding(self, smallest: int) -> list[Purse]:
        """Those with at least so much to be paid out, or in reserve, of any currency."""
        ...

    def of(self, organization_id: str, currency: str) -> Purse:
        """One of them, whatever is in it."""
        ...


class CompletedReleases(Protocol):
    """What an organisation's shares brought."""

    def since(self, organization_id: str, currency: str, after: datetime | None) -> list[Release]:
        """Its completed releases after a moment, oldest first."""
        ...


class Reserves(Protocol):
    """How much of an organisation's money stays behind; asked before each payout."""

    def measure(self, organization_id: str, currency: str) -> Measure:
        """What its reserve is to hold, and why."""
        ...


@dataclass(frozen=True, slots=True)
class Counter:
    """Everything that payouts are made from."""

    payouts: Payouts
    destinations: Destinations
    desk: Desk
    purses: Purses
    releases: CompletedReleases
    reserves: Reserves
    intentions: Intentions


def plan_payout(
    purse: Purse, day: date, terms: PayoutTerms, *, counter: Counter, now: datetime
) -> Payout | None:
    """Decide an organisation's payout of a day, once; None when there is none.

    There is none without an account, on another day of its schedule, or below the minimum.
    What an earlier payout has set aside is not there any more, wherever it goes. Raises
    ``ProviderUnknown`` for an account that only a provider of former days pays to.
    """
    destination = counter.destinations.active(purse.organization_id)
    if destination is None or not destination.schedule.falls_on(day):
        return None
    currency = purse.available.currency
    last = counter.payouts.last(purse.organization_id, currency)
    if last is not None and last.day >= day:
        return None
    measure = counter.reserves.measure(purse.organization_id, currency)
    found = amounts(purse, _limits(purse, destination, terms, measure, counter))
    if found is None:
        return None
    amount, to_reserve = found
    after = last.planned_at if last else None
    releases = counter.releases.since(purse.organization_id, currency, after)
    payout = Payout(
        id=derived_id("pay", destination.id, day.isoformat(), currency),
        organization_id=purse.organization_id,
        destination_id=destination.id,
        provider=destination.provider,
        day=day,
        amount=amount,
        to_reserve=to_reserve,
        lines=lines_of(purse, amount, to_reserve, releases, measure.told()),
        planned_at=now,
    )
    counter.intentions.record(HOLD, payout.id)
    return counter.payouts.save(Decision(payout))


def record_hold(
    planned: Payout, outcomes: Sequence[Outcome], *, counter: Counter, now: datetime
) -> None:
    """Give a payout that was set aside to the provider; skip one that the books refused.

    Its reserve comes first: where that is refused, nothing is set aside. The last outcome counts.
    """
    payout = counter.payouts.get(planned.id)
    if payout.state is not PayoutState.PLANNED:
        return
    last = outcomes[-1]
    if not last.stands and last.code == FloorBroken.code:
        counter.payouts.save(Decision(payout.skip(last.code, at=now)))
        return
    last.or_raise()
    destination = counter.destinations.get(payout.destination_id)
    order = PayOut(receiver=destination.receiver, amount=payout.amount, remark=payout.id)
    counter.desk.operations.save(
        Decision(
            intend(
                order,
                operation_id=payout.operation_id,
                provider=payout.provider,
                about=payout.id,
                at=now,
            )
        )
    )
    counter.payouts.save(payout.instruct(at=now))


def follow_payout(operation: Operation, *, intentions: Intentions) -> None:
    """Intend to book how a payout ended; both, when it failed after it was paid."""
    if operation.state is State.SUCCEEDED:
        intentions.record(SUCCEEDED, operation.about)
    elif operation.state is State.FAILED:
        intentions.record(FAILED, operation.about)


@dataclass(frozen=True, slots=True)
class Booking:
    """How a payout ends in the books; no entry when there is nothing to book."""

    payout: Payout
    operation: Operation
    entry: EntryRequest | None


def plan_success(payout_id: str, *, counter: Counter) -> Booking:
    """Decide that a payout is to be booked as paid, before anything that comes after it."""
    payout, operation = _with_operation(payout_id, counter)
    if payout.state is PayoutState.IN_TRANSIT and operation.state is State.SUCCEEDED:
        payout = counter.payouts.save(Decision(payout.book()))
    paid = payout.state is PayoutState.BOOKING
    return Booking(payout, operation, payout.post_entry() if paid else None)


def plan_failure(payout_id: str, *, counter: Counter) -> Booking:
    """Decide how the money comes back; raise ``NotYet`` while it is being booked as paid."""
    payout, operation = _with_operation(payout_id, counter)
    if payout.state is PayoutState.BOOKING:
        raise NotYet(f"{payout_id} is being booked as paid")
    entry = None
    if payout.state is PayoutState.IN_TRANSIT:
        entry = payout.void_entry()
    elif payout.state is PayoutState.PAID:
        entry = payout.return_entry()
    return Booking(payout, operation, entry)


def record_success(booking: Booking, *, counter: Counter, now: datetime) -> None:
    """Tell the organisation that it was paid."""
    payout = counter.payouts.get(booking.payout.id)
    if payout.state is PayoutState.BOOKING:
        counter.payouts.save(payout.pay(at=now))


def record_failure(booking: Booking, *, counter: Counter, now: datetime) -> None:
    """Tell the organisation that it was not, or not for good; and whether its account is."""
    if booking.entry is None:
        return
    payout, code = counter.payouts.get(booking.payout.id), booking.operation.code
    if payout.state is PayoutState.IN_TRANSIT:
        counter.payouts.save(payout.fail(code, at=now))
    elif payout.state is PayoutState.PAID:
        counter.payouts.save(payout.come_back(code, at=now))
    else:
        return
    if booking.operation.retry in {Retry.CHANGED, Retry.NEVER}:
        destination = counter.destinations.get(payout.destination_id)
        counter.destinations.save(destination.refuse(code, at=now))


def _with_operation(payout_id: str, counter: Counter) -> tuple[Payout, Operation]:
    payout = counter.payouts.get(payout_id)
    return payout, counter.desk.operations.find([payout.operation_id])[payout.operation_id]


def _limits(
    purse: Purse,
    destination: Destination,
    terms: PayoutTerms,
    measure: Measure,
    counter: Counter,
) -> Limits:
    currency = purse.available.currency
    capabilities = counter.desk.provider(destination.provider).capabilities()
    return Limits(
        smallest=max(terms.minimum_minor, capabilities.smallest_payout.get(currency, 1)),
        largest=capabilities.largest_payout.get(currency),
        reserve=measure.minor,
    )
