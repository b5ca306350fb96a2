"""Bank files and statements over HTTP, for the platform's operators."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, request

from chassis.kernel.money import Money
from chassis.kernel.time import Clock
from chassis.mongo import atomically
from chassis.permissions import Permission
from chassis.web import (
    Blueprint,
    accepts,
    done_first,
    first,
    keyless,
    needs,
    page,
    position_of,
    untransacted,
)
from services.payments.bank.domain import BankFile, BankNotSetUp, BankStatement
from services.payments.bank.engine.reports import PaymentStatus, Report
from services.payments.bank.engine.transfers import Account
from services.payments.bank.engine.trees import LARGEST_BYTES
from services.payments.bank.schemas import (
    BankFileReply,
    BankFilesPage,
    BankFilesQuery,
    BankReportTaken,
    BankStatementsPage,
    BankStatementsQuery,
    BankStatementsTaken,
    RefusePaymentSchema,
)
from services.payments.bank.use_cases import (
    Announce,
    BankDesk,
    Drawer,
    Tray,
    make_file,
    read_file,
    read_status_report,
    refuse_payment,
    statuses_of,
    take_statements,
    take_status,
)
from services.payments.providers.domain import Operation
from services.payments.providers.schemas import OperationReply
from services.payments.providers.use_cases import Desk

XML = "application/xml"


@dataclass(frozen=True, slots=True)
class BankDoor:
    """What the routes stand on; no ``account`` where no bank is set up.

    ``outside`` is what our books say that the world outside has brought, at a moment;
    ``gaps`` are the statements before which one is missing.
    """

    provider: str
    account: Account | None
    tray: Tray
    drawer: Drawer
    desk: Desk
    announce: Announce
    outside: Callable[[str, datetime], Money]
    list_files: Callable[..., list[BankFile]]
    list_statements: Callable[..., list[BankStatement]]
    gaps: Callable[[], frozenset[str]]

    def ours(self) -> Account:
        """Our account; raise ``BankNotSetUp``."""
        if self.account is None:
            raise BankNotSetUp("no account at a bank is set up")
        return self.account

    def bank(self) -> BankDesk:
        """What reports are taken in with; raise ``BankNotSetUp``."""
        ours = self.ours()
        return BankDesk(self.provider, ours, self.tray, self.drawer, self.desk, self.announce)

    def heard(
        self, report: Report, status: PaymentStatus, bank: BankDesk, now: datetime
    ) -> dict[str, Any]:
        """Take one payment's status in, and tell how its operation stands then."""
        found = atomically(lambda: take_status(report, status, bank=bank, now=now))
        return {
            "named": status.named or report.message,
            "status": status.status,
            "reason": status.reason,
            "text": status.text,
            "operation_id": found.id if found else None,
            "state": found.state if found else None,
        }

    def told(self, statements: Sequence[BankStatement]) -> list[dict[str, Any]]:
        """Statements beside what our own books say, and whether each goes on from one before."""
        gaps = self.gaps()
        return [self._told(each, adjoins=each.id not in gaps) for each in statements]

    def _told(self, statement: BankStatement, *, adjoins: bool) -> dict[str, Any]:
        ledger = self.outside(statement.closing.currency, statement.ends_at)
        told = {name: getattr(statement, name) for name in BankStatement.__slots__}
        difference = statement.closing - ledger
        return told | {"ledger": ledger, "difference": difference, "adjoins": adjoins}


def bank_blueprint(door: BankDoor, clock: Clock) -> Blueprint:
    """Routes under ``/v1/bank-files`` and ``/v1/bank-statements``."""
    blueprint = Blueprint(
        "bank", __name__, url_prefix="/v1", description="Files for our bank, and its statements"
    )
    _files(blueprint, door, clock)
    _reports(blueprint, door, clock)
    _statements(blueprint, door, clock)
    return blueprint


