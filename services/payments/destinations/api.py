"""Payout destinations over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chassis.auth import principal
from chassis.kernel.ids import Ids
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, needs, page, position_of
from services.payments.destinations.domain import Destination, DestinationNotFound
from services.payments.destinations.schemas import (
    DestinationReply,
    DestinationsPage,
    DestinationsQuery,
    NameDestinationSchema,
)
from services.payments.destinations.use_cases import (
    Destinations,
    NameDestination,
    name_destination,
)
from services.payments.providers.use_cases import Desk


def destinations_blueprint(
    destinations: Destinations,
    list_destinations: Callable[..., list[Destination]],
    desk: Desk,
    payout_provider: str,
    clock: Clock,
    ids: Ids,
) -> Blueprint:
    """Routes under ``/v1/payout-destinations``."""
    blueprint = Blueprint(
        "payout-destinations",
        __name__,
        url_prefix="/v1/payout-destinations",
        description="The accounts that organisations are paid at",
    )

    @blueprint.post("")
    @needs(Permission.PAYMENTS_DESTINATION_SET)
    @blueprint.arguments(NameDestinationSchema)
    @blueprint.response(201, DestinationReply)
    def post_destination(body: dict[str, Any]) -> Destination:
        """Name the account to be paid at; it takes the place of the one before.

        What is on its way already arrives at the one before.
        """
        command = NameDestination(organization_id=principal().organization_id, **body)
        return name_destination(
            command,
            provider=desk.provider(payout_provider),
            destinations=destinations,
            operations=desk.operations,
            ids=ids,
            now=clock(),
        )

    @blueprint.get("")
    @needs(Permission.PAYMENTS_STATEMENT_READ)
    @blueprint.arguments(DestinationsQuery, location="query")
    @blueprint.response(200, DestinationsPage)
    def read_destinations(query: dict[str, Any]) -> dict[str, Any]:
        """List the accounts that the caller's organisation named."""
        caller = principal()
        found = list_destinations(
            organization_id=None if caller.is_platform else caller.organization_id,
            after=position_of(query["cursor"]),
            limit=query["limit"],
        )
        return page(found, limit=query["limit"], position=lambda destination: destination.id)

    @blueprint.get("/<destination_id>")
    @needs(Permission.PAYMENTS_STATEMENT_READ)
    @blueprint.response(200, DestinationReply)
    def read_destination(destination_id: str) -> Destination:
        """Read an account that the caller's organisation named."""
        destination, caller = destinations.get(destination_id), principal()
        if not caller.is_platform and caller.organization_id != destination.organization_id:
            raise DestinationNotFound(f"no payout destination {destination_id}")
        return destination

    return blueprint
