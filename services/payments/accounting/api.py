"""HTTP: the platform's reports, and the books for other programs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Protocol

from flask import Response

from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, needs
from chassis.web.pages import cursor_of, number_of
from services.payments.accounting.domain import Owed
from services.payments.accounting.schemas import (
    AgeingPage,
    AgeingQuery,
    IncomeQuerySchema,
    IncomeSchema,
    KindsBalanceSchema,
    TrialBalanceQuerySchema,
    shown_owed,
)
from services.payments.statements.domain import check_period

TEXT = "text/plain"


class Reports(Protocol):
    """Where the reports come from."""

    def trial_balance(self, day: date | None) -> dict[str, Any]:
        """Accounts of a kind together, as of now or of a closed day."""
        ...

    def ageing(self, *, after: int, limit: int, now: datetime) -> list[tuple[int, Owed]]:
        """Up to ``limit + 1`` accounts that are owed something, with their numbers."""
        ...

    def income(self, *, start: datetime, end: datetime) -> list[dict[str, Any]]:
        """What came into and left the platform's fees."""
        ...

    def beancount(self) -> Iterator[str]:
        """The whole log as beancount text."""
        ...


def accounting_blueprint(reports: Reports, clock: Clock) -> Blueprint:
    """Routes under ``/v1/accounting``, for the platform."""
    blueprint = Blueprint(
        "accounting", __name__, url_prefix="/v1/accounting", description="Reports of the books"
    )

    @blueprint.get("/trial-balance")
    @needs(Permission.PAYMENTS_BOOKS_READ)
    @blueprint.arguments(TrialBalanceQuerySchema, location="query")
    @blueprint.response(200, KindsBalanceSchema)
    def get_kinds_balance(query: dict[str, Any]) -> dict[str, Any]:
        """Give the balances by kind of account, as of now or of the end of a closed day."""
        return reports.trial_balance(query["day"])

    @blueprint.get("/ageing")
    @needs(Permission.PAYMENTS_BOOKS_READ)
    @blueprint.arguments(AgeingQuery, location="query")
    @blueprint.response(200, AgeingPage)
    def list_ageing(query: dict[str, Any]) -> dict[str, Any]:
        """List what is owed to whom, and for how long."""
        limit = query["limit"]
        after = number_of(query["cursor"]) if query["cursor"] else -1
        found = reports.ageing(after=after, limit=limit, now=clock())
        more = len(found) > limit
        return {
            "items": [shown_owed(owed) for _, owed in found[:limit]],
            "next_cursor": cursor_of(str(found[limit - 1][0])) if more else None,
        }

    @blueprint.get("/income")
    @needs(Permission.PAYMENTS_BOOKS_READ)
    @blueprint.arguments(IncomeQuerySchema, location="query")
    @blueprint.response(200, IncomeSchema)
    def get_income(query: dict[str, Any]) -> dict[str, Any]:
        """Give what the platform earned and gave back in a period."""
        start, end = query["start"], query["end"]
        check_period(start, end)
        return {"start": start, "end": end, "lines": reports.income(start=start, end=end)}

    @blueprint.get("/books.beancount")
    @needs(Permission.PAYMENTS_BOOKS_READ)
    @blueprint.response(200, content_type=TEXT)
    def export_beancount() -> Response:
        """Give the whole books as beancount text, which `bean-check` checks again."""
        return Response(reports.beancount(), content_type=f"{TEXT}; charset=utf-8")

    return blueprint
