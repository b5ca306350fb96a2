"""A brand's promise to subsidise gatherings, and who gets which share of a sale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from cartridges.conditions import ConditionRefused
from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.errors import NotFound, RuleBroken
from chassis.kernel.money import WHOLE, CurrencyMismatch, Money
from services.catalog.offers.engine.ramp import Ramp, RampBelowSubsidy
from services.catalog.offers.events import OfferClosed, OfferOpened
from sharing.eligibility import Clause, check_clauses

ROLES = ("brand", "host", "venue", "co_host", "platform", "author")


class OfferNotFound(NotFound):
    """There is no such subsidy offer."""

    code = "offer-not-found"
    hint = "Check the offer's identifier and that it belongs to your organisation."
    chinese = "没有这个补贴方案，请核对编号及其所属组织。"


class OfferNotOpen(RuleBroken):
    """The subsidy offer takes no claims now."""

    code = "offer-not-open"
    hint = "Choose an offer of the same brand that has opened and not yet closed."
    chinese = "该补贴方案当前未开放，请选择同一品牌的其他方案。"


class TermsIncomplete(RuleBroken):
    """The shares of an offer do not make a whole."""

    code = "terms-incomplete"
    hint = f"Give every role a share in basis points; together they make {WHOLE}."
    chinese = f"各方分成须以基点给出，合计为 {WHOLE}。"


class CapTooSmall(RuleBroken):
    """The total cap does not pay for a single gathering."""

    code = "cap-too-small"
    hint = "Raise total_cap to at least what one gathering may get, a ramp's most included."
    chinese = "补贴总额不足以支付一场活动，请提高总额。"


class LimitTooSmall(RuleBroken):
    """A limit of an offer does not let a single gathering be paid."""

    code = "offer-limit-too-small"
    hint = "Give the limit at least what one gathering may get, a ramp's most included."
    chinese = "上限不足以支付一场活动，请提高上限。"


class EligibilityInvalid(RuleBroken):
    """A condition of an offer's eligibility cannot be used."""

    code = "eligibility-invalid"
    hint = "Mend the clause that the answer names; its reason says what is wrong."
    chinese = "补贴资格条件无法使用，请按返回中指出的条款与原因修改。"


class OfferEndsTooSoon(RuleBroken):
    """The offer would close before anybody could use it."""

    code = "offer-ends-too-soon"
    hint = "Give a closing time after the opening time and in the future."
    chinese = "截止时间须晚于开放时间且在未来。"


class OfferEnd(StrEnum):
    """Why an offer takes no more claims."""

    CLOSING_TIME = "closing-time"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class PeriodLimit:
    """The most that all hosts together get of an offer in each period of so many days.

    The first period begins with the day on which the offer opens, by the calendar of the
    books; a claim counts in the period in which it is made.
    """

    most: Money
    days: int


@dataclass(frozen=True, slots=True)
class SubsidyOffer:
    """What a brand pays a host for each gathering with its goods, up to a total.

    ``terms`` give each role of ``ROLES`` its share of takings in basis points. With a
    ``ramp`` it pays more for goods near their best-before date; a claim freezes what that
    makes. No host gets more than ``most_per_host`` by all her claims, and all hosts no more
    than ``most_per_period`` says. Total and limits are kept where the money is, and not
    counted here. Claims must meet every clause of its
    ``eligibility``; matching checks that.
    """

    id: str
    brand_id: str
    subsidy: Money
    min_checked_in: int
    total_cap: Money
    terms: Mapping[str, int]
    opens_at: datetime
    closes_at: datetime
    ramp: Ramp | None = None
    most_per_host: Money | None = None
    most_per_period: PeriodLimit | None = None
    eligibility: tuple[Clause, ...] = ()
    closed: OfferEnd | None = None
    revision: Revision = Revision()

    @property
    def most(self) -> Money:
        """What one gathering may get, ramp included."""
        return self.ramp.most if self.ramp else self.subsidy

    def open(self, *, at: datetime) -> Decision[SubsidyOffer]:
        """Announce a new offer, or raise the rule that forbids it."""
        if set(self.terms) != set(ROLES) or sum(self.terms.values()) != WHOLE:
            raise TermsIncomplete(f"they make {sum(self.terms.values())}", roles=list(ROLES))
        limits = self._limits()
        amounts = (self.subsidy, self.most, self.total_cap, *limits)
        currencies = {amount.currency for amount in amounts}
        if len(currencies) > 1:
            raise CurrencyMismatch(" and ".join(sorted(currencies)))
        if self.most < self.subsidy:
            raise RampBelowSubsidy(f"{self.most.minor} is less than {self.subsidy.minor}")
        if self.total_cap < self.most:
            raise CapTooSmall(f"{self.total_cap.minor} is less than {self.most.minor}")
        for limit in limits:
            if limit < self.most:
                raise LimitTooSmall(f"{limit.minor} is less than {self.most.minor}")
        self._check_eligibility()
        if self.closes_at <= max(self.opens_at, at):
            raise OfferEndsTooSoon(f"closes at {self.closes_at.isoformat()}")
        fact = OfferOpened(
            offer_id=self.id,
            brand_id=self.brand_id,
            subsidy=self.subsidy,
            min_checked_in=self.min_checked_in,
            total_cap=self.total_cap,
            terms=self.terms,
            opens_at=self.opens_at,
            closes_at=self.closes_at,
            ramp_steps=self.ramp.steps if self.ramp else (),
            most_subsidy=self.ramp.most if self.ramp else None,
            most_per_host=self.most_per_host,
            most_per_period=self.most_per_period.most if self.most_per_period else None,
            eligibility=self.eligibility,
            period_days=self.most_per_period.days if self.most_per_period else None,
            occurred_at=at,
        )
        return Decision(self, (fact,))

    def _check_eligibility(self) -> None:
        for clause in self.eligibility:
            try:
                check_clauses([clause])
            except ConditionRefused as refused:
                raise EligibilityInvalid(
                    f"{clause.name}: {refused}", clause=clause.name, problem=refused.code
                ) from None

    def _limits(self) -> tuple[Money, ...]:
        in_period = self.most_per_period.most if self.most_per_period else None
        return tuple(limit for limit in (self.most_per_host, in_period) if limit)

    def close(self, reason: OfferEnd, *, at: datetime) -> Decision[SubsidyOffer]:
        """Take no more claims; those made keep their subsidy."""
        if self.closed is not None:
            raise OfferNotOpen(f"closed already: {self.closed}", reason=str(self.closed))
        fact = OfferClosed(
            offer_id=self.id, brand_id=self.brand_id, reason=str(reason), occurred_at=at
        )
        return Decision(replace(self, closed=reason), (fact,))

    def is_open(self, at: datetime) -> bool:
        """Whether a claim may name it now."""
        return self.closed is None and self.opens_at <= at < self.closes_at