def _files(blueprint: Blueprint, door: BankDoor, clock: Clock) -> None:
    @blueprint.post("/bank-files")
    @needs(Permission.PAYMENTS_BANK_RUN)
    @blueprint.response(201, BankFileReply)
    def post_bank_file() -> BankFile:
        """Put the payments that wait into one file for the bank, at most 1,000."""
        return make_file(account=door.ours(), tray=door.tray, now=clock())

    @blueprint.get("/bank-files")
    @needs(Permission.PAYMENTS_BOOKS_READ)
    @blueprint.arguments(BankFilesQuery, location="query")
    @blueprint.response(200, BankFilesPage)
    def read_bank_files(query: dict[str, Any]) -> dict[str, Any]:
        """List the files for the bank."""
        found = door.list_files(after=position_of(query["cursor"]), limit=query["limit"])
        return page(found, limit=query["limit"], position=lambda file: file.id)

    @blueprint.get("/bank-files/<file_id>")
    @needs(Permission.PAYMENTS_BOOKS_READ)
    @blueprint.response(200, BankFileReply)
    def read_bank_file(file_id: str) -> BankFile:
        """Read how much a file is about."""
        return door.tray.file(file_id)

    @blueprint.get("/bank-files/<file_id>/document")
    @needs(Permission.PAYMENTS_BANK_RUN)
    @blueprint.response(200, content_type=XML)
    def read_bank_document(file_id: str) -> Response:
        """Give the file itself, pain.001.001.09: the same bytes each time."""
        answer = Response(door.tray.content(file_id), content_type=XML)
        answer.headers["Content-Disposition"] = f'attachment; filename="{file_id}.xml"'
        return answer

    @blueprint.post("/bank-files/<file_id>/refusals")
    @needs(Permission.PAYMENTS_BANK_RUN)
    @blueprint.arguments(RefusePaymentSchema)
    @blueprint.response(201, OperationReply)
    def post_bank_refusal(body: dict[str, Any], file_id: str) -> Operation:
        """Note that the bank refused a payment of a file, which no statement will tell.

        The payout fails and its account may not be paid to; the operation's history keeps
        the reason with the caller's name. Only before a statement tells how it ended.
        """
        return refuse_payment(
            body["operation_id"],
            body["reason"],
            file_id=file_id,
            tray=door.tray,
            drawer=door.drawer,
            desk=door.desk,
            now=clock(),
        )


def _reports(blueprint: Blueprint, door: BankDoor, clock: Clock) -> None:
    @blueprint.post("/bank-reports")
    @needs(Permission.PAYMENTS_BANK_RUN)
    @keyless
    @untransacted
    @accepts(XML, "text/xml", limit_bytes=LARGEST_BYTES)
    @blueprint.response(201, BankReportTaken)
    def post_bank_report() -> dict[str, Any]:
        """Take in what the bank says of a file's payments, pain.002, payment by payment.

        Rejected payments fail and settled ones are paid; the same report again changes
        nothing. Each payment is taken in by itself: after an error, send it again.
        """
        report, bank = read_status_report(request.get_data()), door.bank()
        items = [
            door.heard(report, status, bank, clock()) for status in statuses_of(report, door.tray)
        ]
        return {"number": report.number, "file_id": report.file_id, "items": items}


def _statements(blueprint: Blueprint, door: BankDoor, clock: Clock) -> None:
    @blueprint.post("/bank-statements")
    @needs(Permission.PAYMENTS_BANK_RUN)
    @keyless
    @accepts(XML, "text/xml", limit_bytes=LARGEST_BYTES)
    @first(lambda: read_file(request.get_data()))
    @blueprint.response(201, BankStatementsTaken)
    def post_bank_statement() -> dict[str, Any]:
        """Take in a statement of the bank, camt.053; the same again changes nothing."""
        kept = take_statements(
            done_first(),
            provider=door.provider,
            account=door.ours(),
            drawer=door.drawer,
            announce=door.announce,
            now=clock(),
        )
        return {"items": door.told(kept)}

    @blueprint.get("/bank-statements")
    @needs(Permission.PAYMENTS_BOOKS_READ)
    @blueprint.arguments(BankStatementsQuery, location="query")
    @blueprint.response(200, BankStatementsPage)
    def read_bank_statements(query: dict[str, Any]) -> dict[str, Any]:
        """List the bank's statements, each closing balance beside what our books say."""
        found = door.list_statements(after=position_of(query["cursor"]), limit=query["limit"])
        shown = page(found, limit=query["limit"], position=lambda statement: statement.id)
        return shown | {"items": door.told(shown["items"])}
