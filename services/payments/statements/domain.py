"""A statement: an opening balance, every movement with its reason, a closing balance. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chassis.kernel.errors import RuleBroken
from services.payments.statements.engine.words import Why

MAX_LINES = 5_000


class StatementTooLong(RuleBroken):
    """The period has more lines than one statement takes."""

    code = "statement-too-long"
    hint = "Ask for a shorter period."
    chinese = "该期间的明细过多，请缩短查询期间。"


class PeriodEmpty(RuleBroken):
    """A statement's period must end after it begins."""

    code = "period-empty"
    hint = "Give a moment as to that is later than from."
    chinese = "对账单的结束时间必须晚于开始时间。"


class AxisUnfit(RuleBroken):
    """Only a statement by the time of effect can be of what was booked until a moment."""

    code = "statement-axis-unfit"
    hint = "Ask with by=effective, or leave booked_at out: a period ends with to."
    chinese = "booked_at 仅用于按生效时间的对账单；请加 by=effective，或去掉 booked_at。"


class StatementUnsound(Exception):
    """A statement whose movements do not lead from its opening to its closing balance."""


class Axis(StrEnum):
    """By which time of an entry a statement goes: when it was booked, or takes effect."""

    BOOKED = "booked"
    EFFECTIVE = "effective"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What one leg of an entry moved, in minor units, and the balance it led to.

    ``about`` names what it has to do with: contract, settlement, sale, refund, by id.
    ``at`` is its time by the statement's axis.
    """

    entry_id: str
    leg: int
    at: datetime
    booked_at: datetime
    kind: str
    code: str
    minor: int
    balance: int
    why: Why
    about: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What moved on an account from ``start`` up to ``end``, exclusive.

    Every line leads to the next, the first from ``opening``, the last to ``closing``: one
    that does not raises ``StatementUnsound``. Raises ``PeriodEmpty``. By the time of effect
    it holds what was booked until ``booked_at``, or ever.
    """

    account: str
    currency: str
    start: datetime
    end: datetime
    opening: int
    lines: tuple[Line, ...]
    closing: int
    axis: Axis = Axis.BOOKED
    booked_at: datetime | None = None

    def __post_init__(self) -> None:
        check_period(self.start, self.end)
        balance = self.opening
        for line in self.lines:
            balance += line.minor
            if line.balance != balance:
                raise StatementUnsound(
                    f"{self.account} {self.currency}: {line.entry_id} leads to {line.balance}, "
                    f"not to {balance}"
                )
        if balance != self.closing:
            raise StatementUnsound(
                f"{self.account} {self.currency}: {self.opening} does not lead to {self.closing}"
            )

    @property
    def money_in(self) -> int:
        """All that came in."""
        return sum(line.minor for line in self.lines if line.minor > 0)

    @property
    def money_out(self) -> int:
        """All that went out, none of it positive."""
        return sum(line.minor for line in self.lines if line.minor < 0)

    def then(self, later: Statement) -> Statement:
        """One statement of two that adjoin; raise ``StatementUnsound`` when they do not."""
        ours, theirs = self._whose, later._whose
        if ours != theirs or self.end != later.start or self.closing != later.opening:
            raise StatementUnsound(f"{ours} up to {self.end} does not lead to {theirs}")
        return Statement(
            account=self.account,
            currency=self.currency,
            start=self.start,
            end=later.end,
            opening=self.opening,
            lines=self.lines + later.lines,
            closing=later.closing,
            axis=self.axis,
            booked_at=self.booked_at,
        )

    @property
    def _whose(self) -> tuple[object, ...]:
        return self.account, self.currency, self.axis, self.booked_at


def check_period(start: datetime, end: datetime) -> None:
    """Raise ``PeriodEmpty`` unless there is time between the two."""
    if end <= start:
        raise PeriodEmpty(f"{end.isoformat()} is not after {start.isoformat()}")


def check_axis(axis: Axis, booked_at: datetime | None) -> None:
    """Raise ``AxisUnfit`` for a time of booking beside the time of booking."""
    if booked_at is not None and axis is Axis.BOOKED:
        raise AxisUnfit("a statement by the time of booking ends with its period")
