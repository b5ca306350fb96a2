"""Payments into files, and statements into lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol

from services.payments.bank.domain import (
    LARGEST_FILE,
    BankFile,
    BankLine,
    BankPaymentNotFound,
    BankReportUnreadable,
    BankStatement,
    BankStatementUnreadable,
    BankStatementUnsound,
    Instruction,
    NothingToSend,
    contradiction,
    heard,
    lines_of,
    must_be_open,
    odd_line,
    standing,
    statement_of,
    write_file,
)
from services.payments.bank.engine.names import written
from services.payments.bank.engine.reports import PaymentStatus, Report, read_report
from services.payments.bank.engine.statements import SumsDiffer, Told, read_statements
from services.payments.bank.engine.transfers import Account
from services.payments.bank.engine.trees import Unreadable
from services.payments.providers.domain import Operation, PayOut, refused
from services.payments.providers.use_cases import Desk

Announce = Callable[[str, Iterable[date]], None]
"""Tells, in the same transaction, that a provider's bill of these days has grown."""


class Tray(Protocol):
    """The payments that wait and those in files, and the files, wherever they are kept."""

    def put(self, instruction: Instruction) -> Instruction:
        """Store it unless one has its id; answer what is stored under that id."""
        ...

    def find(self, operation_id: str) -> Instruction | None:
        """The payment of an operation, if we were told to make it."""
        ...

    def waiting(self, *, limit: int) -> list[Instruction]:
        """Those in no file yet, oldest first."""
        ...

    def send(self, file: BankFile, content: bytes, instructions: Sequence[Instruction]) -> None:
        """Store a file and whose it is, together; raise ``Conflict`` if one went elsewhere."""
        ...

    def withdraw(self, instruction: Instruction) -> None:
        """Let it wait no more, though it be put only later; one in a file stays there."""
        ...

    def of_file(self, file_id: str) -> list[Instruction]:
        """Those in a file, by id; none for a file that there is not."""
        ...

    def file(self, file_id: str) -> BankFile:
        """Raise ``BankFileNotFound`` rather than return None."""
        ...

    def content(self, file_id: str) -> bytes:
        """A file's bytes, as they were made; raise ``BankFileNotFound``."""
        ...


class Drawer(Protocol):
    """The bank's statements and their lines, wherever they are kept."""

    def add(self, statement: BankStatement, lines: Sequence[BankLine]) -> BankStatement:
        """Store what is new of them; raise ``BankStatementChanged`` if one is known otherwise.

        Answers the statement as it was first stored.
        """
        ...

    def note(self, line: BankLine) -> None:
        """Store a line of no statement, unless it is known."""
        ...

    def about(self, operation_id: str) -> list[BankLine]:
        """The lines that name an operation, by day and id."""
        ...

    def on(self, day: date) -> list[BankLine]:
        """The lines of a day, by id."""
        ...


def make_file(*, account: Account, tray: Tray, now: datetime) -> BankFile:
    """Put what waits into one file, at most ``LARGEST_FILE``; raise ``NothingToSend``."""
    waiting = tray.waiting(limit=LARGEST_FILE)
    if not waiting:
        raise NothingToSend("no payment waits for a file")
    file, content = write_file(account, waiting, at=now)
    tray.send(file, content, waiting)
    return file


def follow_ruling(operation: Operation, *, tray: Tray) -> None:
    """Let a payment of which a person told how it ended come into no file any more.

    Belongs in the ruling's transaction, so that of it and a file made at once one comes first.
    """
    ruling, order = operation.ruling, operation.order
    if ruling is not None and isinstance(order, PayOut):
        tray.withdraw(Instruction(operation.id, order, ruling.at))


