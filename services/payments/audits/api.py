"""HTTP: what the auditor found, and having the projections made anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chassis.permissions import Permission
from chassis.web import Blueprint, internal, keyless, needs, untransacted
from services.payments.audits.schemas import AuditSchema, ProjectionSchema


def audits_blueprint(
    latest: Callable[[], dict[str, Any]],
    progress: Callable[[], dict[str, Any]],
    forget: Callable[[], None],
) -> Blueprint:
    """Routes ``/v1/ledger/audit`` for the platform, ``/internal/ledger/projection`` for operators.

    ``forget`` has the projections thrown away; the projector makes them anew.
    """
    blueprint = Blueprint("audits", __name__, description="Whether projections follow the log")

    @blueprint.get("/v1/ledger/audit")
    @needs(Permission.PAYMENTS_BOOKS_READ)
    @blueprint.response(200, AuditSchema)
    def get_audit() -> dict[str, Any]:
        """Give what the last comparison of the projections with the log found."""
        return latest()

    @blueprint.get("/internal/ledger/projection")
    @internal
    @blueprint.response(200, ProjectionSchema)
    def get_projection() -> dict[str, Any]:
        """Give how far the log is projected."""
        return progress()

    @blueprint.post("/internal/ledger/projection")
    @internal
    @keyless
    @untransacted
    @blueprint.response(202, ProjectionSchema)
    def rebuild_projection() -> dict[str, Any]:
        """Throw the projections away; they are made anew from the log while all goes on."""
        forget()
        return progress()

    return blueprint
