"""A clearing: asked for, worked out in stages, certified, and held unless it was a dry run."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.errors import Conflict, NotFound
from chassis.kernel.money import WHOLE
from services.matching.clearings.domain.evidence import Evidence
from services.matching.clearings.engine.clear import Policy, Rule
from services.matching.clearings.events import MarketCleared

MOST_ATTEMPTS = 3
"""A clearing that came to no result so often is not begun again."""


class ClearingNotFound(NotFound):
    """No clearing has that identifier."""

    code = "clearing-not-found"
    hint = "List the clearings and take the identifier from there."
    chinese = "没有这个编号的清算，请从清算列表中选取。"


class PeriodCleared(Conflict):
    """The market of that period is cleared already, or is being cleared."""

    code = "period-cleared"
    hint = "Read the clearing in `clearing_id`, name another period, or make a dry run."
    chinese = "该期市场已清算或正在清算；请查看 clearing_id、换一个周期名，或先试运行。"


class ClearingNotDone(Conflict):
    """The clearing has not come so far yet."""

    code = "clearing-not-done"
    hint = "Read the clearing and wait until its stage is `holding` or `cleared`."
    chinese = "清算尚未完成；请等到其阶段为 holding 或 cleared 后再读。"


class Stage(StrEnum):
    """How far a clearing has come."""

    WAITING = "waiting"
    GATHERING = "gathering-candidates"
    SOLVING = "solving"
    CERTIFYING = "certifying"
    HOLDING = "holding"
    CLEARED = "cleared"
    FAILED = "failed"

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self in {Stage.CLEARED, Stage.FAILED}


class Valuation(StrEnum):
    """What a pair is worth: how much its host wants it, or that times what the brand accepts."""

    RECIPROCAL = "reciprocal"
    HOST = "host"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """How the market is to be cleared.

    A dry run holds nothing. Bonuses are in milli-points. A host's capacity counts what she
    held in ``horizon_days``. ``period`` is a name: of those that hold there is one a period.
    With a ``reserve`` lists leave out what others want much more, as far as evidence allows it.
    """

    dry_run: bool
    rule: Rule
    first_host_bonus: int
    first_brand_bonus: int
    horizon_days: int
    period: str
    valuation: Valuation = Valuation.RECIPROCAL
    reserve: bool = False

    @property
    def policy(self) -> Policy:
        """What the engine is told."""
        return Policy(
            rule=self.rule,
            first_host_bonus=self.first_host_bonus,
            first_brand_bonus=self.first_brand_bonus,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What proves how good a clearing is, and of which market.

    ``objective`` is the value with the bonuses it earned; no choice within the limits has one
    above ``bound``; ``gap`` is the share of the bound that is missing. ``seconds`` are the
    processor's. ``market_digest`` is SHA-256 over all that was solved.
    """

    value: int
    objective: int
    bound: float
    gap: float
    solver: str
    seconds: float
    market_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a way of choosing gives: value in milli-points, and who is left with nothing.

    ``gini`` is of the value hosts get, 0 when all have the same. A pair that blocks would
    both rather have each other than what they were given.
    """

    value: int
    assignments: int
    hosts_with_nothing: int
    brands_with_nothing: int
    gini: float
    blocking_pairs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The size of the market, its clearing, and first-come-first-served beside it.

    ``hosts_full`` counts those who are not in it, for they can take on no more claims.
    """

    hosts: int
    lots: int
    brands: int
    candidates: int
    cleared: Outcome
    first_come: Outcome
    hosts_full: int = 0

    @property
    def lost_basis_points(self) -> int:
        """The share of the clearing's value that first-come-first-served would lose.

        Below zero where it would be worth more: bonuses and ``NO_ENVY`` give value up.
        """
        gained = self.cleared.value - self.first_come.value
        return gained * WHOLE // self.cleared.value if self.cleared.value else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What solving led to; ``attempt`` is the one whose assignments count.

    ``evidence`` is None of clearings of before it was looked at.
    """

    certificate: Certificate
    figures: Figures
    attempt: int
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearing:
    """One clearing of the market, from the wish to what was held.

    ``done`` of ``total`` is how far its stage has come. ``attempts`` counts how often it was
    begun; ``failure`` says why it came to nothing.
    """

    id: str
    order: Order
    asked_by: str
    asked_at: datetime
    stage: Stage = Stage.WAITING
    done: int = 0
    total: int = 0
    attempts: int = 0
    result: Result | None = None
    held: int = 0
    ended_at: datetime | None = None
    failure: str | None = None
    revision: Revision = Revision()

    @property
    def reserve(self) -> int | None:
        """How much dearer than its value a lot may be and still be listed, in basis points.

        None where everything is listed: no reserve was asked for, or nothing allows one.
        """
        if not self.order.reserve or self.result is None or self.result.evidence is None:
            return None
        return self.result.evidence.reserve

    def begin(self, *, now: datetime) -> Decision[Clearing]:
        """Take it up: anew, or where the holding was left off.

        Begun too often without a result, it fails. With one it never does, for part of that
        may be held already, and its period would be free for another to hold beside it.
        """
        if self.result is None and self.attempts >= MOST_ATTEMPTS:
            return self.fail(f"{MOST_ATTEMPTS} attempts came to no result", now=now)
        stage = Stage.HOLDING if self.result else Stage.GATHERING
        state = replace(self, stage=stage, attempts=self.attempts + 1, done=0, total=0)
        return Decision(state)

    def settle(self, result: Result, *, now: datetime) -> Decision[Clearing]:
        """What is assigned is certain; a dry run ends with that."""
        state = replace(self, result=result, stage=Stage.HOLDING, done=0, total=0)
        return state.end(0, now=now) if self.order.dry_run else Decision(state)

    def end(self, held: int, *, now: datetime) -> Decision[Clearing]:
        """All is held that could be."""
        if self.result is None:
            raise ClearingNotDone(f"the clearing is {self.stage}")
        state = replace(self, stage=Stage.CLEARED, held=held, ended_at=now)
        certificate = self.result.certificate
        cleared = MarketCleared(
            clearing_id=self.id,
            period=self.order.period,
            dry_run=self.order.dry_run,
            rule=self.order.rule.value,
            value=certificate.value,
            gap_millionths=math.ceil(certificate.gap * 1_000_000),
            assignments=self.result.figures.cleared.assignments,
            holds=held,
            market_digest=certificate.market_digest,
            occurred_at=now,
        )
        return Decision(state, (cleared,))

    def fail(self, why: str, *, now: datetime) -> Decision[Clearing]:
        """Nothing came of it, and nothing was held."""
        return Decision(replace(self, stage=Stage.FAILED, failure=why, ended_at=now))
