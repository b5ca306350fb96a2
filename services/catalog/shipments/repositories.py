"""Shipments kept in MongoDB."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from chassis import outbox
from chassis.kernel.decisions import Decision
from chassis.kernel.money import Money
from chassis.mongo import Row, collection
from services.catalog.shipments.documents import ShipmentDocument
from services.catalog.shipments.domain import (
    CountedLine,
    PackedLine,
    Shipment,
    ShipmentNotFound,
    ShipmentState,
)

NAME = "shipments"
WAITING, UNDECIDED = ShipmentState.WAITING.value, ShipmentState.UNDECIDED.value
# A claim that still stands: its goods wait, are prepared, on their way or there.
COMMITTED = [each.value for each in ShipmentState if each is not ShipmentState.CALLED_OFF]
_CLOSED: list[Row] = [{"$match": {"is_open": False}}, {"$project": {"_id": 1}}]
_THAT_CLOSED: list[Row] = [
    {
        "$lookup": {
            "from": "stock_lots",
            "localField": "_id",
            "foreignField": "_id",
            "pipeline": _CLOSED,
            "as": "closed",
        }
    },
    {"$match": {"closed": {"$ne": []}}},
]


class MongoShipments:
    """The ``Shipments`` port over ``shipments``."""

    def get(self, shipment_id: str) -> Shipment:
        document = ShipmentDocument.objects(pk=shipment_id).first()
        if document is None:
            raise ShipmentNotFound(f"no shipment {shipment_id}")
        return _to_domain(document)

    def find(self, shipment_ids: Collection[str]) -> dict[str, Shipment]:
        found = ShipmentDocument.objects(pk__in=sorted(shipment_ids))
        return {document.id: _to_domain(document) for document in found}

    def of_claims(self, claim_ids: Collection[str]) -> list[Shipment]:
        found = ShipmentDocument.objects(claim_id__in=sorted(claim_ids)).order_by("id")
        return [_to_domain(document) for document in found]

    def ripe(self, *, limit: int) -> list[Shipment]:
        # Those whose brand was asked come first: they go with others that make the lot ripe.
        lots = collection(NAME).aggregate(_lots_waiting("$gte"))
        return _of_lots(lots, [UNDECIDED, WAITING], limit)

    def stranded(self, *, limit: int) -> list[Shipment]:
        lots = collection(NAME).aggregate([*_lots_waiting("$lt"), *_THAT_CLOSED])
        return _of_lots(lots, [WAITING], limit)

    def unanswered(self, decide_by: datetime, *, limit: int) -> list[Shipment]:
        found = ShipmentDocument.objects(state=UNDECIDED, decide_by__lte=decide_by)
        return [_to_domain(document) for document in found.order_by("decide_by").limit(limit)]

    def uncounted(self, dispatched_by: datetime, *, limit: int) -> list[Shipment]:
        found = ShipmentDocument.objects(
            state=ShipmentState.DISPATCHED.value, dispatched_at__lte=dispatched_by
        )
        return [_to_domain(document) for document in found.order_by("dispatched_at").limit(limit)]

    def save(self, decision: Decision[Shipment]) -> Shipment:
        shipment, events, messages = decision
        revision = outbox.save(_to_document(shipment), shipment.revision, events, messages)
        return replace(shipment, revision=revision)

    def save_all(self, decisions: Sequence[Decision[Shipment]]) -> None:
        outbox.save_all(
            (_to_document(shipment), shipment.revision, events, messages)
            for shipment, events, messages in decisions
        )


def _of_lots(lots: Iterable[Row], states: Sequence[str], limit: int) -> list[Shipment]:
    """The shipments of these lots in these states, sorted by state."""
    lot_ids = [row["_id"] for row in lots]
    found = ShipmentDocument.objects(lot_id__in=lot_ids, state__in=states)
    found = found.order_by("state", "id").limit(limit)
    return [_to_domain(document) for document in found] if lot_ids else []


def _lots_waiting(compared: str) -> list[dict[str, Any]]:
    """Lots with waiting shipments whose live claims compare so with those they wait for."""
    claims = [
        {"$match": {"state": {"$in": COMMITTED}, "waits_for": {"$gt": 0}}},
        {"$count": "claims"},
    ]
    return [
        {"$match": {"state": WAITING}},
        {"$group": {"_id": "$lot_id", "waits_for": {"$first": "$waits_for"}}},
        {
            "$lookup": {
                "from": NAME,
                "localField": "_id",
                "foreignField": "lot_id",
                "pipeline": claims,
                "as": "committed",
            }
        },
        {"$match": {"$expr": {compared: [{"$sum": "$committed.claims"}, "$waits_for"]}}},
    ]


def _to_document(shipment: Shipment) -> ShipmentDocument:
    return ShipmentDocument(
        id=shipment.id,
        lot_id=shipment.lot_id,
        claim_id=shipment.claim_id,
        brand_id=shipment.brand_id,
        host_id=shipment.host_id,
        packs=shipment.packs,
        units=shipment.units,
        state=shipment.state.value,
        opened_at=shipment.opened_at,
        waits_for=shipment.waits_for,
        decide_by=shipment.decide_by,
        replaces=shipment.replaces,
        carrier=shipment.carrier,
        tracking=shipment.tracking,
        packed=[
            {
                "line": line.line,
                "units": line.units,
                "price_minor": line.unit_price.minor,
                "currency": line.unit_price.currency,
            }
            for line in shipment.packed
        ],
        counted=[
            {"line": line.line, "units": line.units, "unfit": line.unfit}
            for line in shipment.counted
        ],
        dispatched_at=shipment.dispatched_at,
        credit_minor=shipment.credit.minor if shipment.credit is not None else None,
        currency=shipment.credit.currency if shipment.credit is not None else None,
        received_at=shipment.received_at,
        returned=shipment.returned,
        exchanged=shipment.exchanged,
    )


def _to_domain(document: ShipmentDocument) -> Shipment:
    return Shipment(
        id=document.id,
        lot_id=document.lot_id,
        claim_id=document.claim_id,
        brand_id=document.brand_id,
        host_id=document.host_id,
        packs=document.packs,
        units=document.units,
        state=ShipmentState(document.state),
        opened_at=document.opened_at,
        waits_for=document.waits_for,
        decide_by=document.decide_by,
        replaces=document.replaces or "",
        carrier=document.carrier or "",
        tracking=document.tracking or "",
        packed=tuple(
            PackedLine(row["line"], row["units"], Money(row["price_minor"], row["currency"]))
            for row in document.packed
        ),
        counted=tuple(
            CountedLine(row["line"], row["units"], row["unfit"]) for row in document.counted
        ),
        dispatched_at=document.dispatched_at,
        credit=Money(document.credit_minor, document.currency) if document.currency else None,
        received_at=document.received_at,
        returned=document.returned,
        exchanged=document.exchanged,
        revision=document.revision(),
    )
