"""Authors' keys over HTTP: parse, call one use case, dump."""

from __future__ import annotations

from typing import Any

from chassis.auth import principal
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, needs
from services.catalog.authors.domain import RegisteredKey
from services.catalog.authors.schemas import RegisteredKeySchema, RegisterKeySchema
from services.catalog.authors.use_cases import AuthorKeys, RegisterKey, register_key


def authors_blueprint(keys: AuthorKeys, clock: Clock) -> Blueprint:
    """Routes under ``/v1/author-keys``."""
    blueprint = Blueprint(
        "authors", __name__, url_prefix="/v1/author-keys", description="Who signs for whom"
    )

    @blueprint.post("")
    @needs(Permission.CATALOG_CARTRIDGE_PUBLISH)
    @blueprint.arguments(RegisterKeySchema)
    @blueprint.response(201, RegisteredKeySchema)
    def register_key_view(body: dict[str, Any]) -> RegisteredKey:
        """Let what a key signs earn for the caller's organisation."""
        command = RegisterKey(organization_id=principal().organization_id, **body)
        return register_key(command, keys=keys, now=clock())

    return blueprint
