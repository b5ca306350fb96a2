"""Clearings and their assignments kept in MongoDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import timedelta

from pymongo import ReplaceOne, UpdateOne

from chassis import outbox
from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.ids import made_at
from chassis.kernel.money import Money
from chassis.mongo import Row, collection
from services.matching.clearings.documents import ClearingDocument
from services.matching.clearings.domain import (
    Assignment,
    Certificate,
    Clearing,
    ClearingNotFound,
    Evidence,
    Fate,
    Figures,
    Order,
    Outcome,
    Result,
    Stage,
    Valuation,
)
from services.matching.clearings.engine.clear import Rule
from services.matching.clearings.engine.takeup import Group, TakeUp
from services.matching.holds.domain import Why

ASSIGNMENTS = "clearing_assignments"
DEMANDS = "clearing_demands"
WRITTEN_AT_ONCE = 1_000
KEPT_FOR = timedelta(days=400)


class MongoClearings:
    """The ``Clearings`` port over the ``clearings`` collection."""

    def get(self, clearing_id: str) -> Clearing:
        found = self.find(clearing_id)
        if found is None:
            raise ClearingNotFound(f"no clearing {clearing_id}")
        return found

    def find(self, clearing_id: str) -> Clearing | None:
        row = collection("clearings").find_one({"_id": clearing_id})
        return to_clearing(row) if row else None

    def of_period(self, period: str) -> Clearing | None:
        row = collection("clearings").find_one({"takes_period": period})
        return to_clearing(row) if row else None

    def waiting(self) -> Clearing | None:
        row = collection("clearings").find_one({"open": True}, sort=[("_id", 1)])
        return to_clearing(row) if row else None

    def save(self, decision: Decision[Clearing]) -> Clearing:
        clearing, events, messages = decision
        revision = outbox.save(_to_document(clearing), clearing.revision, events, messages)
        return replace(clearing, revision=revision)

    def tell(self, clearing_id: str, stage: Stage, done: int, total: int) -> bool:
        told = collection("clearings").update_one(
            {"_id": clearing_id, "open": True},
            {"$set": {"stage": stage.value, "done": done, "total": total}},
        )
        return told.matched_count > 0


class MongoAssignments:
    """The ``Assignments`` port over the ``clearing_assignments`` collection."""

    def put(self, assignments: Sequence[Assignment]) -> None:
        writes = [ReplaceOne({"_id": each.id}, _row_of(each), upsert=True) for each in assignments]
        for first in range(0, len(writes), WRITTEN_AT_ONCE):
            collection(ASSIGNMENTS).bulk_write(writes[first : first + WRITTEN_AT_ONCE])

    def lots(self, clearing_id: str, attempt: int) -> list[str]:
        found = collection(ASSIGNMENTS).aggregate(
            [{"$match": _of(clearing_id, attempt)}, {"$group": {"_id": "$lot_id"}}]
        )
        return sorted(row["_id"] for row in found)

    def proposed(self, clearing_id: str, attempt: int, *, limit: int) -> list[Assignment]:
        wanted = _of(clearing_id, attempt) | {"fate": Fate.PROPOSED.value}
        found = collection(ASSIGNMENTS).find(wanted).sort([("lot_id", 1), ("_id", 1)])
        return [to_assignment(row) for row in found.limit(limit)]

    def decide(self, assignments: Sequence[Assignment]) -> None:
        writes = [UpdateOne({"_id": each.id}, {"$set": _fate_of(each)}) for each in assignments]
        if writes:
            collection(ASSIGNMENTS).bulk_write(writes)

    def held(self, clearing_id: str, attempt: int) -> int:
        wanted = _of(clearing_id, attempt) | {"fate": Fate.HELD.value}
        return collection(ASSIGNMENTS).count_documents(wanted)

    def forget_others(self, clearing_id: str, attempt: int) -> None:
        others = {"clearing_id": clearing_id, "attempt": {"$ne": attempt}}
        collection(ASSIGNMENTS).delete_many(others)

    def put_demand(self, clearing_id: str, attempt: int, points: Mapping[str, int]) -> None:
        row = {
            "clearing_id": clearing_id,
            "points": dict(points),
            "expires_at": made_at(clearing_id) + KEPT_FOR,
        }
        key = {"_id": _demand_id(clearing_id, attempt)}
        collection(DEMANDS).replace_one(key, row, upsert=True)

    def demand(self, clearing_id: str, attempt: int) -> dict[str, int]:
        row = collection(DEMANDS).find_one({"_id": _demand_id(clearing_id, attempt)})
        return row["points"] if row else {}


def to_clearing(row: Row) -> Clearing:
    """The clearing of a row."""
    order = row["order"]
    return Clearing(
        id=row["_id"],
        order=_order(order),
        asked_by=row["asked_by"],
        asked_at=row["asked_at"],
        stage=Stage(row["stage"]),
        done=row["done"],
        total=row["total"],
        attempts=row["attempts"],
        result=_result(row.get("result")),
        held=row["held"],
        ended_at=row.get("ended_at"),
        failure=row.get("failure"),
        revision=Revision(row["version"], row["last_sequence"]),
    )


def to_assignment(row: Row) -> Assignment:
    """The assignment of a row."""
    return Assignment(
        clearing_id=row["clearing_id"],
        attempt=row["attempt"],
        host_id=row["host_id"],
        has_record=row["has_record"],
        lot_id=row["lot_id"],
        title=row["title"],
        brand_id=row["brand_id"],
        offer_id=row["offer_id"],
        subsidy=Money(int(row["subsidy_minor"]), row["currency"]),
        why=Why(**row["why"]),
        fate=Fate(row["fate"]),
        refusal=row["refusal"],
        held_until=row.get("held_until"),
    )


def _order(row: Row) -> Order:
    """Those of before anybody asked brands have no valuation."""
    valuation = Valuation(row.get("valuation", Valuation.HOST))
    return Order(**row | {"rule": Rule(row["rule"]), "valuation": valuation})


def _result(row: Row | None) -> Result | None:
    if row is None:
        return None
    figures = row["figures"]
    return Result(
        certificate=Certificate(**row["certificate"]),
        figures=Figures(
            **figures | {name: Outcome(**figures[name]) for name in ("cleared", "first_come")}
        ),
        attempt=row["attempt"],
        evidence=_evidence(row.get("evidence")),
    )


def _evidence(row: Row | None) -> Evidence | None:
    """Clearings of before anybody looked at it have none."""
    if row is None:
        return None
    taken = row["take_up"]
    groups = tuple(Group(**each) for each in taken["groups"])
    return Evidence(**row | {"take_up": TakeUp(**taken | {"groups": groups})})


def _demand_id(clearing_id: str, attempt: int) -> str:
    return f"{clearing_id}:{attempt}"


def _of(clearing_id: str, attempt: int) -> Row:
    return {"clearing_id": clearing_id, "attempt": attempt}


def _to_document(clearing: Clearing) -> ClearingDocument:
    order, stage = clearing.order, clearing.stage
    has_period = not order.dry_run and stage is not Stage.FAILED
    return ClearingDocument(
        id=clearing.id,
        order=asdict(order) | {"rule": order.rule.value, "valuation": order.valuation.value},
        takes_period=order.period if has_period else None,
        asked_by=clearing.asked_by,
        asked_at=clearing.asked_at,
        open=None if stage.has_ended else True,
        stage=stage.value,
        done=clearing.done,
        total=clearing.total,
        attempts=clearing.attempts,
        result=asdict(clearing.result) if clearing.result else None,
        held=clearing.held,
        ended_at=clearing.ended_at,
        failure=clearing.failure,
    )


def _row_of(assignment: Assignment) -> Row:
    return {
        "clearing_id": assignment.clearing_id,
        "attempt": assignment.attempt,
        "host_id": assignment.host_id,
        "has_record": assignment.has_record,
        "lot_id": assignment.lot_id,
        "title": assignment.title,
        "brand_id": assignment.brand_id,
        "offer_id": assignment.offer_id,
        "subsidy_minor": assignment.subsidy.minor,
        "currency": assignment.subsidy.currency,
        "why": asdict(assignment.why),
        **_fate_of(assignment),
        "expires_at": made_at(assignment.clearing_id) + KEPT_FOR,
    }


def _fate_of(assignment: Assignment) -> Row:
    return {
        "fate": assignment.fate.value,
        "refusal": assignment.refusal,
        "held_until": assignment.held_until,
    }
