"""Bank files and statements for lists, by id."""

from __future__ import annotations

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


def _rows(name: str, after: str | None, limit: int) -> list[Row]:
    where = {} if after is None else {"_id": {"$gt": after}}
    return list(collection(name).find(where, {"content": 0}).sort("_id", 1).limit(limit + 1))
