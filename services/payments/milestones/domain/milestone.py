"""One milestone: proven, objected to, released or returned. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from services.payments.milestones.domain.refusals import (
    NothingToObjectTo,
    NotTheOtherSide,
    NotUnderObjection,
    OtherSideUnheard,
    RuledByHeads,
)
from sharing.terms import Ending, Judge, Milestones

ANSWER_WITHIN = timedelta(days=2)


class Side(StrEnum):
    """Whose money it is about: the one who gives, and the one who gets."""

    BRAND = "brand"
    HOST = "host"


class State(StrEnum):
    """What a milestone waits for; the last two are its ends."""

    WAITING = "waiting"
    PROVEN = "proven"
    OBJECTED = "objected"
    RELEASED = "released"
    RETURNED = "returned"


class By(StrEnum):
    """What ended a milestone: a clock, the neutral rule, or the end of the gathering."""

    SILENCE = "silence"
    UNPROVEN = "unproven"
    HEADS = "heads"
    PLATFORM = "platform"
    DEFAULT = "default"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Objection:
    """A side's reasons, and the other's."""

    side: Side
    organization_id: str
    why: str
    at: datetime
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Ruled:
    """How a milestone ended, by what, when, and in whose words if the platform ruled."""

    ending: Ending
    by: By
    at: datetime
    why: str = ""


@dataclass(frozen=True, slots=True)
class Milestone:
    """A part of a claim's subsidy; ``given`` is what each of its offers has in it.

    ``proven_at`` is when the fact was that proves it; ``heads`` how many were known to have come
    when it ended, None for an advance that was released before anybody could. ``clawed_back``
    says out of which account what it paid was taken again.
    """

    id: str
    name: str
    given: tuple[int, ...]
    proven_at: datetime | None = None
    objection: Objection | None = None
    ruled: Ruled | None = None
    heads: int | None = None
    is_booked: bool = False
    clawed_back: str = ""

    @property
    def state(self) -> State:
        """What it waits for, or how it ended."""
        if self.ruled is not None:
            released = self.ruled.ending is Ending.RELEASE
            return State.RELEASED if released else State.RETURNED
        if self.objection is not None:
            return State.OBJECTED
        return State.PROVEN if self.proven_at is not None else State.WAITING

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.ruled is not None

    def due_at(self, said: Milestones, opened_at: datetime) -> datetime | None:
        """When a clock ends it; None once it is over."""
        if self.ruled is not None:
            return None
        if self.objection is not None:
            return self.objection.at + timedelta(days=said.ruling.days)
        if self.proven_at is not None:
            return self.proven_at + timedelta(days=said.objection_days)
        return opened_at + timedelta(days=said.return_days)

    def prove(self, at: datetime) -> Milestone:
        """The fact is there; again, or once it is over, changes nothing.

        It is what a host who objected has waited for, so her objection has no more matter.
        """
        return (
            self if self.is_over or self.proven_at else replace(self, proven_at=at, objection=None)
        )

    def object(self, objection: Objection, judge: Judge) -> Milestone:
        """Stop the clock that works for the other side, once; raise ``NothingToObjectTo``.

        The same side again changes nothing. Where the count decides, a host has nothing to
        object to: the count comes with the proof that she lacks.
        """
        if self.objection is not None and self.objection.side is objection.side:
            return self
        against = {Side.BRAND: State.PROVEN, Side.HOST: State.WAITING}[objection.side]
        counts = objection.side is Side.HOST and judge is Judge.HEADS
        if self.state is not against or counts:
            raise NothingToObjectTo(f"it is {self.state}", state=str(self.state))
        return replace(self, objection=objection)

    def answer(self, side: Side, why: str) -> Milestone:
        """Give the other side's reasons; later ones take the place of earlier ones.

        Raises ``NotUnderObjection`` or ``NotTheOtherSide``.
        """
        objection = self._objection
        if side is objection.side:
            raise NotTheOtherSide(f"the {side} objected")
        return replace(self, objection=replace(objection, answer=why))

    def rule(self, ruling: Ruled, judge: Judge, heads: int | None) -> Milestone:
        """Decide as the platform, once both sides are heard or had their time.

        Raises ``NotUnderObjection``, ``RuledByHeads`` or ``OtherSideUnheard``.
        """
        objection = self._objection
        if judge is Judge.HEADS:
            raise RuledByHeads
        if not objection.answer and ruling.at < objection.at + ANSWER_WITHIN:
            raise OtherSideUnheard(f"until {(objection.at + ANSWER_WITHIN).isoformat()}")
        return self.end(ruling, heads)

    def end(self, ruled: Ruled, heads: int | None) -> Milestone:
        """End it for good; what ended before stays as it ended."""
        return self if self.is_over else replace(self, ruled=ruled, heads=heads)

    @property
    def _objection(self) -> Objection:
        if self.objection is None or self.is_over:
            raise NotUnderObjection(f"it is {self.state}", state=str(self.state))
        return self.objection
