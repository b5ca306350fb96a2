"""The sandbox provider's books over MongoDB."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from pymongo import InsertOne, ReturnDocument, UpdateOne
from pymongo.errors import DuplicateKeyError

from chassis.kernel.money import Money
from chassis.mongo import Row, atomically, collection
from services.payments.providers.domain import (
    Kind,
    Order,
    Part,
    RegisterParty,
    Result,
    Retry,
    Stage,
    Status,
)
from services.payments.providers.repositories import order_of, order_row
from services.payments.sandbox.documents import CASES, ENTRIES, FAULTS, NOTICES, SECRETS
from services.payments.sandbox.domain import Beat, Case, Entry, Fault, FaultNotFound, FaultRule
from services.payments.sandbox.use_cases import Notice

KEY_BYTES = 32
ONLY = "webhooks"


class MongoVault:
    """The ``Vault`` and ``Notices`` ports over the collections of the sandbox."""

    def find(self, operation_id: str) -> Entry | None:
        """An operation, if it was taken in."""
        row = collection(ENTRIES).find_one({"_id": operation_id})
        return None if row is None else _entry(row)

    def of_collection(self, collection_id: str) -> list[Entry]:
        """A collection and everything done with it, oldest first."""
        rows = collection(ENTRIES).find({"collection_id": collection_id})
        return [_entry(row) for row in rows.sort("started_at", 1)]

    def registered(self, accounts: Sequence[str]) -> set[str]:
        """Which of these accounts are known."""
        rows = collection(ENTRIES).find({"account": {"$in": list(accounts)}})
        return {row["account"] for row in rows if row["beats"][-1]["status"] == Status.SUCCEEDED}

    def add(self, entry: Entry, notices: Sequence[Notice]) -> Entry:
        """Take in an operation with its messages; answer the one that was there before, if any."""

        def work() -> None:
            collection(ENTRIES).bulk_write([InsertOne(_entry_row(entry))])
            if notices:
                rows = [{"_id": each.id, **_notice_row(each)} for each in notices]
                collection(NOTICES).bulk_write([InsertOne(row) for row in rows])

        def once() -> Entry:
            row = collection(ENTRIES).find_one({"_id": entry.id})
            if row is not None:
                return _entry(row)
            work()
            return entry

        return atomically(once)

    def since(self, start: datetime) -> list[Entry]:
        """Operations taken in from a moment on."""
        rows = collection(ENTRIES).find({"started_at": {"$gte": start}})
        return [_entry(row) for row in rows.sort("started_at", 1)]

    def strike(self, order: Order) -> Fault | None:
        """The fault that is set for an order, used up by one."""
        for rule in MongoFaults().all():
            if rule.fits(order) and _use_up(rule):
                return rule.fault
        return None

    def secret(self) -> bytes:
        """The key of its messages, made when it is first asked for."""
        row = collection(SECRETS).find_one({"_id": ONLY})
        if row is not None:
            return bytes(row["key"])
        fresh = secrets.token_bytes(KEY_BYTES)
        try:
            collection(SECRETS).insert_one({"_id": ONLY, "key": fresh})
        except DuplicateKeyError:
            return self.secret()
        return fresh

    def due(self, now: datetime, *, limit: int) -> list[Notice]:
        """Those whose time has come, earliest first."""
        rows = collection(NOTICES).find({"due_at": {"$lte": now}}).sort("due_at", 1).limit(limit)
        return [
            Notice(row["_id"], row["operation_id"], row["beat"], row["due_at"], row["tries"])
            for row in rows
        ]

    def done(self, notice_id: str) -> None:
        """Never send it again."""
        collection(NOTICES).delete_one({"_id": notice_id})

    def postpone(self, notice_id: str, until: datetime) -> None:
        """Try it once more, and count that."""
        change = {"$set": {"due_at": until}, "$inc": {"tries": 1}}
        collection(NOTICES).update_one({"_id": notice_id}, change)


class MongoDocket:
    """The ``Docket`` port over the ``sandbox_disputes`` collection."""

    def find(self, reference: str) -> Case | None:
        """A dispute, if there is one."""
        row = collection(CASES).find_one({"_id": reference})
        if row is None:
            return None
        return Case(
            reference=row["_id"],
            sale_id=row["sale_id"],
            amount=Money(**row["amount"]),
            fee=Money(**row["fee"]),
            reason=row["reason"],
            evidence_due=row["evidence_due"],
            evidence=row["evidence"],
            ruling=Stage(row["ruling"]) if row["ruling"] else None,
        )

    def save(self, case: Case, notices: Sequence[Notice] = ()) -> None:
        """Keep it as it is now, with the messages that tell of it."""
        row = asdict(case) | {"ruling": case.ruling.value if case.ruling else None}
        del row["reference"]
        changes = [
            UpdateOne({"_id": each.id}, {"$setOnInsert": _notice_row(each)}, upsert=True)
            for each in notices
        ]

        def work() -> None:
            collection(CASES).replace_one({"_id": case.reference}, row, upsert=True)
            if changes:
                collection(NOTICES).bulk_write(changes)

        atomically(work)


class MongoFaults:
    """The ``Faults`` port over the ``sandbox_faults`` collection."""

    def all(self) -> list[FaultRule]:
        """Those not used up, oldest first."""
        return [
            FaultRule(
                id=row["_id"],
                fault=Fault(row["fault"]),
                kind=Kind(row["kind"]) if row["kind"] else None,
                party_id=row["party_id"],
                times=row["times"],
            )
            for row in collection(FAULTS).find({"times": {"$gt": 0}}).sort("_id", 1)
        ]

    def add(self, rule: FaultRule) -> None:
        """Set one."""
        row = {
            "_id": rule.id,
            "fault": rule.fault.value,
            "kind": rule.kind.value if rule.kind else None,
            "party_id": rule.party_id,
            "times": rule.times,
        }
        collection(FAULTS).insert_one(row)

    def remove(self, rule_id: str) -> None:
        """Take one away; raise ``FaultNotFound``."""
        if not collection(FAULTS).delete_one({"_id": rule_id}).deleted_count:
            raise FaultNotFound(f"no fault {rule_id}")


def _use_up(rule: FaultRule) -> bool:
    left = collection(FAULTS).find_one_and_update(
        {"_id": rule.id, "times": {"$gt": 0}},
        {"$inc": {"times": -1}},
        return_document=ReturnDocument.AFTER,
    )
    if left is not None and not left["times"]:
        collection(FAULTS).delete_one({"_id": rule.id, "times": 0})
    return left is not None


def _entry_row(entry: Entry) -> Row:
    order = entry.order
    earlier = getattr(order, "collection", None)
    return {
        "_id": entry.id,
        "kind": order.kind.value,
        "order": order_row(order),
        "collection_id": earlier.id if earlier else entry.id,
        "account": order.receiver.account if isinstance(order, RegisterParty) else None,
        "started_at": entry.started_at,
        "beats": [
            {"after_seconds": beat.after.total_seconds(), **_result_row(beat.result)}
            for beat in entry.beats
        ],
        "is_forgotten": entry.is_forgotten,
    }


def _result_row(result: Result) -> Row:
    def plain(pairs: list[tuple[str, Any]]) -> Row:
        return {name: each.value if isinstance(each, Enum) else each for name, each in pairs}

    return asdict(result, dict_factory=plain)


def _entry(row: Row) -> Entry:
    return Entry(
        id=row["_id"],
        order=order_of(row["kind"], row["order"]),
        started_at=row["started_at"],
        beats=tuple(
            Beat(timedelta(seconds=beat["after_seconds"]), _result(beat)) for beat in row["beats"]
        ),
        is_forgotten=row["is_forgotten"],
    )


def _result(row: Row) -> Result:
    return Result(
        status=Status(row["status"]),
        reference=row["reference"],
        code=row["code"],
        detail=row["detail"],
        retry=Retry(row["retry"]),
        amount=Money(**row["amount"]) if row["amount"] else None,
        parts=tuple(Part(**each | {"status": Status(each["status"])}) for each in row["parts"]),
    )


def _notice_row(notice: Notice) -> Row:
    row = asdict(notice)
    del row["id"]
    return row
