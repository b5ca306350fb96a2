"""What a saga does next: pure decisions over its steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from chassis.kernel.decisions import Message
from chassis.kernel.ids import derived_id

TIMED_OUT = "timed-out"
LONGEST_PATIENCE = timedelta(hours=1)
HISTORY_LENGTH = 50


class SagaState(StrEnum):
    """Where a saga stands; the last two are ends."""

    RUNNING = "running"
    COMPENSATING = "compensating"
    COMPLETED = "completed"
    FAILED = "failed"


class Meaning(StrEnum):
    """What an answer says about its step."""

    DONE = "done"
    REFUSED = "refused"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Saga:
    """One saga: what it knows, what stands, what it waits for."""

    id: str
    kind: str
    state: SagaState = SagaState.RUNNING
    step: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    standing: tuple[str, ...] = ()
    undoing: tuple[str, ...] = ()
    request_id: str = ""
    rounds: int = 0
    attempts: int = 0
    deadline_at: datetime | None = None
    code: str = ""
    detail: str = ""
    announced: bool = False
    history: tuple[Mapping[str, Any], ...] = ()
    version: int = 0


Ask = Callable[[Saga, str, datetime], Message]
"""Builds a command for a saga: its id must be the second argument, its correlation the saga."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One request to another service, its answers, and how to take it back.

    ``keep`` names the fields of the ``done`` answer that later steps need. A request
    without an answer is sent again every ``answer_within``; after ``attempts`` its
    outcome counts as unknown and the saga turns round, never when ``attempts`` is None.
    """

    name: str
    ask: Ask
    done: str
    refused: str = ""
    undo: Ask | None = None
    undone: str = ""
    keep: tuple[str, ...] = ()
    answer_within: timedelta = timedelta(seconds=30)
    attempts: int | None = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The steps of one kind of saga, and what its end means to the service that keeps it."""

    kind: str
    steps: tuple[Step, ...]
    completed: Callable[[Sequence[Saga]], None]
    failed: Callable[[Sequence[Saga]], None]

    def named(self, name: str) -> Step:
        """The step of this name."""
        return next(step for step in self.steps if step.name == name)

    def meaning(self, answer_type: str) -> tuple[Step, Meaning] | None:
        """Which step an answer speaks of, and what it says."""
        for step in self.steps:
            for text, meaning in (
                (step.done, Meaning.DONE),
                (step.refused, Meaning.REFUSED),
                (step.undone, Meaning.UNDONE),
            ):
                if text == answer_type:
                    return step, meaning
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What follows: the next state, a command to send or one to send again.

    ``ended`` is true the one time the saga reaches its end.
    """

    saga: Saga
    messages: tuple[Message, ...] = ()
    resend: str = ""
    ended: bool = False


def begin(plan: Plan, saga_id: str, data: Mapping[str, Any], *, now: datetime) -> Turn:
    """Start a saga with its first request."""
    return _ask(Saga(id=saga_id, kind=plan.kind, data=dict(data)), plan.steps[0], now)


def answer(
    plan: Plan, saga: Saga, answer_type: str, data: Mapping[str, Any], *, now: datetime
) -> Turn | None:
    """Take an answer in; None when it changes nothing."""
    found = plan.meaning(answer_type)
    if found is None:
        return None
    step, meaning = found
    if saga.state is SagaState.RUNNING:
        return _forward(plan, saga, step, meaning, data, now)
    if saga.state is SagaState.COMPLETED:
        return None
    if meaning is Meaning.DONE:
        return _late(plan, saga, step, data, now)
    if meaning is Meaning.UNDONE and saga.undoing[:1] == (step.name,):
        noted = _noted(saga, step.name, "undone", now)
        return _undo_next(plan, replace(noted, undoing=saga.undoing[1:]), now)
    return None


def cancel(plan: Plan, saga: Saga, code: str, detail: str, *, now: datetime) -> Turn | None:
    """Turn a running saga round for a reason of our own; None when it is past that."""
    if saga.state is not SagaState.RUNNING:
        return None
    unknown = (saga.step,)
    return _turn_round(plan, saga, unknown, (code, detail), now)


def overdue(plan: Plan, saga: Saga, *, now: datetime) -> Turn | None:
    """What to do when the deadline passed: ask again, or turn round."""
    if saga.state not in {SagaState.RUNNING, SagaState.COMPENSATING}:
        return None
    step = plan.named(saga.step)
    running = saga.state is SagaState.RUNNING
    if running and step.attempts is not None and saga.attempts >= step.attempts:
        why = (TIMED_OUT, f"no answer to {step.name} in {saga.attempts} attempts")
        return _turn_round(plan, saga, (step.name,), why, now)
    patience = min(step.answer_within * 2 ** min(saga.attempts, 10), LONGEST_PATIENCE)
    again = replace(
        _noted(saga, step.name, "asked again", now),
        attempts=saga.attempts + 1,
        deadline_at=now + (step.answer_within if running else patience),
    )
    return Turn(saga=again, resend=saga.request_id)


def _forward(
    plan: Plan, saga: Saga, step: Step, meaning: Meaning, data: Mapping[str, Any], now: datetime
) -> Turn | None:
    if step.name != saga.step or meaning is Meaning.UNDONE:
        return None
    if meaning is Meaning.REFUSED:
        why = (str(data.get("code", "refused")), str(data.get("detail", "")))
        return _turn_round(plan, _noted(saga, step.name, "refused", now), (), why, now)
    after = replace(
        _noted(saga, step.name, "done", now),
        data=_learned(saga, step, data),
        standing=(*saga.standing, step.name),
    )
    following = plan.steps[plan.steps.index(step) + 1 :]
    if following:
        return _ask(after, following[0], now)
    return _end(after, SagaState.COMPLETED, now)


def _late(
    plan: Plan, saga: Saga, step: Step, data: Mapping[str, Any], now: datetime
) -> Turn | None:
    """A step turned out done after the turn: undo it, again if that was asked before."""
    if step.undo is None or step.name in saga.undoing[1:]:
        return None
    after = replace(
        _noted(saga, step.name, "done late", now),
        data=_learned(saga, step, data),
        undoing=(*saga.undoing, step.name),
    )
    if saga.undoing:
        return Turn(saga=after)
    return _undo_next(plan, replace(after, state=SagaState.COMPENSATING), now)


def _turn_round(
    plan: Plan, saga: Saga, unknown: tuple[str, ...], why: tuple[str, str], now: datetime
) -> Turn:
    names = unknown + tuple(reversed(saga.standing))
    undoing = tuple(name for name in names if plan.named(name).undo is not None)
    code, detail = why
    turned = replace(saga, state=SagaState.COMPENSATING, undoing=undoing, code=code, detail=detail)
    return _undo_next(plan, _noted(turned, saga.step, f"turned round: {code}", now), now)


def _undo_next(plan: Plan, saga: Saga, now: datetime) -> Turn:
    if not saga.undoing:
        return _end(saga, SagaState.FAILED, now)
    step = plan.named(saga.undoing[0])
    if step.undo is None:
        return _undo_next(plan, replace(saga, undoing=saga.undoing[1:]), now)
    rounds = saga.rounds + 1
    message_id = derived_id("msg", saga.id, step.name, "undo", str(rounds))
    after = replace(
        saga,
        step=step.name,
        rounds=rounds,
        request_id=message_id,
        attempts=1,
        deadline_at=now + step.answer_within,
    )
    return Turn(saga=after, messages=(step.undo(after, message_id, now),))


def _ask(saga: Saga, step: Step, now: datetime) -> Turn:
    message_id = derived_id("msg", saga.id, step.name, "ask")
    after = replace(
        _noted(saga, step.name, "asked", now),
        step=step.name,
        request_id=message_id,
        attempts=1,
        deadline_at=now + step.answer_within,
    )
    return Turn(saga=after, messages=(step.ask(after, message_id, now),))


def _end(saga: Saga, state: SagaState, now: datetime) -> Turn:
    after = replace(
        _noted(saga, saga.step, state.value, now),
        state=state,
        deadline_at=None,
        announced=True,
    )
    return Turn(saga=after, ended=not saga.announced)


def _learned(saga: Saga, step: Step, data: Mapping[str, Any]) -> dict[str, Any]:
    return {**saga.data, **{name: data[name] for name in step.keep if name in data}}


def _noted(saga: Saga, step: str, what: str, now: datetime) -> Saga:
    line = {"at": now, "step": step, "what": what}
    return replace(saga, history=(*saga.history, line)[-HISTORY_LENGTH:])
