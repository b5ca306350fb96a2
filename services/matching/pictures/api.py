"""A host's picture over HTTP: parse, call one use case, dump."""

from __future__ import annotations

from typing import Any

from chassis.auth import principal
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, needs
from services.matching.communities.use_cases import Communities
from services.matching.pictures.domain import PictureOfAnother
from services.matching.pictures.schemas import PictureSchema, picture_reply
from services.matching.pictures.use_cases import Past, picture_host


def pictures_blueprint(communities: Communities, past: Past, clock: Clock) -> Blueprint:
    """Routes under ``/v1/hosts/{host_id}/picture``."""
    blueprint = Blueprint(
        "pictures",
        __name__,
        url_prefix="/v1/hosts/<host_id>/picture",
        description="Who a host's people are, what they came to and bought, and her record",
    )

    @blueprint.get("")
    @needs(Permission.MATCHING_OFFER_READ)
    @blueprint.response(200, PictureSchema)
    def read_picture_view(host_id: str) -> dict[str, Any]:
        """Her picture as everything stands now, each figure with where it comes from."""
        caller = principal()
        if caller.organization_id != host_id and not caller.is_platform:
            raise PictureOfAnother(f"the access token is not for {host_id}")
        return picture_reply(picture_host(host_id, communities=communities, past=past), clock())

    return blueprint
