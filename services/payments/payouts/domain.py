"""One payout, from the decision to the end; and how much it is. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.errors import NotFound
from chassis.kernel.ids import derived_id
from chassis.kernel.money import Money
from services.payments.ledger.domain import (
    PROVIDER,
    EntryRequest,
    Leg,
    available_of,
    hold,
    post,
    reserve_of,
    transfer,
    void,
)
from services.payments.payouts.events import (
    PayoutFailed,
    PayoutInstructed,
    PayoutPaid,
    PayoutReturned,
)
from services.payments.releases.domain import Release


class PayoutNotFound(NotFound):
    """No payout has that identifier."""

    code = "payout-not-found"
    hint = "Check the identifier and that the payout is of your organisation."
    chinese = "没有这笔付款，请核对编号及其所属组织。"


class PayoutState(StrEnum):
    """How far a payout has come.

    PLANNED: decided. IN_TRANSIT: set aside in the books and given to the provider.
    BOOKING: paid, and about to be booked as paid. PAID may still become RETURNED, by a
    bank. SKIPPED: the money had been used when it was to be set aside. FAILED: not paid.
    """

    PLANNED = "planned"
    SKIPPED = "skipped"
    IN_TRANSIT = "in-transit"
    BOOKING = "booking"
    PAID = "paid"
    FAILED = "failed"
    RETURNED = "returned"


RESERVED = ("Kept in reserve for returns", "留作退货准备金")


class Measure(NamedTuple):
    """How much a reserve is to hold, in minor units, and why, in English and Chinese."""

    minor: int
    why_en: str = ""
    why_zh: str = ""

    def told(self) -> tuple[str, str]:
        """What a line about the reserve says."""
        if not self.why_en:
            return RESERVED
        return f"{RESERVED[0]}: {self.why_en}", f"{RESERVED[1]}：{self.why_zh}"


@dataclass(frozen=True, slots=True)
class Line:
    """One part of how a payout's amount came about; all lines together are the amount."""

    minor: int
    why_en: str
    why_zh: str


