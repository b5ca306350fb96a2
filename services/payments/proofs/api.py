"""HTTP: the sealed days for everybody, receipts for those who have part in an entry."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Protocol

from chassis.auth import principal
from chassis.permissions import Permission
from chassis.web import Blueprint, needs, page, position_of, public
from chassis.web.schemas import PageQuery
from services.payments.ledger.api import Owner, visible
from services.payments.proofs.domain import DayNotSealed, Receipt, SealedDay
from services.payments.proofs.schemas import (
    ReceiptSchema,
    SealedDaySchema,
    SealedDaysPage,
    shown_day,
    shown_receipt,
)


class Proofs(Protocol):
    """Where sealed days and receipts come from."""

    def day(self, day: date) -> SealedDay:
        """One sealed day; raise ``DayNotSealed``."""
        ...

    def days(self, *, before: str | None, limit: int) -> list[SealedDay]:
        """Up to ``limit + 1`` of them, the latest first."""
        ...

    def receipt(self, segment: int, index: int) -> Receipt:
        """The receipt of the entry at this place of the log."""
        ...


def proofs_blueprint(
    proofs: Proofs, entry: Callable[[str], dict[str, Any]], owner: Owner
) -> Blueprint:
    """Routes ``/v1/ledger/days`` and ``/v1/entries/<id>/receipt``."""
    blueprint = Blueprint("proofs", __name__, url_prefix="/v1", description="Proof of the books")

    @blueprint.get("/ledger/days")
    @public
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, SealedDaysPage)
    def list_sealed_days(query: dict[str, Any]) -> dict[str, Any]:
        """List the signed roots, the latest day first."""
        found = proofs.days(before=position_of(query["cursor"]), limit=query["limit"])
        shown = [shown_day(day) for day in found]
        return page(shown, limit=query["limit"], position=lambda day: str(day["day"]))

    @blueprint.get("/ledger/days/<day>")
    @public
    @blueprint.response(200, SealedDaySchema)
    def get_sealed_day(day: str) -> dict[str, Any]:
        """Give the signed root of one day, such as 2026-03-01."""
        try:
            wanted = date.fromisoformat(day)
        except ValueError:
            raise DayNotSealed(f"{day!r} is no day; write 2026-03-01") from None
        return shown_day(proofs.day(wanted))

    @blueprint.get("/entries/<entry_id>/receipt")
    @needs(Permission.PAYMENTS_STATEMENT_READ)
    @blueprint.response(200, ReceiptSchema)
    def get_receipt(entry_id: str) -> dict[str, Any]:
        """Give proof that an entry stands in the books, for anybody to check."""
        found = visible(entry(entry_id), principal(), owner)
        return shown_receipt(proofs.receipt(found["segment"], found["index"]))

    return blueprint
