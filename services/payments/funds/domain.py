"""How much an offer's fund may take, and what was deposited. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chassis.kernel.decisions import Revision
from chassis.kernel.errors import NotFound, RuleBroken
from chassis.kernel.ids import derived_id
from chassis.kernel.money import Money
from services.payments.ledger.domain import PROVIDER, EntryRequest, transfer


class OfferUnknown(NotFound):
    """No subsidy offer or naming-rights package has that identifier."""

    code = "deposit-target-unknown"
    hint = "Check the identifier; an offer that was just opened is known within seconds."
    chinese = "没有这个补贴或冠名权，请核对编号；新开的项目几秒后可用。"


class DepositNotFound(NotFound):
    """No deposit has that identifier."""

    code = "deposit-not-found"
    hint = "Check the identifier and that the deposit is of your organisation."
    chinese = "没有这笔充值，请核对编号及其所属组织。"


class CapExceeded(RuleBroken):
    """A deposit must not take the fund beyond its cap."""

    code = "cap-exceeded"
    hint = "Deposit at most the amount that the answer names as free, or open another offer."
    chinese = "充值金额超过该项目的总额上限。"


class DepositState(StrEnum):
    """Whether the books hold it yet."""

    RECORDED = "recorded"
    BOOKED = "booked"


@dataclass(frozen=True, slots=True)
class OfferFund:
    """The money of one subsidy offer; its id is the offer's."""

    id: str
    brand_id: str
    cap: Money
    deposited: Money
    revision: Revision = Revision()

    @property
    def account(self) -> str:
        """Where the money lies."""
        return f"offer:{self.id}:fund"

    def take(self, amount: Money) -> OfferFund:
        """The fund with this much more; raise ``CapExceeded``."""
        free = self.cap - self.deposited
        if free < amount:
            raise CapExceeded(f"{amount.minor} asked, {free.minor} free", free=free.minor)
        return replace(self, deposited=self.deposited + amount)


@dataclass(frozen=True, slots=True)
class Deposit:
    """Money that arrived at the provider for a target."""

    id: str
    target_id: str
    account: str
    amount: Money
    recorded_at: datetime
    state: DepositState = DepositState.RECORDED
    revision: Revision = Revision()

    def entry(self) -> EntryRequest:
        """Bring it from the world outside into the target's account."""
        reason = {
            "why": {"en": "Money that arrived at the provider", "zh": "支付机构已收到的款项"},
            "target_id": self.target_id,
        }
        entry_id = derived_id("ent", self.id, "deposit")
        return transfer(
            entry_id, PROVIDER, self.account, self.amount, "deposit", reason, reference=self.id
        )
