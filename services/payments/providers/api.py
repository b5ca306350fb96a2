"""Providers over HTTP: their own messages in, and what the platform sees of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Response, request

from chassis.auth import principal
from chassis.kernel.time import Clock, system_clock
from chassis.permissions import Permission
from chassis.web import (
    Blueprint,
    accepts,
    internal,
    keyless,
    needs,
    page,
    position_of,
    public,
)
from services.payments.providers.domain import (
    Capabilities,
    Operation,
    OperationNotFound,
    Ruling,
    State,
)
from services.payments.providers.schemas import (
    OperationReply,
    OperationsPage,
    OperationsQuery,
    ProvidersReply,
    RuleOperationForSchema,
    RuleOperationSchema,
)
from services.payments.providers.use_cases import Desk

FORMATS = ("application/json", "application/x-www-form-urlencoded", "text/plain")
LIMIT_BYTES = 262_144
MOST = 100
NOTHING_OPEN = {"open_operations": 0, "stuck_operations": 0, "oldest_open_at": None}


def providers_blueprint(
    desk: Desk,
    list_operations: Callable[..., list[Operation]],
    open_by_provider: Callable[[], dict[str, dict[str, Any]]],
    clock: Clock,
) -> Blueprint:
    """Routes under ``/v1/providers`` and ``/v1/provider-operations``."""
    blueprint = Blueprint(
        "providers",
        __name__,
        url_prefix="/v1",
        description="Payment providers: their terms, their messages, operations at them",
    )

    @blueprint.post("/providers/<name>/webhooks")
    @public
    @keyless
    @accepts(*FORMATS, limit_bytes=LIMIT_BYTES)
    @blueprint.response(200, content_type="text/plain")
    def hear_provider(name: str) -> Response:
        """Take in a provider's own message, if its signature is right.

        A message may come twice, late, or before the answer to the call it is about.
        """
        headers = {key.lower(): value for key, value in request.headers.items()}
        desk.hear(name, headers, request.get_data(), real=system_clock(), now=clock())
        mimetype, text = desk.provider(name).webhook_answer
        return Response(text, mimetype=mimetype)

    @blueprint.get("/providers")
    @needs(Permission.PAYMENTS_BOOKS_READ)
    @blueprint.response(200, ProvidersReply)
    def read_providers() -> dict[str, Any]:
        """Tell what each payment provider can do, and how much is open there."""
        found, standing = sorted(desk.providers.items()), open_by_provider()
        return {
            "items": [
                _told(name, each.capabilities()) | standing.get(name, NOTHING_OPEN)
                for name, each in found
            ]
        }

    @blueprint.get("/provider-operations")
    @needs(Permission.PAYMENTS_BOOKS_READ)
    @blueprint.arguments(OperationsQuery, location="query")
    @blueprint.response(200, OperationsPage)
    def read_operations(query: dict[str, Any]) -> dict[str, Any]:
        """List operations at providers, also only those that need a person."""
        found = list_operations(
            state=query["state"],
            about=query["about"],
            alarmed=query["alarmed"],
            after=position_of(query["cursor"]),
            limit=query["limit"],
        )
        return page(found, limit=query["limit"], position=lambda operation: operation.id)

    @blueprint.get("/provider-operations/<operation_id>")
    @needs(Permission.PAYMENTS_BOOKS_READ)
    @blueprint.response(200, OperationReply)
    def read_operation(operation_id: str) -> Operation:
        """Read an operation at a provider."""
        found = desk.operations.find([operation_id])
        if operation_id not in found:
            raise OperationNotFound(f"no operation {operation_id}")
        return found[operation_id]

    _rulings(blueprint, desk, clock)
    return blueprint


def operations_blueprint(
    desk: Desk, list_operations: Callable[..., list[Operation]], clock: Clock
) -> Blueprint:
    """Routes by which an operator's command line sees and rules what is stuck."""
    blueprint = Blueprint("stuck-operations", __name__, description="For the command line only")

    @blueprint.get("/internal/provider-operations")
    @internal
    @blueprint.response(200, OperationsPage)
    def list_stuck_operations() -> dict[str, Any]:
        """List operations that need a person, at most a hundred."""
        found = list_operations(state=None, about=None, alarmed=True, after=None, limit=MOST)
        return page(found, limit=MOST, position=lambda operation: operation.id)

    @blueprint.post("/internal/provider-operations/<operation_id>/rulings")
    @internal
    @keyless
    @blueprint.arguments(RuleOperationForSchema)
    @blueprint.response(200, OperationReply)
    def rule_operation(body: dict[str, Any], operation_id: str) -> Operation:
        """Say how an operation ended; the same again changes nothing."""
        return desk.rule(operation_id, _ruling(body, body["by"], clock()))

    return blueprint


def _rulings(blueprint: Blueprint, desk: Desk, clock: Clock) -> None:
    @blueprint.post("/provider-operations/<operation_id>/rulings")
    @needs(Permission.PAYMENTS_BANK_RUN)
    @blueprint.arguments(RuleOperationSchema)
    @blueprint.response(201, OperationReply)
    def post_ruling(body: dict[str, Any], operation_id: str) -> Operation:
        """Say how an operation ended that its provider tells no more of.

        Only while it is open, and alarmed as stuck, vanished or too late to send again. The
        books follow as if the provider had said it; reason, evidence and caller are kept.
        """
        return desk.rule(operation_id, _ruling(body, principal().subject, clock()))


def _ruling(body: dict[str, Any], by: str, at: datetime) -> Ruling:
    return Ruling(
        outcome=State(body["outcome"]),
        reason=body["reason"],
        evidence=body["evidence"],
        by=by,
        at=at,
    )


def _told(name: str, terms: Capabilities) -> dict[str, Any]:
    return {
        "name": name,
        "kinds": sorted(terms.kinds),
        "currencies": dict(terms.currencies),
        "largest_ratio": terms.largest_ratio,
        "receivers_per_call": terms.receivers_per_call,
        "calls_per_order": terms.calls_per_order,
        "is_split_atomic": terms.is_split_atomic,
        "registers_receivers": terms.registers_receivers,
        "release_after_seconds": terms.release_after and terms.release_after.total_seconds(),
        "returns_within_seconds": terms.returns_within and terms.returns_within.total_seconds(),
        "cannot_return": sorted(terms.cannot_return),
        "smallest_share": terms.smallest_share,
        "smallest_payout": dict(terms.smallest_payout),
        "largest_payout": dict(terms.largest_payout),
        "payouts_return_within_seconds": terms.payouts_return_within.total_seconds(),
        "calls_per_second": terms.calls_per_second,
    }
