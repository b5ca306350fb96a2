"""HTTP: one statement as JSON, CSV, PDF and as a page for a phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from flask import Response

from chassis.auth import principal
from chassis.permissions import Permission
from chassis.web import Blueprint, needs
from services.payments.ledger.api import Owner, check_owner
from services.payments.statements.adapters.csv_text import csv_text
from services.payments.statements.adapters.page import PAGE_POLICY, page
from services.payments.statements.adapters.pdf import pdf
from services.payments.statements.domain import Axis, Statement, check_axis
from services.payments.statements.engine.words import Why
from services.payments.statements.schemas import StatementQuerySchema, StatementSchema, shown

CSV, HTML, PDF = "text/csv", "text/html", "application/pdf"
CSV_TEXT = f"{CSV}; charset=utf-8"
Query = dict[str, Any]
_ASKED = ("currency", "start", "end", "axis", "booked_at")


class ReadStatement(Protocol):
    """Where statements come from."""

    def __call__(
        self,
        path: str,
        currency: str,
        *,
        start: datetime,
        end: datetime,
        axis: Axis,
        booked_at: datetime | None,
    ) -> Statement:
        """The statement of an account for a period, by one of its entries' times."""
        ...


def statements_blueprint(
    read: ReadStatement,
    owner: Owner,
    *,
    zone: ZoneInfo,
    anchor: Callable[[], str] = str,
    notice: Callable[[str], Why | None] = lambda _: None,
) -> Blueprint:
    """Routes ``/v1/statements`` and its like: an organisation reads those of its own accounts.

    ``anchor`` is what every page of a PDF says at its foot, ``notice`` what the page for a
    phone says of an account before all else.
    """
    blueprint = Blueprint(
        "statements", __name__, url_prefix="/v1", description="What moved on an account, and why"
    )

    def asked(query: Query) -> Statement:
        account = query["account"]
        check_owner(principal(), owner(account), account)
        check_axis(query["axis"], query["booked_at"])
        return read(**{"path": account} | {name: query[name] for name in _ASKED})

    @blueprint.get("/statements")
    @needs(Permission.PAYMENTS_STATEMENT_READ)
    @blueprint.arguments(StatementQuerySchema, location="query")
    @blueprint.response(200, StatementSchema)
    def get_statement(query: Query) -> dict[str, Any]:
        """Give what moved on an account in a period, from opening to closing balance."""
        return shown(asked(query))

    @blueprint.get("/statements.csv")
    @needs(Permission.PAYMENTS_STATEMENT_READ)
    @blueprint.arguments(StatementQuerySchema, location="query")
    @blueprint.response(200, content_type=CSV)
    def get_statement_csv(query: Query) -> Response:
        """Give a statement as a table for a spreadsheet, in both languages."""
        return as_file(csv_text(asked(query), zone).encode(), CSV_TEXT, "statement.csv")

    @blueprint.get("/statements.pdf")
    @needs(Permission.PAYMENTS_STATEMENT_READ)
    @blueprint.arguments(StatementQuerySchema, location="query")
    @blueprint.response(200, content_type=PDF)
    def get_statement_pdf(query: Query) -> Response:
        """Give a statement to print, in both languages."""
        return as_file(pdf(asked(query), zone, anchor=anchor()), PDF, "statement.pdf")

    @blueprint.get("/statements.html")
    @needs(Permission.PAYMENTS_STATEMENT_READ)
    @blueprint.arguments(StatementQuerySchema, location="query")
    @blueprint.response(200, content_type=HTML)
    def get_statement_page(query: Query) -> Response:
        """Give a statement as a page for a phone, in both languages."""
        text = page(asked(query), zone, notice=notice(query["account"]))
        answer = Response(text, content_type=f"{HTML}; charset=utf-8")
        answer.headers["Content-Security-Policy"] = PAGE_POLICY
        return answer

    return blueprint


def as_file(content: bytes, content_type: str, name: str) -> Response:
    """An answer that browsers keep as a file of that name."""
    answer = Response(content, content_type=content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
