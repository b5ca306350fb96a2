"""Payments for a bank, its files and its statements over MongoDB."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import date

from pymongo.errors import DuplicateKeyError

from chassis.kernel.errors import Conflict
from chassis.kernel.money import Money
from chassis.mongo import Row, collection
from services.payments.bank.documents import FILES, INSTRUCTIONS, LINES, STATEMENTS
from services.payments.bank.domain import (
    BankFile,
    BankFileNotFound,
    BankLine,
    BankStatement,
    BankStatementChanged,
    Instruction,
    is_same_line,
    is_same_statement,
)
from services.payments.providers.domain import Kind, PayOut
from services.payments.providers.repositories import order_of, order_row


class MongoTray:
    """The ``Tray`` port over ``bank_instructions`` and ``bank_files``."""

    def put(self, instruction: Instruction) -> Instruction:
        """Store it unless one has its id; answer what is stored under that id."""
        row = {"_id": instruction.id, "order": order_row(instruction.order)}
        with suppress(DuplicateKeyError):
            collection(INSTRUCTIONS).insert_one(
                {**row, "taken_at": instruction.taken_at, "waits": True}
            )
        stored = self.find(instruction.id)
        return stored or instruction

    def find(self, operation_id: str) -> Instruction | None:
        """The payment of an operation, if we were told to make it."""
        row = collection(INSTRUCTIONS).find_one({"_id": operation_id})
        return None if row is None else _instruction(row)

    def waiting(self, *, limit: int) -> list[Instruction]:
        """Those in no file yet, oldest first."""
        rows = collection(INSTRUCTIONS).find({"waits": True}).sort("_id", 1).limit(limit)
        return [_instruction(row) for row in rows]

    def send(self, file: BankFile, content: bytes, instructions: Sequence[Instruction]) -> None:
        """Store a file and whose it is, together; raise ``Conflict`` if one went elsewhere."""
        collection(FILES).insert_one(_file_row(file) | {"content": content})
        ours = {"_id": {"$in": [each.id for each in instructions]}, "waits": True}
        change = {"$set": {"file_id": file.id}, "$unset": {"waits": ""}}
        changed = collection(INSTRUCTIONS).update_many(ours, change).modified_count
        if changed != len(instructions):
            raise Conflict("one of the payments is in another file")

    def withdraw(self, instruction: Instruction) -> None:
        """Let it wait no more, though it be put only later; one in a file stays there."""
        row = {"order": order_row(instruction.order), "taken_at": instruction.taken_at}
        change = {"$unset": {"waits": ""}, "$setOnInsert": row}
        collection(INSTRUCTIONS).update_one({"_id": instruction.id}, change, upsert=True)

    def of_file(self, file_id: str) -> list[Instruction]:
        """Those in a file, by id."""
        rows = collection(INSTRUCTIONS).find({"file_id": file_id}).sort("_id", 1)
        return [_instruction(row) for row in rows]

    def file(self, file_id: str) -> BankFile:
        """Raise ``BankFileNotFound`` rather than return None."""
        row = collection(FILES).find_one({"_id": file_id}, {"content": 0})
        if row is None:
            raise BankFileNotFound(f"no bank file {file_id}")
        return to_file(row)

    def content(self, file_id: str) -> bytes:
        """A file's bytes, as they were made; raise ``BankFileNotFound``."""
        row = collection(FILES).find_one({"_id": file_id}, {"content": 1})
        if row is None:
            raise BankFileNotFound(f"no bank file {file_id}")
        return bytes(row["content"])


class MongoDrawer:
    """The ``Drawer`` port over ``bank_statements`` and ``bank_lines``."""

    def add(self, statement: BankStatement, lines: Sequence[BankLine]) -> BankStatement:
        """Store what is new of them; raise ``BankStatementChanged`` if one is known otherwise."""
        row = collection(STATEMENTS).find_one({"_id": statement.id})
        known = to_statement(row) if row else None
        if known is not None and not is_same_statement(known, statement):
            raise BankStatementChanged(f"{statement.number} said something else before")
        stored = self._stored([line.id for line in lines])
        for line in lines:
            if line.id in stored and not is_same_line(stored[line.id], line):
                raise BankStatementChanged(f"line {line.reference or line.id} was another")
        added = [_line_row(line) for line in lines if line.id not in stored]
        if added:
            collection(LINES).insert_many(added)
        if known is None:
            collection(STATEMENTS).insert_one(_statement_row(statement))
        return known or statement

    def note(self, line: BankLine) -> None:
        """Store a line of no statement, unless it is known."""
        if not self._stored([line.id]):
            collection(LINES).insert_one(_line_row(line))

    def about(self, operation_id: str) -> list[BankLine]:
        """The lines that name an operation, by day and id."""
        found = collection(LINES).find({"operation_id": operation_id})
        return [_line(row) for row in found.sort([("day", 1), ("_id", 1)])]

    def on(self, day: date) -> list[BankLine]:
        """The lines of a day, by id."""
        found = collection(LINES).find({"day": day.isoformat()})
        return [_line(row) for row in found.sort("_id", 1)]

    def _stored(self, ids: list[str]) -> dict[str, BankLine]:
        found = collection(LINES).find({"_id": {"$in": ids}})
        return {row["_id"]: _line(row) for row in found}


def _instruction(row: Row) -> Instruction:
    order = order_of(Kind.PAYOUT.value, row["order"])
    if not isinstance(order, PayOut):
        raise TypeError(f"{row['_id']} is no payout")
    return Instruction(row["_id"], order, row["taken_at"], row.get("file_id", ""))


def to_file(row: Row) -> BankFile:
    """The file that a row holds."""
    return BankFile(
        id=row["_id"],
        made_at=row["made_at"],
        day=date.fromisoformat(row["day"]),
        count=row["count"],
        total=Money(**row["total"]),
        digest=row["digest"],
    )


def _file_row(file: BankFile) -> Row:
    return {
        "_id": file.id,
        "made_at": file.made_at,
        "day": file.day.isoformat(),
        "count": file.count,
        "total": asdict(file.total),
        "digest": file.digest,
    }


def to_statement(row: Row) -> BankStatement:
    """The statement that a row holds."""
    return BankStatement(
        id=row["_id"],
        number=row["number"],
        opening=Money(**row["opening"]),
        closing=Money(**row["closing"]),
        closed_on=date.fromisoformat(row["closed_on"]),
        lines=row["lines"],
        taken_at=row["taken_at"],
    )


def _statement_row(statement: BankStatement) -> Row:
    return {
        "_id": statement.id,
        "number": statement.number,
        "opening": asdict(statement.opening),
        "closing": asdict(statement.closing),
        "closed_on": statement.closed_on.isoformat(),
        "lines": statement.lines,
        "taken_at": statement.taken_at,
    }


def _line(row: Row) -> BankLine:
    return BankLine(
        id=row["_id"],
        statement_id=row["statement_id"],
        day=date.fromisoformat(row["day"]),
        amount=Money(**row["amount"]),
        operation_id=row["operation_id"],
        reference=row["reference"],
        counterparty=row["counterparty"],
        text=row["text"],
        code=row["code"],
    )


def _line_row(line: BankLine) -> Row:
    return {
        "_id": line.id,
        "statement_id": line.statement_id,
        "day": line.day.isoformat(),
        "amount": asdict(line.amount),
        "operation_id": line.operation_id,
        "reference": line.reference,
        "counterparty": line.counterparty,
        "text": line.text,
        "code": line.code,
    }
