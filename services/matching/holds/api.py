"""Soft holds over HTTP: parse, call one use case or query, dump."""

from __future__ import annotations

from typing import Any

from chassis.auth import principal
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, needs, page, position_of
from services.matching.holds.domain import HoldNotFound, HoldsOfAnotherHost
from services.matching.holds.queries import HoldLists
from services.matching.holds.schemas import (
    HoldsQuery,
    SoftHoldPage,
    SoftHoldSchema,
    hold_reply,
)
from services.matching.holds.use_cases import HoldDesk, release_hold


def holds_blueprint(desk: HoldDesk, lists: HoldLists, clock: Clock) -> Blueprint:
    """Routes under ``/v1/hosts/{host_id}/holds``."""
    blueprint = Blueprint(
        "holds",
        __name__,
        url_prefix="/v1/hosts",
        description="What a clearing holds for a host, for two days",
    )

    @blueprint.get("/<host_id>/holds")
    @needs(Permission.MATCHING_OFFER_READ)
    @blueprint.arguments(HoldsQuery, location="query")
    @blueprint.response(200, SoftHoldPage)
    def list_holds_view(query: dict[str, Any], host_id: str) -> dict[str, Any]:
        """What is held for a host now, each with its reason; claim it as usual."""
        caller, limit, now = principal(), query["limit"], clock()
        if caller.organization_id != host_id and not caller.is_platform:
            raise HoldsOfAnotherHost(f"the access token is not for {host_id}")
        rows = lists.of_host(
            host_id,
            standing_at=None if query["all"] else now,
            before=position_of(query["cursor"]),
            limit=limit + 1,
        )
        found = page(rows, limit=limit, position=lambda hold: hold.id)
        return found | {"items": [hold_reply(hold, now) for hold in found["items"]]}

    @blueprint.post("/<host_id>/holds/<hold_id>/releases")
    @needs(Permission.MATCHING_CLAIM_MAKE)
    @blueprint.response(200, SoftHoldSchema)
    def release_hold_view(host_id: str, hold_id: str) -> dict[str, Any]:
        """Give back what is held for the caller, so that others may have it at once."""
        if principal().organization_id != host_id:
            raise HoldNotFound(f"no hold {hold_id}")
        now = clock()
        return hold_reply(release_hold(hold_id, host_id=host_id, desk=desk, now=now), now)

    return blueprint
