"""Reads for lists of sales: MongoDB to plain rows, no domain."""

from __future__ import annotations

from typing import Any, Protocol

from chassis.mongo import Row, collection


class SaleLists(Protocol):
    """What can be listed of sales."""

    def of_gathering(
        self, gathering_id: str, *, after: str | None, limit: int
    ) -> list[dict[str, Any]]:
        """The sales of a gathering after an id, in the order they were made."""
        ...


class MongoSaleLists:
    """The ``SaleLists`` port over the ``sales`` collection."""

    def of_gathering(
        self, gathering_id: str, *, after: str | None, limit: int
    ) -> list[dict[str, Any]]:
        wanted = {"gathering_id": gathering_id, "_id": {"$gt": after or ""}}
        return [
            _reply(row) for row in collection("sales").find(wanted).sort("_id", 1).limit(limit)
        ]


def _reply(row: Row) -> dict[str, Any]:
    currency = row["currency"]
    parts = [
        part | {"amount": {"minor": part["amount_minor"], "currency": currency}}
        for part in row.get("refunds", ())
    ]
    back = sum(part["amount_minor"] for part in parts if part["state"] != "refused")
    return row | {
        "id": row["_id"],
        "amount": {"minor": row["amount_minor"], "currency": currency},
        "rest": {"minor": row["amount_minor"] - back, "currency": currency},
        "refunds": parts,
    }
