"""Cartridges over HTTP: parse, call one use case or query, dump."""

from __future__ import annotations

from typing import Any

from chassis.auth import principal
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, etag, needs, page, position_of
from services.catalog.cartridges.domain import CartridgeVersion
from services.catalog.cartridges.queries import CartridgeLists
from services.catalog.cartridges.schemas import (
    CartridgePage,
    CartridgeQuery,
    CartridgeSchema,
    CartridgeVersionSchema,
    PublishVersionSchema,
)
from services.catalog.cartridges.use_cases import Cartridges, PublishVersion, publish_version


def cartridges_blueprint(cartridges: Cartridges, lists: CartridgeLists, clock: Clock) -> Blueprint:
    """Routes under ``/v1/cartridges``."""
    blueprint = Blueprint(
        "cartridges", __name__, url_prefix="/v1/cartridges", description="Published themes"
    )

    @blueprint.post("")
    @needs(Permission.CATALOG_CARTRIDGE_PUBLISH)
    @blueprint.arguments(PublishVersionSchema)
    @blueprint.response(201, CartridgeVersionSchema)
    def publish_version_view(body: dict[str, Any]) -> CartridgeVersion:
        """Publish a version of a theme; what is published never changes."""
        command = PublishVersion(author_id=principal().organization_id, **body)
        return publish_version(command, cartridges=cartridges, now=clock())

    @blueprint.get("")
    @blueprint.arguments(CartridgeQuery, location="query")
    @blueprint.response(200, CartridgePage)
    def list_cartridges_view(query: dict[str, Any]) -> dict[str, Any]:
        """All cartridges, the caller's own, or the one that a digest pins."""
        limit = query["limit"]
        rows = lists.cartridges(
            author_id=principal().organization_id if query["mine"] else None,
            digest=query["digest"],
            after=position_of(query["cursor"]),
            limit=limit + 1,
        )
        return page(rows, limit=limit, position=lambda row: str(row["id"]))

    @blueprint.get("/<cartridge_id>")
    @blueprint.response(200, CartridgeSchema)
    def read_cartridge_view(cartridge_id: str) -> dict[str, Any]:
        """A cartridge and its versions."""
        cartridge = lists.cartridge(cartridge_id)
        etag(cartridge["version"])
        return cartridge

    @blueprint.get("/<cartridge_id>/versions/<version>")
    @blueprint.response(200, CartridgeVersionSchema)
    def read_version_view(cartridge_id: str, version: str) -> CartridgeVersion:
        """One version with its manifest."""
        return cartridges.version(cartridge_id, version)

    return blueprint
