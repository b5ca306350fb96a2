"""A bank account from the day it is named to the day another takes its place. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.errors import NotFound, RuleBroken
from services.payments.destinations.events import DestinationActivated, DestinationRefused
from services.payments.providers.domain import PartyKind, Receiver

SHOWN = 4
MONDAY = 0


class DestinationNotFound(NotFound):
    """No payout destination has that identifier."""

    code = "destination-not-found"
    hint = "Check the identifier and that the destination is of your organisation."
    chinese = "没有这个收款账户，请核对编号及其所属组织。"


class AccountUnfit(RuleBroken):
    """No account looks like that at the provider that pays out."""

    code = "account-unfit"
    hint = (
        "Write a bank account in capitals and digits, Stripe's acct_ id, or Alipay's 2088 number."
    )
    chinese = (
        "账户格式与付款机构不符：银行账户只含大写字母和数字，Stripe 以 acct_ 开头，"
        "支付宝为 2088 开头的 16 位数字。"
    )


class DestinationState(StrEnum):
    """Whether money goes there."""

    REGISTERING = "registering"
    ACTIVE = "active"
    REFUSED = "refused"
    REPLACED = "replaced"


class Schedule(StrEnum):
    """On which days an organisation is paid: all, Mondays, or the first of the month."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"

    def falls_on(self, day: date) -> bool:
        """Whether that day is one of them."""
        if self is Schedule.WEEKLY:
            return day.weekday() == MONDAY
        return self is Schedule.DAILY or day.day == 1


@dataclass(frozen=True, slots=True)
class Destination:
    """An account of an organisation at a bank. It never changes: another one replaces it."""

    id: str
    organization_id: str
    provider: str
    holder: str
    account: str
    schedule: Schedule
    named_at: datetime
    state: DestinationState = DestinationState.REGISTERING
    code: str = ""
    revision: Revision = Revision()

    @property
    def masked(self) -> str:
        """What may be shown of the account: its last letters."""
        return "•" * (len(self.account) - SHOWN) + self.account[-SHOWN:]

    @property
    def receiver(self) -> Receiver:
        """The organisation there, as providers are told."""
        kind = PartyKind.ORGANIZATION
        return Receiver(self.organization_id, kind, self.account, self.holder)

    def activate(self, *, at: datetime) -> Decision[Destination]:
        """Pay there from now on."""
        if self.state is not DestinationState.REGISTERING:
            return Decision(self)
        fact = DestinationActivated(
            occurred_at=at,
            destination_id=self.id,
            organization_id=self.organization_id,
            provider=self.provider,
        )
        return Decision(replace(self, state=DestinationState.ACTIVE), (fact,))

    def refuse(self, code: str, *, at: datetime) -> Decision[Destination]:
        """Never pay there again: the provider will not have it, or the bank sent money back."""
        if self.state in {DestinationState.REFUSED, DestinationState.REPLACED}:
            return Decision(self)
        fact = DestinationRefused(
            occurred_at=at,
            destination_id=self.id,
            organization_id=self.organization_id,
            provider=self.provider,
            code=code,
        )
        return Decision(replace(self, state=DestinationState.REFUSED, code=code), (fact,))

    def give_way(self) -> Destination:
        """Another one is paid to from now on; what is on its way arrives here."""
        return replace(self, state=DestinationState.REPLACED)
