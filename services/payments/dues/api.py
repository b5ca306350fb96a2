"""Dues over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chassis.auth import principal
from chassis.permissions import Permission
from chassis.web import Blueprint, needs, page, position_of
from chassis.web.schemas import PageQuery
from services.payments.dues.domain import Due, DueNotFound
from services.payments.dues.schemas import DueReply, DuesPage
from services.payments.dues.use_cases import Dues


def dues_blueprint(dues: Dues, list_dues: Callable[..., list[Due]]) -> Blueprint:
    """Routes under ``/v1/dues``."""
    blueprint = Blueprint(
        "dues", __name__, url_prefix="/v1/dues", description="What organisations owe each other"
    )

    @blueprint.get("")
    @needs(Permission.PAYMENTS_STATEMENT_READ)
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, DuesPage)
    def read_dues(query: dict[str, Any]) -> dict[str, Any]:
        """List what the caller's organisation owes and is owed; the platform sees all."""
        caller = principal()
        found = list_dues(
            organization_id=None if caller.is_platform else caller.organization_id,
            after=position_of(query["cursor"]),
            limit=query["limit"],
        )
        return page(found, limit=query["limit"], position=lambda due: due.id)

    @blueprint.get("/<due_id>")
    @needs(Permission.PAYMENTS_STATEMENT_READ)
    @blueprint.response(200, DueReply)
    def read_due(due_id: str) -> Due:
        """Read a due and every step towards paid."""
        due, caller = dues.get(due_id), principal()
        if not caller.is_platform and caller.organization_id not in (
            due.debtor_id,
            due.creditor_id,
        ):
            raise DueNotFound(f"nothing is due under {due_id}")
        return due

    return blueprint
