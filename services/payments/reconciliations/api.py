"""Reconciliations over HTTP, for the platform's operators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response

from chassis.auth import principal
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, needs, page, position_of
from services.payments.reconciliations.adapters import PAGE_POLICY, breaks_page
from services.payments.reconciliations.domain import Reconciliation
from services.payments.reconciliations.schemas import (
    EndBreakSchema,
    ReconciliationReply,
    ReconciliationsPage,
    ReconciliationsQuery,
)
from services.payments.reconciliations.use_cases import Reconciliations, end_break

HTML, SHOWN = "text/html", 200


def reconciliations_blueprint(
    reconciliations: Reconciliations,
    list_reconciliations: Callable[..., list[Reconciliation]],
    oldest: Callable[[int], list[Reconciliation]],
    clock: Clock,
) -> Blueprint:
    """Routes under ``/v1/reconciliations``."""
    blueprint = Blueprint(
        "reconciliations",
        __name__,
        url_prefix="/v1",
        description="What providers and the bank say, against our own books",
    )

    def told(found: Reconciliation) -> dict[str, Any]:
        aged = None
        if found.kind is not None:
            aged = int(((found.ended_at or clock()) - found.found_at).total_seconds())
        names = [name for name in Reconciliation.__slots__ if name != "revision"]
        return {name: getattr(found, name) for name in names} | {"age_seconds": aged}

    @blueprint.get("/reconciliations")
    @needs(Permission.PAYMENTS_BOOKS_READ)
    @blueprint.arguments(ReconciliationsQuery, location="query")
    @blueprint.response(200, ReconciliationsPage)
    def read_reconciliations(query: dict[str, Any]) -> dict[str, Any]:
        """List lines with the rule that matched each, and breaks with kind and age."""
        limit, cursor = query.pop("limit"), query.pop("cursor")
        found = list_reconciliations(**query, after=position_of(cursor), limit=limit)
        shown = page(found, limit=limit, position=lambda each: each.id)
        return shown | {"items": [told(each) for each in shown["items"]]}

    @blueprint.get("/reconciliations.html")
    @needs(Permission.PAYMENTS_BOOKS_READ)
    @blueprint.response(200, content_type=HTML)
    def read_breaks_page() -> Response:
        """Show the open breaks, the oldest first, as a page in both languages."""
        answer = Response(breaks_page(oldest(SHOWN), now=clock()))
        answer.content_type = f"{HTML}; charset=utf-8"
        answer.headers["Content-Security-Policy"] = PAGE_POLICY
        return answer

    @blueprint.get("/reconciliations/<reconciliation_id>")
    @needs(Permission.PAYMENTS_BOOKS_READ)
    @blueprint.response(200, ReconciliationReply)
    def read_reconciliation(reconciliation_id: str) -> dict[str, Any]:
        """Read what became of one line, or of one operation that none tells of."""
        return told(reconciliations.get(reconciliation_id))

    @blueprint.post("/reconciliations/<reconciliation_id>/endings")
    @needs(Permission.PAYMENTS_BANK_RUN)
    @blueprint.arguments(EndBreakSchema)
    @blueprint.response(201, ReconciliationReply)
    def post_ending(body: dict[str, Any], reconciliation_id: str) -> dict[str, Any]:
        """End a break by an explanation, which its history keeps with the caller's name."""
        ended = end_break(
            reconciliation_id,
            by=principal().subject,
            reason=body["reason"],
            reconciliations=reconciliations,
            now=clock(),
        )
        return told(ended)

    return blueprint
