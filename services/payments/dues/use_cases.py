"""How catalog's facts become dues, and how dues are paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from chassis.kernel.ids import derived_id
from chassis.kernel.money import Money
from services.payments.dues.domain import Cause, Due, fee_entry
from services.payments.ledger.domain import FloorBroken, IdConflict
from services.payments.ledger.use_cases import Ledger


class Dues(Protocol):
    """The dues, wherever they are kept."""

    def get(self, due_id: str) -> Due:
        """Raise ``DueNotFound`` rather than return None."""
        ...

    def find(self, due_id: str) -> Due | None:
        """The due, if there is one."""
        ...

    def live(self, *, after: str, limit: int) -> list[str]:
        """Ids of those not paid and booked to the end, from the one behind ``after`` on."""
        ...

    def save(self, due: Due) -> None:
        """Store it, or raise ``Conflict``."""
        ...


class Balances(Protocol):
    """What accounts hold, as of a moment ago: a hint, for the books decide."""

    def available(self, path: str, currency: str) -> int:
        """Minor units that are there and not on hold; zero for an account never used."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Owe:
    """A fact by which one organisation owes another an amount about a thing."""

    cause: Cause
    debtor_id: str
    creditor_id: str
    amount: Money
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveBackRent:
    """A booked slot was given up; of its rent so much goes back."""

    booking_id: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementHeard:
    """A settlement was booked, of which the platform got so much."""

    settlement_id: str
    takings: Money
    platform_share: Money


def booking_of(gathering_id: str, slot_id: str) -> str:
    """The booking of a slot by a gathering, which wants it once; catalog's id of it."""
    return derived_id("bkg", gathering_id, slot_id)


def owe(command: Owe, *, dues: Dues) -> None:
    """Owe it from now on; again, nothing, or oneself changes nothing."""
    due = Due.open(
        command.cause, command.debtor_id, command.creditor_id, command.amount, command.about
    )
    if command.amount and command.debtor_id != command.creditor_id and dues.find(due.id) is None:
        dues.save(due)


def give_back_rent(command: GiveBackRent, *, dues: Dues) -> None:
    """Owe less rent, and owe back what was paid of it already; again changes nothing."""
    rent = dues.find(derived_id("due", command.booking_id, Cause.RENT.value))
    back_id = derived_id("due", command.booking_id, Cause.RENT_BACK.value)
    if rent is None or rent.is_lowered or dues.find(back_id) is not None:
        return
    lowered, back = rent.forgive(command.amount)
    if lowered is not rent:
        dues.save(lowered)
    owe(
        Owe(
            cause=Cause.RENT_BACK,
            debtor_id=rent.creditor_id,
            creditor_id=rent.debtor_id,
            amount=back,
            about=command.booking_id,
        ),
        dues=dues,
    )


def feed_fund(heard: Sequence[SettlementHeard], basis_points: int, *, ledger: Ledger) -> None:
    """Bring a part of the takings into the fund for returns, out of the platform's share.

    Again moves nothing, whatever ``basis_points`` are by then. Where the platform has spent
    its share already, the fund goes without.
    """
    entries = [
        fee_entry(one.settlement_id, one.takings, basis_points, most=one.platform_share)
        for one in heard
    ]
    some = [entry for entry in entries if entry is not None]
    for outcome in ledger.submit(some) if some else ():
        if outcome.code not in {FloorBroken.code, IdConflict.code}:
            outcome.or_raise()
