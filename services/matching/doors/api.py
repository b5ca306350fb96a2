"""Where the public halves of the door keys are found."""

from __future__ import annotations

from typing import Any

from chassis.web import Blueprint, public
from services.matching.doors.schemas import JwksSchema
from services.matching.doors.use_cases import DoorKeys


def doors_blueprint(door_keys: DoorKeys) -> Blueprint:
    """Whoever stands at a door without a network verifies codes with these."""
    blueprint = Blueprint("doors", __name__, url_prefix="/.well-known", description="Door keys")

    @blueprint.get("/jwks.json")
    @public
    @blueprint.response(200, JwksSchema)
    def get_door_keys() -> dict[str, Any]:
        """The keys that door codes are signed with."""
        return door_keys.published()

    return blueprint
