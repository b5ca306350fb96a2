"""Recorded intents out: what a transaction decided to do elsewhere, done after it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from mongoengine import DateTimeField, DictField, Document, IntField, StringField
from pymongo import InsertOne
from pymongo.errors import PyMongoError

from chassis import context, metrics, nudge
from chassis.kernel.decisions import NotYet
from chassis.kernel.errors import Conflict
from chassis.logging import logger
from chassis.mongo import Row, atomically, collection, on_commit

OPEN, DONE = "open", "done"
BATCH = 100
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.2, 30.0
KEPT = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Executor:
    """How one kind of intent is carried out.

    ``plan`` runs in a transaction and answers what to submit, or raises ``NotYet``;
    ``submit`` runs outside and must be idempotent; ``record`` runs in a transaction with
    what ``submit`` answered. A crash in between begins again with ``plan``, which must
    therefore find what it decided the first time.
    """

    plan: Callable[[Row], Any]
    submit: Callable[[Any], Any]
    record: Callable[[Any, Any], None]


class IntentDocument(Document):
    """Something decided and not yet done elsewhere, or done."""

    meta = {
        "collection": "intents",
        "auto_create_index": False,
        "indexes": [
            {
                "name": "due",
                "fields": ["next_at", "id"],
                "partialFilterExpression": {"state": OPEN},
            },
            {"fields": ["expires_at"], "expireAfterSeconds": 0, "sparse": True},
        ],
    }
    id = StringField(primary_key=True)  # kind:what it is about, so that a repeat is the same
    kind = StringField(required=True)
    body = DictField()
    context = DictField()
    state = StringField(required=True)
    attempts = IntField(required=True)
    next_at = DateTimeField(required=True)
    expires_at = DateTimeField()
    error = StringField()


def record(kind: str, about: str, body: Mapping[str, Any]) -> bool:
    """Intend to do something about a thing once; False when it was intended before.

    Belongs inside the transaction that decided it. ``body`` is JSON.
    """
    name = f"{kind}:{about}"
    if collection("intents").find_one({"_id": name}, {"_id": 1}) is not None:
        return False
    now = context.current()
    row = {
        "_id": name,
        "kind": kind,
        "body": dict(body),
        "context": {"actor": now.actor, "organization": now.organization}
        | {"correlation_id": now.correlation_id, "traceparent": now.traceparent},
        "state": OPEN,
        "attempts": 0,
        "next_at": datetime.now(UTC),
    }
    collection("intents").bulk_write([InsertOne(row)])
    on_commit(nudge.ring)
    return True


class Dispatcher:
    """Carries out open intents, oldest first; one at a time runs for a service.

    An intent that raises ``NotYet``, meets a conflict or finds its peer away waits from
    0.2 s up to 30 s with jitter and is tried again, for ever; others go on meanwhile.
    """

    def __init__(self, executors: Mapping[str, Executor]) -> None:
        self._executors = executors

    def run_once(self) -> int:
        """Carry out what is due; answer how many were done."""
        return sum(self._carry_out(intent) for intent in self._due())

    def _due(self) -> Iterator[Row]:
        found: Sequence[Row] = list(
            collection("intents")
            .find({"state": OPEN, "next_at": {"$lte": datetime.now(UTC)}})
            .sort([("next_at", 1), ("_id", 1)])
            .limit(BATCH)
        )
        yield from found

    def _carry_out(self, intent: Row) -> bool:
        executor = self._executors[intent["kind"]]
        structlog.contextvars.bind_contextvars(intent=intent["_id"])
        try:
            with context.bound(context.Context(**intent["context"])):
                planned = atomically(lambda: executor.plan(intent["body"]))
                answered = executor.submit(planned)
                atomically(lambda: self._finish(intent, executor, planned, answered))
        except (NotYet, Conflict, OSError, PyMongoError) as trouble:
            self._postpone(intent, trouble)
            return False
        except Exception as bug:  # noqa: BLE001 - one broken intent must not stop the others
            logger("dispatcher").error("bug", exc_info=bug)
            metrics.TASK_FAILURES.labels(f"intent:{intent['kind']}").inc()
            self._postpone(intent, bug)
            return False
        finally:
            structlog.contextvars.unbind_contextvars("intent")
        return True

    def _finish(self, intent: Row, executor: Executor, planned: Any, answered: Any) -> None:  # noqa: ANN401 - each executor's own
        executor.record(planned, answered)
        collection("intents").update_one(
            {"_id": intent["_id"]},
            {"$set": {"state": DONE, "expires_at": datetime.now(UTC) + KEPT}},
        )

    def _postpone(self, intent: Row, trouble: Exception) -> None:
        attempts = intent["attempts"] + 1
        longest = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** min(attempts, 10))
        wait = timedelta(seconds=random.uniform(longest / 2, longest))  # noqa: S311 - jitter
        logger("dispatcher").info("intent waits", why=str(trouble), attempts=attempts)
        collection("intents").update_one(
            {"_id": intent["_id"]},
            {
                "$set": {
                    "attempts": attempts,
                    "next_at": datetime.now(UTC) + wait,
                    "error": f"{type(trouble).__name__}: {trouble}",
                }
            },
        )
