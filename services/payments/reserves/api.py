"""Reserves over HTTP."""

from __future__ import annotations

from typing import Any

from chassis.auth import principal
from chassis.kernel.errors import NotFound
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, needs
from services.payments.releases.use_cases import CompletedReleases
from services.payments.reserves.domain import Reserve
from services.payments.reserves.schemas import ReserveQuery, ReserveReply, SetReserveSchema
from services.payments.reserves.use_cases import (
    ReserveBook,
    SetReserve,
    set_reserve,
    slices_of,
)


class ReserveNotFound(NotFound):
    """That reserve is of another organisation."""

    code = "reserve-not-found"
    hint = "Ask for the reserve of your own organisation."
    chinese = "只能查看本组织的准备金，请核对组织编号。"


def reserves_blueprint(book: ReserveBook, releases: CompletedReleases, clock: Clock) -> Blueprint:
    """Routes under ``/v1/reserves``."""
    blueprint = Blueprint(
        "reserves",
        __name__,
        url_prefix="/v1/reserves",
        description="What of an organisation's releases stays behind for a time",
    )

    def told(reserve: Reserve, currency: str) -> dict[str, Any]:
        slices = slices_of(reserve, currency, releases=releases, now=clock())
        return {
            "organization_id": reserve.id,
            "currency": currency,
            "policies": reserve.policies,
            "slices": slices,
            "measure_minor": sum(part.minor for part in slices),
        }

    @blueprint.post("")
    @needs(Permission.PAYMENTS_RESERVE_SET)
    @blueprint.arguments(SetReserveSchema)
    @blueprint.arguments(ReserveQuery, location="query")
    @blueprint.response(201, ReserveReply)
    def post_reserve(command: SetReserve, query: dict[str, Any]) -> dict[str, Any]:
        """Let a part of each later release of an organisation stay, and say why; zero for none."""
        return told(set_reserve(command, book=book, now=clock()), query["currency"])

    @blueprint.get("/<organization_id>")
    @needs(Permission.PAYMENTS_STATEMENT_READ)
    @blueprint.arguments(ReserveQuery, location="query")
    @blueprint.response(200, ReserveReply)
    def read_reserve(query: dict[str, Any], organization_id: str) -> dict[str, Any]:
        """Read one's own policies and what is to stay now, release by release."""
        caller = principal()
        if not caller.is_platform and caller.organization_id != organization_id:
            raise ReserveNotFound(f"no reserve of {organization_id}")
        return told(book.of(organization_id), query["currency"])

    return blueprint
