"""What the operator does about money that arrives, and what offers need of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple, Protocol

from chassis.kernel.decisions import Decision
from chassis.kernel.errors import Conflict
from chassis.kernel.ids import Ids
from chassis.kernel.money import Money
from services.payments.funds.domain import (
    UNCAPPED,
    Caps,
    Deposit,
    DepositState,
    FundNotFound,
    FundWatch,
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

    def save(self, deposit: Deposit) -> None:
        """Store it, or raise ``Conflict``."""
        ...


class Touch(NamedTuple):
    """What entries did to a fund: whether they filled it, and the last claim, in minor units."""

    offer_id: str
    is_filled: bool
    claim: int


class FundWatches(Protocol):
    """What is known of how funds stand, and the entries that they follow."""

    def find(self, fund: OfferFund) -> FundWatch:
        """The watch of a fund, or a new one."""
        ...

    def available(self, fund: OfferFund) -> int:
        """What the fund has by the projected books, in minor units."""
        ...

    def now(self, fund: OfferFund) -> FundWatch:
        """The watch with what the fund has just now, to be read and not saved."""
        ...

    def progress(self) -> int:
        """Up to which segment entries were taken in."""
        ...

    def touches(self, segment: int) -> tuple[Sequence[Touch], int]:
        """What the next entries did, one a fund, and the segment up to which they were read."""
        ...

    def save(self, decision: Decision[FundWatch]) -> FundWatch:
        """Store the state and its events together, or raise ``Conflict``."""
        ...

    def save_all(
        self, decisions: Sequence[Decision[FundWatch]], *, before: int, after: int
    ) -> None:
        """Store them and go on to a segment, or nothing and raise ``Conflict``."""
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


def watch_funds(*, funds: OfferFunds, watches: FundWatches, now: datetime) -> bool:
    """Take in the next entries of funds and tell which are low; False when there are none.

    What it knows and how far it read are stored together, so that an entry counts once
    wherever it dies; of two at once the second leaves it to the first.
    """
    before = watches.progress()
    touches, after = watches.touches(before)
    if after == before:
        return False
    decisions = []
    for touch in touches:
        fund = funds.find(touch.offer_id)
        if fund is not None:
            decisions.append(
                watches.find(fund).see(
                    watches.available(fund), at=now, is_filled=touch.is_filled, claim=touch.claim
                )
            )
    try:
        watches.save_all(decisions, before=before, after=after)
    except Conflict:
        return False
    return True


def own_fund(offer_id: str, brand_id: str | None, *, funds: OfferFunds) -> OfferFund:
    """The fund of a brand's offer, of anybody's for None; raise ``FundNotFound``."""
    fund = funds.find(offer_id)
    if fund is None or brand_id not in (None, fund.brand_id):
        raise FundNotFound(f"no fund of {offer_id}")
    return fund


def set_threshold(
    fund: OfferFund, threshold: Money | None, *, watches: FundWatches, now: datetime
) -> FundWatch:
    """Let the fund be low below this, or by the last claim again for None.

    Raises ``ThresholdAboveCap``, and ``Conflict`` when entries were taken in meanwhile.
    """
    watch = watches.find(fund).warn_below(threshold, cap=fund.cap)
    return watches.save(watch.see(watches.available(fund), at=now))


def record_deposit(
    command: RecordDeposit,
    *,
    funds: OfferFunds,
    naming: NamingRightsBook,
    deposits: Deposits,
    intentions: Intentions,
    ids: Ids,
    now: datetime,
) -> Deposit:
    """Record money that arrived; the books hold it within a second."""
    account = _take(command, funds=funds, naming=naming)
    deposit = Deposit(ids("dep"), command.target, account, command.amount, now)
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
