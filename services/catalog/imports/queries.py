"""Reads for lists of imports and their lines: MongoDB to plain rows, no domain."""

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

    def changes(self, import_id: str, *, after: int, limit: int) -> list[dict[str, Any]]:
        """An import's lines that change a lot, after a line number, at most ``limit``."""
        ...


class MongoImportLists:
    """The ``ImportLists`` port over ``imports``, ``import_errors`` and ``import_changes``."""

    def of_brand(self, brand_id: str, *, after: str | None, limit: int) -> list[dict[str, Any]]:
        found = collection("imports").find({"brand_id": brand_id, "_id": {"$gt": after or ""}})
        return [
            {**row, "id": row["_id"], "good": row["new"] + row["changed"] + row["unchanged"]}
            for row in found.sort("_id", 1).limit(limit)
        ]

    def errors(self, import_id: str, *, after: int, limit: int) -> list[dict[str, Any]]:
        return _lines("import_errors", import_id, after, limit)

    def changes(self, import_id: str, *, after: int, limit: int) -> list[dict[str, Any]]:
        return _lines("import_changes", import_id, after, limit)


def _lines(name: str, import_id: str, after: int, limit: int) -> list[dict[str, Any]]:
    found = collection(name).find({"import_id": import_id, "line": {"$gt": after}})
    return list(found.sort("line", 1).limit(limit))
