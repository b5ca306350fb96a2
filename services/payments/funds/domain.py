"""What an offer's fund may take and give, and what was deposited. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.errors import NotFound, RuleBroken
from chassis.kernel.ids import derived_id
from chassis.kernel.money import Money
from services.payments.funds.events import FundLow, watch_id
from services.payments.ledger.domain import (
    PROVIDER,
    QUOTA,
    QUOTAS_GIVEN,
    EntryRequest,
    transfer,
)
from services.payments.releases.domain import day_of


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


class FundNotFound(NotFound):
    """No fund of an offer has that identifier."""

    code = "fund-not-found"
    hint = "Check the offer's identifier; only its brand can read its fund."
    chinese = "没有这个补贴基金，请核对方案编号；只有所属品牌可以查看。"


class CapExceeded(RuleBroken):
    """A deposit must not take the fund beyond its cap."""

    code = "cap-exceeded"
    hint = "Deposit at most the amount that the answer names as free, or open another offer."
    chinese = "充值金额超过该项目的总额上限。"


class ThresholdAboveCap(RuleBroken):
    """A fund below a threshold above its cap would be low for ever."""

    code = "threshold-above-cap"
    hint = "Set a threshold of at most the offer's total cap, which the answer names."
    chinese = "预警线不能高于该方案的总额上限，否则将一直预警。"


class SubsidyHostCapReached(RuleBroken):
    """The host has had all that the offer gives to one host."""

    code = "subsidy-host-cap-reached"
    hint = "Claim with another offer, or give an unused claim back: that frees its subsidy."
    chinese = "您已达到该补贴方案每个主理人的上限；请选择其他方案，或退还未用的认领。"


class SubsidyPeriodCapReached(RuleBroken):
    """The offer has given all that it gives in one period."""

    code = "subsidy-period-cap-reached"
    hint = "Claim again when the offer's next period begins, or with another offer."
    chinese = "该补贴方案本期额度已用完；请等待下一期，或选择其他方案。"


CLAIMS_AHEAD = 3


class QuotaKind(StrEnum):
    """Which of an offer's caps a quota keeps; the last part of its account."""

    HOST = "host"
    PERIOD = "period"


REACHED: Mapping[QuotaKind, type[RuleBroken]] = {
    QuotaKind.HOST: SubsidyHostCapReached,
    QuotaKind.PERIOD: SubsidyPeriodCapReached,
}


class DepositState(StrEnum):
    """Whether the books hold it yet."""

    RECORDED = "recorded"
    BOOKED = "booked"


@dataclass(frozen=True, slots=True)
class Quota:
    """How much of an offer one host, or all hosts in one period, may take.

    It is kept by an account of its own, which is filled once and which every hold of the
    offer's money takes from in the same entry. It counts minor units of the offer's currency
    in the unit ``QUOTA``, for it is no money: no sum of money ever holds any of it.
    """

    id: str
    offer_id: str
    kind: QuotaKind
    most: int
    about: str

    @property
    def account(self) -> str:
        """Where what is left of it stands."""
        return f"quota:{self.id}:{self.kind}"

    def opening(self) -> EntryRequest:
        """Fill it; the same entry however often, and whoever books it."""
        reason = {
            "why": {
                "en": f"The most that the offer gives to {self.about}",
                "zh": f"该补贴方案对 {self.about} 的上限",
            },
            "offer_id": self.offer_id,
            str(self.kind): self.about,
        }
        return transfer(
            derived_id("ent", self.id, "opening"),
            QUOTAS_GIVEN,
            self.account,
            Money(self.most, QUOTA),
            "quota-opened",
            reason,
            reference=self.offer_id,
        )


def cap_reached(account: str) -> type[RuleBroken] | None:
    """The rule that is broken when this account lacks something; None for no quota."""
    match account.split(":"):
        case ["quota", _, kind]:
            return REACHED[QuotaKind(kind)]
        case _:
            return None


@dataclass(frozen=True, slots=True)
class Caps:
    """How an offer's money is spread: the most for one host, and for each period of days.

    Zero is no such cap. Amounts are minor units of the offer's currency. Periods of
    ``period_days`` follow each other from the day of ``starts_at`` on, by the calendar of
    the books.
    """

    per_host: int = 0
    per_period: int = 0
    period_days: int = 1
    starts_at: datetime | None = None

    def quotas(self, offer_id: str, host_id: str, at: datetime) -> tuple[Quota, ...]:
        """The quotas that a claim made at that moment takes from."""
        found = []
        if self.per_host:
            name = derived_id("quo", offer_id, "host", host_id)
            found.append(Quota(name, offer_id, QuotaKind.HOST, self.per_host, host_id))
        if self.per_period and self.starts_at is not None:
            first = day_of(self.starts_at)
            number = (day_of(at) - first).days // self.period_days
            begins = (first + timedelta(days=number * self.period_days)).isoformat()
            name = derived_id("quo", offer_id, "period", begins)
            found.append(Quota(name, offer_id, QuotaKind.PERIOD, self.per_period, begins))
        return tuple(found)


UNCAPPED = Caps()


@dataclass(frozen=True, slots=True)
class OfferFund:
    """The money of one subsidy offer; its id is the offer's.

    ``cap`` is the most that it ever takes in, so that all claims together get no more.
    """

    id: str
    brand_id: str
    cap: Money
    deposited: Money
    caps: Caps = UNCAPPED
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
class FundWatch:
    """Whether an offer's fund is low, and whether that was told.

    ``own_threshold`` is what the brand set; without it the fund is low once it has less than
    three claims of the size of the ``last_claim`` would take. Told once, it is not told again
    before the fund was filled again.
    """

    offer_id: str
    brand_id: str
    currency: str
    own_threshold: int | None = None
    last_claim: int = 0
    available: int = 0
    low_since: datetime | None = None
    may_tell: bool = False
    revision: Revision = Revision()

    @property
    def id(self) -> str:
        """Its own name, which follows from the offer's."""
        return watch_id(self.offer_id)

    @property
    def threshold(self) -> int:
        """What the fund is low below, in minor units."""
        if self.own_threshold is not None:
            return self.own_threshold
        return CLAIMS_AHEAD * self.last_claim

    @property
    def is_low(self) -> bool:
        """Whether it has less than that."""
        return self.available < self.threshold

    def warn_below(self, threshold: Money | None, *, cap: Money) -> FundWatch:
        """Be low below this, or by the last claim for None; raise ``ThresholdAboveCap``."""
        if threshold is None:
            return replace(self, own_threshold=None)
        if cap < threshold:
            raise ThresholdAboveCap(f"{threshold.minor} asked, {cap.minor} at most", cap=cap.minor)
        return replace(self, own_threshold=threshold.minor)

    def see(
        self, available: int, *, at: datetime, is_filled: bool = False, claim: int = 0
    ) -> Decision[FundWatch]:
        """Take in what the fund has now, whether money came since, and the last claim, if any."""
        seen = replace(
            self,
            available=available,
            last_claim=claim or self.last_claim,
            may_tell=self.may_tell or is_filled,
        )
        if not seen.is_low:
            return Decision(replace(seen, low_since=None))
        seen = replace(seen, low_since=self.low_since or at)
        if not seen.may_tell:
            return Decision(seen)
        fact = FundLow(
            occurred_at=at,
            offer_id=self.offer_id,
            brand_id=self.brand_id,
            available=Money(available, self.currency),
            threshold=Money(seen.threshold, self.currency),
        )
        return Decision(replace(seen, may_tell=False), (fact,))


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
