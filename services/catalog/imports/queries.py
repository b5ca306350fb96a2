"""Reads for lists of imports and their bad lines: MongoDB to plain rows, no domain."""

from __future__ import annotations

from typing import Any, Protocol

from chassis.mongo import collection


class ImportLists(Protocol):
    """What can be listed of imports."""

    def of_brand(self, brand_id: str, *, after: str | None, limit: int) -> list[dict[str, Any]]:
        """A brand's imports after an id, the oldest first, at most ``limit``."""
        ...

    def errors(self, import_id: str, *, after: int, limit: int) -> list[dict[str, Any]]:
        """An import's bad lines after a line number, at most ``limit``."""
        ...


class MongoImportLists:
    """The ``ImportLists`` port over ``imports`` and ``import_errors``."""

    def of_brand(self, brand_id: str, *, after: str | None, limit: int) -> list[dict[str, Any]]:
        found = collection("imports").find({"brand_id": brand_id, "_id": {"$gt": after or ""}})
        return [
            {**row, "id": row["_id"], "lines": row["good"] + row["bad"]}
            for row in found.sort("_id", 1).limit(limit)
        ]

    def errors(self, import_id: str, *, after: int, limit: int) -> list[dict[str, Any]]:
        found = collection("import_errors").find({"import_id": import_id, "line": {"$gt": after}})
        return list(found.sort("line", 1).limit(limit))