def refuse_payment(
    operation_id: str,
    why: str,
    *,
    file_id: str,
    tray: Tray,
    drawer: Drawer,
    desk: Desk,
    now: datetime,
) -> Operation:
    """The bank will not make a payment of a file: it has failed; the same again changes nothing.

    Raises ``BankFileNotFound``, ``BankPaymentNotFound`` and ``BankPaymentEnded``.
    """
    instruction, file = tray.find(operation_id), tray.file(file_id)
    if instruction is None or instruction.file_id != file.id:
        raise BankPaymentNotFound(f"no payment of {operation_id} in {file.id}")
    operation, result = desk.operations.find([operation_id])[operation_id], refused(why)
    if (operation.code, operation.detail) == (result.code, result.detail):
        return operation
    must_be_open(instruction, drawer.about(operation_id), operation)
    return desk.note(operation_id, result, now=now)


def read_file(content: bytes) -> tuple[Told, ...]:
    """The statements of a file; raise ``BankStatementUnreadable`` or ``BankStatementUnsound``."""
    try:
        return read_statements(content)
    except Unreadable as wrong:
        raise BankStatementUnreadable(str(wrong)) from None
    except SumsDiffer as wrong:
        raise BankStatementUnsound(str(wrong)) from None


def read_status_report(content: bytes) -> Report:
    """What a report of the bank says; raise ``BankReportUnreadable``."""
    try:
        report = read_report(content)
    except Unreadable as wrong:
        raise BankReportUnreadable(str(wrong)) from None
    if len(report.payments) > LARGEST_FILE:
        raise BankReportUnreadable(f"{len(report.payments)} payments in it")
    return report


def statuses_of(report: Report, tray: Tray) -> list[PaymentStatus]:
    """How each payment stands that a report is about.

    What it says of the whole is said of each payment of the file that it does not list.
    """
    whole, listed = report.whole, {each.operation_id for each in report.payments}
    if whole is None:
        return list(report.payments)
    others = [each.id for each in tray.of_file(report.file_id) if each.id not in listed]
    if not others and not report.payments:
        return [whole]
    said = [replace(whole, operation_id=own, named=written(own)) for own in others]
    return [*report.payments, *said]


@dataclass(frozen=True, slots=True)
class BankDesk:
    """What reports of the bank are taken in with."""

    provider: str
    account: Account
    tray: Tray
    drawer: Drawer
    desk: Desk
    announce: Announce


def take_status(
    report: Report, status: PaymentStatus, *, bank: BankDesk, now: datetime
) -> Operation | None:
    """Let a payment's operation hear of how it stands; the same again changes nothing.

    None for a payment that is not of that file. That, and what cannot be beside what is
    known, becomes a line that moves nothing, and with it a break. Belongs in one
    transaction.
    """
    instruction = bank.tray.find(status.operation_id) if status.operation_id else None
    if instruction is None or instruction.file_id != report.file_id:
        _wonder(report, status, "no payment of ours in that file", bank)
        return None
    operation = bank.desk.operations.find([instruction.id])[instruction.id]
    booked = standing(instruction, bank.drawer.about(instruction.id))
    why = contradiction(status, booked, operation)
    if why:
        _wonder(report, status, why, bank)
        return operation
    result = heard(status, instruction)
    return operation if result is None else bank.desk.note(operation.id, result, now=now)


def _wonder(report: Report, status: PaymentStatus, why: str, bank: BankDesk) -> None:
    line = odd_line(report, status, bank.account, why)
    bank.drawer.note(line)
    bank.announce(bank.provider, {line.day})


def take_statements(
    told: Sequence[Told],
    *,
    provider: str,
    account: Account,
    drawer: Drawer,
    announce: Announce,
    now: datetime,
) -> list[BankStatement]:
    """Keep what a file of the bank says, all of it or nothing; again changes nothing.

    Raises ``BankStatementForeign`` and ``BankStatementChanged``.
    """
    kept: list[BankStatement] = []
    for each in told:
        statement = statement_of(each, account, at=now)
        lines = lines_of(each, statement, account)
        kept.append(drawer.add(statement, lines))
        announce(provider, {line.day for line in lines})
    return kept
