"""Operations over MongoDB."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from enum import Enum
from typing import Any

from chassis import outbox
from chassis.kernel.decisions import Decision
from chassis.kernel.money import Money
from chassis.mongo import Row, collection
from services.payments.providers.documents import OperationDocument
from services.payments.providers.domain import (
    Collect,
    Earlier,
    Finish,
    Operation,
    Order,
    Part,
    PartyKind,
    PayOut,
    Receiver,
    Refund,
    RegisterParty,
    Retry,
    ReturnSplit,
    Ruling,
    Share,
    Split,
    State,
    Status,
)

_ORDERS: dict[str, Any] = {
    kind.kind.value: kind
    for kind in (RegisterParty, Collect, Split, Finish, ReturnSplit, Refund, PayOut)
}


class MongoOperations:
    """The ``Operations`` port over the ``provider_operations`` collection."""

    def find(self, operation_ids: Sequence[str]) -> dict[str, Operation]:
        """Those of them that there are."""
        if not operation_ids:
            return {}
        found = OperationDocument.objects(pk__in=list(operation_ids))
        return {document.id: to_operation(document) for document in found}

    def save(self, decision: Decision[Operation]) -> Operation:
        """Store the state and its events together, or raise ``Conflict``."""
        operation = decision.state
        revision = outbox.save(_to_document(operation), operation.revision, decision.events)
        return replace(operation, revision=revision)

    def due(self, now: datetime, *, limit: int) -> list[str]:
        """Ids of some that are to be sent or asked about, those first that wait longest."""
        rows = collection("provider_operations").find({"next_at": {"$lte": now}}, {"_id": 1})
        return [row["_id"] for row in rows.sort("next_at", 1).limit(limit)]


def order_row(order: Order) -> Row:
    """An order as plain values."""
    return asdict(order, dict_factory=_plain)


def order_of(kind: str, row: Row) -> Order:
    """The order that ``order_row`` wrote."""
    found: Order = _ORDERS[kind](**{name: _read(name, value) for name, value in row.items()})
    return found


def _plain(pairs: list[tuple[str, Any]]) -> Row:
    return {name: value.value if isinstance(value, Enum) else value for name, value in pairs}


def _receiver(row: Row) -> Receiver:
    return Receiver(**row | {"kind": PartyKind(row["kind"])})


def _read(name: str, value: Any) -> Any:  # noqa: ANN401 - a field of any order
    match name:
        case "receiver" | "payee":
            return _receiver(value)
        case "amount":
            return Money(**value)
        case "collection" | "split":
            return Earlier(**value)
        case "shares":
            return tuple(Share(_receiver(row["receiver"]), row["minor"]) for row in value)
        case _:
            return value


def to_operation(document: OperationDocument) -> Operation:
    """The operation that a document holds."""
    return Operation(
        id=document.id,
        provider=document.provider,
        order=order_of(document.kind, document.order),
        about=document.about,
        planned_at=document.planned_at,
        next_at=document.next_at,
        alarm_at=document.alarm_at,
        after=tuple(document.after),
        due_by=document.due_by,
        state=State(document.state),
        tries=document.tries,
        asks=document.asks,
        sent_at=document.sent_at,
        ended_at=document.ended_at,
        reference=document.reference or "",
        code=document.code or "",
        detail=document.detail or "",
        retry=Retry(document.retry),
        fee=Money(**document.fee) if document.fee else None,
        parts=tuple(_part(row) for row in document.parts),
        alarm=document.alarm or "",
        ruling=_ruling(document.ruling) if document.ruling else None,
        revision=document.revision(),
    )


def _ruling(row: Row) -> Ruling:
    return Ruling(**row | {"outcome": State(row["outcome"])})


def _part(row: Row) -> Part:
    return Part(**row | {"status": Status(row["status"])})


def _to_document(operation: Operation) -> OperationDocument:
    return OperationDocument(
        id=operation.id,
        provider=operation.provider,
        kind=operation.kind.value,
        order=order_row(operation.order),
        about=operation.about,
        planned_at=operation.planned_at,
        next_at=operation.next_at,
        alarm_at=operation.alarm_at,
        after=list(operation.after),
        due_by=operation.due_by,
        state=operation.state.value,
        tries=operation.tries,
        asks=operation.asks,
        sent_at=operation.sent_at,
        ended_at=operation.ended_at,
        reference=operation.reference or None,
        code=operation.code or None,
        detail=operation.detail[:500] or None,
        retry=operation.retry.value,
        fee=asdict(operation.fee) if operation.fee else None,
        parts=[asdict(part, dict_factory=_plain) for part in operation.parts],
        alarm=operation.alarm or None,
        ruling=asdict(operation.ruling, dict_factory=_plain) if operation.ruling else None,
    )
