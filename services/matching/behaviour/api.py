"""Routes under ``/v1/behaviour``."""

from __future__ import annotations

from typing import Any

from chassis.auth import principal
from chassis.permissions import Permission
from chassis.web import Blueprint, Place, needs, page, place_of
from services.matching.behaviour.domain import RecordOfAnother
from services.matching.behaviour.queries import BehaviourQueries
from services.matching.behaviour.schemas import BehaviourPage, BehaviourQuery


def behaviour_blueprint(queries: BehaviourQueries) -> Blueprint:
    """What organisations did: the asset that grows with use."""
    blueprint = Blueprint(
        "behaviour", __name__, url_prefix="/v1/behaviour", description="Record of behaviour"
    )

    @blueprint.get("")
    @needs(Permission.MATCHING_GATHERING_READ)
    @blueprint.arguments(BehaviourQuery, location="query")
    @blueprint.response(200, BehaviourPage)
    def list_behaviour(query: dict[str, Any]) -> dict[str, Any]:
        """An organisation's deeds, latest first: your own, or anybody's for the platform."""
        caller, limit = principal(), query["limit"]
        wanted = query["organization_id"] or caller.organization_id
        if wanted != caller.organization_id and not caller.is_platform:
            raise RecordOfAnother
        found = queries.of_organization(wanted, before=place_of(query["cursor"]), limit=limit + 1)
        return page(found, limit=limit, position=lambda line: str(Place(line["at"], line["id"])))

    return blueprint
