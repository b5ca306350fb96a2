"""What the operator does about money that arrives, and what offers need of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from chassis.kernel.money import Money
from services.payments.funds.domain import (
    UNCAPPED,
    Caps,
    Deposit,
    DepositState,
    OfferFund,
    OfferUnknown,
)
from services.payments.naming.domain import NamingRightsNotFound
from services.payments.naming.use_cases import Intentions, NamingRightsBook


class OfferFunds(Protocol):
    """The funds of the offers, wherever they are kept."""

    def find(self, offer_id: str) -> OfferFund | None:
        """The fund of an offer, if the offer is known here yet."""
        ...

    def save(self, fund: OfferFund) -> None:
        """Store it, or raise ``Conflict``."""
        ...


class Deposits(Protocol):
    """The deposits, wherever they are kept."""

    def get(self, deposit_id: str) -> Deposit:
        """Raise ``DepositNotFound`` rather than return None."""
        ...

    def find(self, deposit_id: str) -> Deposit | None:
        """The deposit, if it was recorded."""
        ...

    def save(self, deposit: Deposit) -> None:
        """Store it, or raise ``Conflict``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenFund:
    """An offer was opened: money for it may arrive."""

    offer_id: str
    brand_id: str
    cap: Money
    caps: Caps = UNCAPPED


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDeposit:
    """The operator saw money arrive for a target."""

    target: str
    amount: Money


def open_fund(command: OpenFund, *, funds: OfferFunds) -> None:
    """Know the offer; knowing it already changes nothing."""
    if funds.find(command.offer_id) is None:
        nothing = Money(0, command.cap.currency)
        funds.save(
            OfferFund(command.offer_id, command.brand_id, command.cap, nothing, command.caps)
        )


def record_deposit(
    command: RecordDeposit,
    *,
    funds: OfferFunds,
    naming: NamingRightsBook,
    deposits: Deposits,
    intentions: Intentions,
    deposit_id: str,
    now: datetime,
) -> Deposit:
    """Record money that arrived; the books hold it within a second.

    The same again changes nothing. Raises ``IdempotencyKeyReused`` if that id is of other
    money, ``OfferUnknown`` or ``CapExceeded``.
    """
    known = deposits.find(deposit_id)
    if known is not None:
        known.must_be(command.target, command.amount)
        return known
    account = _take(command, funds=funds, naming=naming)
    deposit = Deposit(deposit_id, command.target, account, command.amount, now)
    deposits.save(deposit)
    intentions.record("deposit", deposit.id)
    return deposits.get(deposit.id)


def mark_booked(deposit: Deposit, *, deposits: Deposits, naming: NamingRightsBook) -> None:
    """Note that the books hold a deposit; naming rights become usable when paid in full."""
    if deposit.state is DepositState.BOOKED:
        return
    deposits.save(replace(deposit, state=DepositState.BOOKED))
    if deposit.target_id.startswith("nam_"):
        rights = naming.get(deposit.target_id)
        naming.save(rights.book(deposit.amount))


def _take(command: RecordDeposit, *, funds: OfferFunds, naming: NamingRightsBook) -> str:
    """Reserve room for the money; answer the account that it will come into."""
    if command.target.startswith("nam_"):
        try:
            rights = naming.get(command.target)
        except NamingRightsNotFound:
            raise OfferUnknown(f"no naming rights {command.target}") from None
        naming.save(rights.expect(command.amount))
        return rights.account
    fund = funds.find(command.target)
    if fund is None:
        raise OfferUnknown(f"no offer {command.target}")
    funds.save(fund.take(command.amount))
    return fund.account
