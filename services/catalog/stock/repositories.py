"""Reservations kept in MongoDB beside the lots they are of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import InsertOne, ReplaceOne

from chassis import outbox
from chassis.kernel.decisions import Decision, Message
from chassis.mongo import Row, collection
from services.catalog.lots.use_cases import Lots
from services.catalog.stock.domain import Reservation, ReservationState, Shelf, reservation_id
from services.catalog.stock.use_cases import Place

LIVE = (ReservationState.RESERVED.value, ReservationState.SHIPPED.value)
NAME = "reservations"


class MongoStock:
    """The ``Stock`` port over ``reservations`` and the lots.

    Every change of a reservation that moves packs saves its lot too, so that the lot's
    version keeps two runs from selling the same packs.
    """

    def __init__(self, lots: Lots) -> None:
        self._lots = lots

    def shelves(self, places: Sequence[Place]) -> dict[str, Shelf]:
        lots = self._lots.find({place.lot_id for place in places})
        known = _reservations(places)
        held = _held(places)
        return {
            lot_id: Shelf(lot, known.get(lot_id, {}), held.get(lot_id, {}))
            for lot_id, lot in lots.items()
        }

    def has_shipped(self, lot_id: str, host_id: str) -> bool:
        shipped = {"lot_id": lot_id, "host_id": host_id, "state": ReservationState.SHIPPED.value}
        return any(row["packs"] > row["returned"] for row in collection(NAME).find(shipped))

    def overdue(self, at: datetime, *, limit: int) -> list[Place]:
        found = (
            collection(NAME)
            .find({"state": ReservationState.RESERVED.value, "expires_at": {"$lte": at}})
            .sort("expires_at", 1)
            .limit(limit)
        )
        return [Place(row["lot_id"], row["claim_id"]) for row in found]

    def save_all(self, decisions: Sequence[Decision[Shelf]], answers: Sequence[Message]) -> None:
        moved = [Decision(shelf.lot, events) for shelf, events, _ in decisions if shelf.lot.fresh]
        self._lots.save_all(moved)
        writes = [
            _write_of(shelf.reservations[claim_id])
            for shelf, _, _ in decisions
            for claim_id in sorted(shelf.changed)
        ]
        if writes:
            collection(NAME).bulk_write(writes)
        outbox.append(messages=answers)


def _reservations(places: Sequence[Place]) -> dict[str, dict[str, Reservation]]:
    """The reservations of these claims, by lot and claim."""
    ids = sorted({reservation_id(place.claim_id, place.lot_id) for place in places})
    found: dict[str, dict[str, Reservation]] = defaultdict(dict)
    for row in collection(NAME).find({"_id": {"$in": ids}}):
        found[row["lot_id"]][row["claim_id"]] = _to_domain(row)
    return found


def _held(places: Sequence[Place]) -> dict[str, dict[str, int]]:
    """How many packs these hosts hold, by lot and host."""
    hosts = {place.host_id for place in places if place.host_id}
    if not hosts:
        return {}
    wanted = {
        "lot_id": {"$in": sorted({place.lot_id for place in places})},
        "host_id": {"$in": sorted(hosts)},
        "state": {"$in": LIVE},
    }
    packs = {"$sum": {"$subtract": ["$packs", "$returned"]}}
    stages: list[Mapping[str, Any]] = [
        {"$match": wanted},
        {"$group": {"_id": {"lot": "$lot_id", "host": "$host_id"}, "packs": packs}},
    ]
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for row in collection(NAME).aggregate(stages):
        found[row["_id"]["lot"]][row["_id"]["host"]] = row["packs"]
    return found


def _write_of(reservation: Reservation) -> InsertOne[Row] | ReplaceOne[Row]:
    row = _to_row(reservation)
    if reservation.is_stored:
        return ReplaceOne({"_id": row["_id"]}, row)
    return InsertOne(row)


def _to_row(reservation: Reservation) -> Row:
    return {
        "_id": reservation.id,
        "lot_id": reservation.lot_id,
        "claim_id": reservation.claim_id,
        "host_id": reservation.host_id,
        "state": reservation.state.value,
        "packs": reservation.packs,
        "returned": reservation.returned,
        "refunds": list(reservation.refunds),
        "expires_at": reservation.expires_at,
        "by_newcomer": reservation.by_newcomer,
        "code": reservation.code,
        "detail": reservation.detail,
    }


def _to_domain(row: Mapping[str, Any]) -> Reservation:
    return Reservation(
        id=row["_id"],
        lot_id=row["lot_id"],
        claim_id=row["claim_id"],
        state=ReservationState(row["state"]),
        host_id=row["host_id"],
        packs=row["packs"],
        returned=row["returned"],
        refunds=tuple(row["refunds"]),
        expires_at=row["expires_at"],
        by_newcomer=row.get("by_newcomer", False),
        code=row["code"],
        detail=row["detail"],
        is_stored=True,
    )
