"""Sagas in MongoDB: started, answered and swept in the caller's transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from functools import partial
from typing import Any

from mongoengine import BooleanField, DateTimeField, Document, StringField
from pymongo import InsertOne, ReplaceOne

from chassis import crash, metrics, outbox
from chassis.context import bound
from chassis.envelope import Event
from chassis.inbox import Handle
from chassis.kernel.time import Clock, system_clock
from chassis.mongo import Row, atomically, collection, on_commit
from chassis.saga.steps import Plan, Saga, SagaState, Turn, answer, begin, cancel, overdue

_OPEN = {SagaState.RUNNING, SagaState.COMPENSATING}
_NAMES = tuple(part.name for part in fields(Saga) if part.name != "id")


class SagaDocument(Document):
    """One saga; the other fields are those of ``Saga``."""

    meta = {
        "collection": "sagas",
        "auto_create_index": False,
        "strict": False,
        "indexes": [
            {"fields": ["kind", "deadline_at"], "partialFilterExpression": {"open": True}},
        ],
    }
    id = StringField(primary_key=True)
    kind = StringField(required=True)
    open = BooleanField(required=True)
    deadline_at = DateTimeField()


class Sagas:
    """All the sagas a service keeps, by plan.

    ``clock`` times the answers of machines, so it is the real one even where the domain's
    clock can be moved.
    """

    def __init__(self, plans: Iterable[Plan], clock: Clock = system_clock) -> None:
        self._plans = {plan.kind: plan for plan in plans}
        self._clock = clock

    def start(self, kind: str, saga_id: str, data: Mapping[str, Any]) -> Saga:
        """Store a new saga and send its first request; ``data`` is in JSON's types.

        Raises ``Conflict`` when it exists.
        """
        (saga,) = self.start_all(kind, [(saga_id, data)])
        return saga

    def start_all(self, kind: str, wanted: Iterable[tuple[str, Mapping[str, Any]]]) -> list[Saga]:
        """Start many of one kind in two round trips."""
        now = self._clock()
        turns = [begin(self._plans[kind], saga_id, data, now=now) for saga_id, data in wanted]
        return atomically(lambda: self._store(turns))

    def get(self, saga_id: str) -> Saga | None:
        """One saga as it stands."""
        return self._load([saga_id]).get(saga_id)

    def cancel(self, saga_id: str, code: str, detail: str = "") -> bool:
        """Turn a running saga round; answer whether it still could be."""

        def work() -> bool:
            saga = self.get(saga_id)
            turn = saga and cancel(self._plans[saga.kind], saga, code, detail, now=self._clock())
            if not turn:
                return False
            self._store([turn])
            return True

        return atomically(work)

    def handlers(self) -> dict[str, Handle]:
        """A handler for every answer the plans know."""
        types = {
            answer_type
            for plan in self._plans.values()
            for step in plan.steps
            for answer_type in (step.done, step.refused, step.undone)
            if answer_type
        }
        return dict.fromkeys(types, self._take)

    def sweep(self, limit: int = 200) -> int:
        """Deal with sagas past their deadline; answer how many there were."""
        handled = 0
        for kind, plan in self._plans.items():
            late = collection("sagas").find(
                {"kind": kind, "open": True, "deadline_at": {"$lte": self._clock()}}, {"_id": 1}
            )
            ids = [row["_id"] for row in late.limit(limit)]
            metrics.SAGAS_OVERDUE.labels(kind).set(len(ids))
            for saga_id in ids:
                handled += atomically(self._nudging(plan, saga_id))
        self._measure()
        return handled

    def _nudging(self, plan: Plan, saga_id: str) -> Callable[[], int]:
        def work() -> int:
            saga, now = self.get(saga_id), self._clock()
            if saga is None or saga.deadline_at is None or saga.deadline_at > now:
                return 0
            turn = overdue(plan, saga, now=now)
            if turn is not None:
                self._store([turn])
            return 1

        return work

    def _take(self, events: Sequence[Event]) -> None:
        """Take a run of answers in; several may belong to one saga."""
        sagas = self._load(event.correlation_id or "" for event in events)
        now = self._clock()
        turns: list[Turn] = []
        for event in events:
            saga = sagas.get(event.correlation_id or "")
            plan = saga and self._plans.get(saga.kind)
            turn = saga and plan and answer(plan, saga, event.type, event.data, now=now)
            if turn:
                turns.append(turn)
                sagas[turn.saga.id] = turn.saga
                with bound(event.context):
                    outbox.append(messages=turn.messages)
        self._store([replace(turn, messages=()) for turn in turns])

    def _load(self, saga_ids: Iterable[str]) -> dict[str, Saga]:
        found = collection("sagas").find({"_id": {"$in": list(saga_ids)}})
        return {row["_id"]: _to_saga(row) for row in found}

    def _store(self, turns: Sequence[Turn]) -> list[Saga]:
        """Write the last state of each saga once, send, and announce the ends."""
        if not turns:
            return []
        latest = {turn.saga.id: turn.saga for turn in turns}
        outbox.write("sagas", [_write_of(saga) for saga in latest.values()])
        outbox.append(messages=[message for turn in turns for message in turn.messages])
        outbox.send_again([turn.resend for turn in turns if turn.resend])
        self._announce([turn.saga for turn in turns if turn.ended])
        for turn in turns:
            crash.point(f"S.{turn.saga.step}.{turn.saga.state}")
        return [replace(saga, version=saga.version + 1) for saga in latest.values()]

    def _announce(self, ended: Sequence[Saga]) -> None:
        for kind, plan in self._plans.items():
            of_kind = [saga for saga in ended if saga.kind == kind]
            completed = [saga for saga in of_kind if saga.state is SagaState.COMPLETED]
            failed = [saga for saga in of_kind if saga.state is SagaState.FAILED]
            if completed:
                plan.completed(completed)
                _count_ends(kind, "completed", len(completed))
            if failed:
                plan.failed(failed)
                _count_ends(kind, "failed", len(failed))

    def _measure(self) -> None:
        rows = collection("sagas").find({"open": True}, {"kind": 1, "step": 1}).limit(10_000)
        counted = Counter((row["kind"], row["step"]) for row in rows)
        for kind, plan in self._plans.items():
            for step in plan.steps:
                metrics.SAGAS_OPEN.labels(kind, step.name).set(counted[kind, step.name])


def _count_ends(kind: str, state: str, count: int) -> None:
    on_commit(partial(metrics.SAGAS_ENDED.labels(kind, state).inc, count))


def _to_saga(row: Row) -> Saga:
    return Saga(
        id=row["_id"],
        **{name: _frozen(row[name]) for name in _NAMES if name != "state"},
        state=SagaState(row["state"]),
    )


def _frozen(value: object) -> Any:  # noqa: ANN401 - whatever the field holds
    return tuple(value) if isinstance(value, list) else value


def _write_of(saga: Saga) -> InsertOne[Row] | ReplaceOne[Row]:
    row: Row = {name: getattr(saga, name) for name in _NAMES}
    row |= {"_id": saga.id, "state": saga.state.value, "open": saga.state in _OPEN}
    row["version"] = saga.version + 1
    if saga.version == 0:
        return InsertOne(row)
    return ReplaceOne({"_id": saga.id, "version": saga.version}, row)
