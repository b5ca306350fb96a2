"""Soft holds kept in MongoDB."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime

from chassis import outbox
from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.money import Money
from chassis.mongo import AggregateRow, Row, collection
from services.matching.holds.documents import HoldDocument
from services.matching.holds.domain import Hold, HoldNotFound, Why


class MongoHolds:
    """The ``Holds`` port over the ``holds`` collection."""

    def get(self, hold_id: str) -> Hold:
        row = collection("holds").find_one({"_id": hold_id})
        if row is None:
            raise HoldNotFound(f"no hold {hold_id}")
        return to_hold(row)

    def get_all(self, hold_ids: Collection[str]) -> dict[str, Hold]:
        found = collection("holds").find({"_id": {"$in": list(hold_ids)}})
        return {row["_id"]: to_hold(row) for row in found}

    def on_lots(self, host_id: str, lot_ids: Collection[str], now: datetime) -> list[Hold]:
        found = collection("holds").find(
            {
                "host_id": host_id,
                "lot_id": {"$in": list(lot_ids)},
                "until": {"$gt": now},
                "claim_id": None,
                "released_at": None,
            }
        )
        return [to_hold(row) for row in found]

    def taken_by(self, claim_ids: Collection[str]) -> list[Hold]:
        found = collection("holds").find({"claim_id": {"$in": list(claim_ids)}}).sort("_id", 1)
        return [to_hold(row) for row in found]

    def save_all(self, decisions: Sequence[Decision[Hold]]) -> None:
        outbox.save_all(
            outbox.Change(_to_row(hold), hold.revision, events, messages)
            for hold, events, messages in decisions
        )


def to_hold(row: Row) -> Hold:
    """The hold of a row."""
    return Hold(
        id=row["_id"],
        host_id=row["host_id"],
        lot_id=row["lot_id"],
        brand_id=row["brand_id"],
        offer_id=row["offer_id"],
        packs=row["packs"],
        subsidy=Money(int(row["subsidy_minor"]), row["currency"]),
        clearing_id=row["clearing_id"],
        why=Why(**row["why"]),
        title=row.get("title", ""),
        placed_at=row["placed_at"],
        until=row["until"],
        is_newcomer=row["is_newcomer"],
        claim_id=row.get("claim_id"),
        released_at=row.get("released_at"),
        revision=Revision(row["version"], row["last_sequence"]),
    )


def _to_row(hold: Hold) -> AggregateRow:
    return AggregateRow(
        HoldDocument,
        id=hold.id,
        host_id=hold.host_id,
        lot_id=hold.lot_id,
        brand_id=hold.brand_id,
        offer_id=hold.offer_id,
        packs=hold.packs,
        subsidy_minor=hold.subsidy.minor,
        currency=hold.subsidy.currency,
        clearing_id=hold.clearing_id,
        why=asdict(hold.why),
        title=hold.title or None,
        placed_at=hold.placed_at,
        until=hold.until,
        is_newcomer=hold.is_newcomer,
        claim_id=hold.claim_id,
        released_at=hold.released_at,
    )
