"""Bank files and statements for lists, by id."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

from chassis.mongo import Row, collection
from services.payments.bank.documents import FILES, STATEMENTS
from services.payments.bank.domain import BankFile, BankStatement
from services.payments.bank.repositories import to_file, to_statement


def files_page(*, after: str | None, limit: int) -> list[BankFile]:
    """Up to ``limit + 1`` files, oldest first."""
    return [to_file(row) for row in _rows(FILES, after, limit)]


def statements_page(*, after: str | None, limit: int) -> list[BankStatement]:
    """Up to ``limit + 1`` statements, by the day each ends on."""
    return [to_statement(row) for row in _rows(STATEMENTS, after, limit)]


def gaps() -> frozenset[str]:
    """Ids of the statements that open with another balance than one before them closed with.

    So one between is missing. Of several that end on one day any may come first; of those
    of the very first day it is not known.
    """
    told = {"opening": 1, "closing": 1, "closed_on": 1}
    found: set[str] = set()
    before: set[int] | None = None
    rows = collection(STATEMENTS).find({}, told).sort("closed_on", 1)
    for _, group in groupby(rows, key=lambda row: row["closed_on"]):
        day = list(group)
        ended = {row["_id"]: row["closing"]["minor"] for row in day}
        if before is not None:
            found |= {row["_id"] for row in day if _opens_anew(row, ended, before)}
        before = set(ended.values())
    return frozenset(found)


def _opens_anew(row: Row, ended: Mapping[str, int], before: set[int]) -> bool:
    others = {minor for name, minor in ended.items() if name != row["_id"]}
    return row["opening"]["minor"] not in before | others


def _rows(name: str, after: str | None, limit: int) -> list[Row]:
    where = {} if after is None else {"_id": {"$gt": after}}
    return list(collection(name).find(where, {"content": 0}).sort("_id", 1).limit(limit + 1))
