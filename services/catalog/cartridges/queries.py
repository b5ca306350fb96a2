"""Reads for lists of cartridges: MongoDB to plain rows, no domain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from chassis.mongo import Row, collection
from services.catalog.cartridges.domain import CartridgeNotFound


class CartridgeLists(Protocol):
    """What can be read of the registry."""

    def cartridge(self, cartridge_id: str) -> dict[str, Any]:
        """One cartridge with its versions; raise ``CartridgeNotFound``."""
        ...

    def cartridges(
        self, *, author_id: str | None, digest: str | None, after: str | None, limit: int
    ) -> list[dict[str, Any]]:
        """Cartridges after an id, the oldest first, at most ``limit``."""
        ...

    def named(self, cartridge_ids: Sequence[str]) -> list[dict[str, Any]]:
        """These cartridges, in this order."""
        ...


class MongoCartridgeLists:
    """The ``CartridgeLists`` port over ``cartridges``."""

    def cartridge(self, cartridge_id: str) -> dict[str, Any]:
        row = collection("cartridges").find_one({"_id": cartridge_id})
        if row is None:
            raise CartridgeNotFound(f"no cartridge {cartridge_id}")
        return _named(row)

    def cartridges(
        self, *, author_id: str | None, digest: str | None, after: str | None, limit: int
    ) -> list[dict[str, Any]]:
        where: dict[str, Any] = {"_id": {"$gt": after or ""}}
        if author_id:
            where["author_id"] = author_id
        if digest:
            where["versions.digest"] = digest
        found = collection("cartridges").find(where).sort("_id", 1).limit(limit)
        return [_named(row) for row in found]

    def named(self, cartridge_ids: Sequence[str]) -> list[dict[str, Any]]:
        rows = collection("cartridges").find({"_id": {"$in": list(cartridge_ids)}})
        found = {row["_id"]: _named(row) for row in rows}
        return [found[cartridge_id] for cartridge_id in cartridge_ids]


def _named(row: Row) -> dict[str, Any]:
    return {**row, "id": row["_id"]}