@dataclass(frozen=True, slots=True)
class Purse:
    """An organisation's money in one currency: what may be paid out, and what is in reserve.

    ``owed`` is what it has to pay before anything is paid out: dues, and debts after refunds.
    """

    organization_id: str
    available: Money
    reserve: Money
    owed: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout:
    """An organisation's payout of a day. ``to_reserve`` is what it keeps back, or takes from."""

    id: str
    organization_id: str
    destination_id: str
    provider: str
    day: date
    amount: Money
    to_reserve: Money
    lines: tuple[Line, ...]
    planned_at: datetime
    state: PayoutState = PayoutState.PLANNED
    code: str = ""
    ended_at: datetime | None = None
    revision: Revision = Revision()

    @property
    def operation_id(self) -> str:
        """The one operation at the provider that carries it out."""
        return derived_id("opn", self.id, "payout")

    @property
    def account(self) -> str:
        """Where the money comes from."""
        return available_of(self.organization_id)

    def entries(self) -> list[EntryRequest]:
        """Set the money aside; the reserve is topped up, or used, before."""
        legs = [Leg.of(self.account, -self.amount), Leg.of(PROVIDER, self.amount)]
        held = hold(
            self._entry_id("hold"),
            legs,
            "payout",
            self._reason("Payout", "付款"),
            reference=self.id,
        )
        if not self.to_reserve:
            return [held]
        reserve = reserve_of(self.organization_id)
        kept = transfer(
            self._entry_id("reserve"),
            self.account,
            reserve,
            self.to_reserve,
            "reserve",
            self._reason(*self._reserve_words),
            reference=self.id,
        )
        return [kept, held]

    def post_entry(self) -> EntryRequest:
        """The provider paid: what was set aside has left."""
        reason = self._reason("Paid by the provider", "支付机构已付款")
        return post(
            self._entry_id("paid"),
            self._entry_id("hold"),
            "payout-paid",
            reason,
            reference=self.id,
        )

    def void_entry(self) -> EntryRequest:
        """Nothing was paid: what was set aside is back."""
        reason = self._reason("The provider did not pay", "支付机构未付款")
        own, held = self._entry_id("failed"), self._entry_id("hold")
        return void(own, held, "payout-failed", reason, reference=self.id)

    def return_entry(self) -> EntryRequest:
        """It came back after it was paid: the two entries together move nothing."""
        return transfer(
            self._entry_id("returned"),
            PROVIDER,
            self.account,
            self.amount,
            "payout-returned",
            self._reason("Sent back by the bank", "银行退回"),
            reference=self.id,
        )

    def instruct(self, *, at: datetime) -> Decision[Payout]:
        """The books have set it aside."""
        fact = PayoutInstructed(
            occurred_at=at,
            payout_id=self.id,
            organization_id=self.organization_id,
            amount=self.amount,
            day=self.day.isoformat(),
        )
        return Decision(replace(self, state=PayoutState.IN_TRANSIT), (fact,))

    def skip(self, code: str, *, at: datetime) -> Payout:
        """The books would not set it aside: the money was used before."""
        return replace(self, state=PayoutState.SKIPPED, code=code, ended_at=at)

    def book(self) -> Payout:
        """It was paid: whatever comes next, that is booked first."""
        return replace(self, state=PayoutState.BOOKING)

    def pay(self, *, at: datetime) -> Decision[Payout]:
        """The books say that it was paid."""
        fact = PayoutPaid(
            occurred_at=at,
            payout_id=self.id,
            organization_id=self.organization_id,
            amount=self.amount,
        )
        return Decision(replace(self, state=PayoutState.PAID, ended_at=at), (fact,))

    def fail(self, code: str, *, at: datetime) -> Decision[Payout]:
        """The books have given it back."""
        fact = PayoutFailed(
            occurred_at=at,
            payout_id=self.id,
            organization_id=self.organization_id,
            amount=self.amount,
            code=code,
        )
        failed = replace(self, state=PayoutState.FAILED, code=code, ended_at=at)
        return Decision(failed, (fact,))

    def come_back(self, code: str, *, at: datetime) -> Decision[Payout]:
        """The books have taken in what the bank sent back."""
        fact = PayoutReturned(
            occurred_at=at,
            payout_id=self.id,
            organization_id=self.organization_id,
            amount=self.amount,
            code=code,
        )
        returned = replace(self, state=PayoutState.RETURNED, code=code, ended_at=at)
        return Decision(returned, (fact,))

    @property
    def _reserve_words(self) -> tuple[str, str]:
        """Why the reserve is filled or freed, as the line of it says."""
        said = (
            (line.why_en, line.why_zh)
            for line in self.lines
            if line.why_en.startswith(RESERVED[0])
        )
        return next(said, RESERVED)

    def _entry_id(self, part: str) -> str:
        return derived_id("ent", self.id, part)

    def _reason(self, english: str, chinese: str) -> dict[str, object]:
        return {
            "why": {"en": english, "zh": chinese},
            "payout_id": self.id,
            "day": self.day.isoformat(),
            "lines": [
                {"minor": line.minor, "en": line.why_en, "zh": line.why_zh} for line in self.lines
            ],
        }


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a payout may be: the terms' and the provider's bounds, in minor units."""

    smallest: int
    largest: int | None
    reserve: int


def amounts(purse: Purse, limits: Limits) -> tuple[Money, Money] | None:
    """What to pay out and what to put into the reserve (negative: take out); None for nothing.

    What is owed stays for who it is owed to; then the reserve is filled, and what it holds
    beyond its measure is paid out. A balance below zero pays nothing.
    """
    currency = purse.available.currency
    to_reserve = limits.reserve - purse.reserve.minor
    rest = purse.available.minor - purse.owed.minor - to_reserve
    paid = rest if limits.largest is None else min(rest, limits.largest)
    if paid < max(1, limits.smallest):
        return None
    return Money(paid, currency), Money(to_reserve, currency)


def lines_of(
    purse: Purse,
    amount: Money,
    to_reserve: Money,
    releases: Sequence[Release],
    reserved: tuple[str, str] = RESERVED,
) -> tuple[Line, ...]:
    """How the amount came about: the releases since the last payout, and what else there is.

    ``reserved`` says why something stays in reserve, or was free again.
    """
    lines = [
        Line(
            each.amount.minor,
            f"Released on {each.day.isoformat()}: shares of {each.shares} settlements",
            f"{each.day.isoformat()} 转为可用：{each.shares} 笔结算的分成",
        )
        for each in releases
    ]
    other = purse.available.minor - sum(line.minor for line in lines)
    lines.append(Line(other, "Other money that was there", "账户中的其他可用金额"))
    lines.append(Line(-to_reserve.minor, *reserved))
    lines.append(Line(-purse.owed.minor, "Kept for what is owed", "留作偿还欠款"))
    left = purse.available.minor - purse.owed.minor - to_reserve.minor - amount.minor
    lines.append(Line(-left, "Left for the next payout", "留待下次付款"))
    return tuple(line for line in lines if line.minor)
