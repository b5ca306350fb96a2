"""Kits over HTTP: parse, call one use case or query, dump."""

from __future__ import annotations

from typing import Any

from chassis.auth import principal
from chassis.kernel.ids import Ids
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, needs, page, position_of, tagged
from services.catalog.cartridges.use_cases import Cartridges
from services.catalog.kits.domain import Kit
from services.catalog.kits.queries import KitLists
from services.catalog.kits.schemas import (
    DraftKitSchema,
    ExplanationSchema,
    KitPage,
    KitQuery,
    KitSchema,
    SignKitSchema,
)
from services.catalog.kits.use_cases import (
    DraftKit,
    Kits,
    draft_kit,
    seen_kit,
    sign_kit,
    withdraw_kit,
)
from services.catalog.lots.use_cases import Lots


def kits_blueprint(
    kits: Kits, lists: KitLists, lots: Lots, cartridges: Cartridges, ids: Ids, clock: Clock
) -> Blueprint:
    """Routes under ``/v1/kits``."""
    blueprint = Blueprint("kits", __name__, url_prefix="/v1/kits", description="Whole solutions")

    @blueprint.post("")
    @needs(Permission.CATALOG_KIT_DRAFT)
    @blueprint.arguments(DraftKitSchema)
    @blueprint.response(201, KitSchema)
    def draft_kit_view(body: dict[str, Any]) -> Kit:
        """Put goods, a venue and a cartridge together; the brands must sign."""
        command = DraftKit(organization_id=principal().organization_id, **body)
        return tagged(
            draft_kit(command, kits=kits, lots=lots, cartridges=cartridges, ids=ids, now=clock())
        )

    @blueprint.get("")
    @blueprint.arguments(KitQuery, location="query")
    @blueprint.response(200, KitPage)
    def list_kits_view(query: dict[str, Any]) -> dict[str, Any]:
        """Kits that may be claimed, or all in which the caller has a part."""
        limit, after = query["limit"], position_of(query["cursor"])
        rows = (
            lists.of_party(principal().organization_id, after=after, limit=limit + 1)
            if query["mine"]
            else lists.published(after=after, limit=limit + 1)
        )
        return page(rows, limit=limit, position=lambda row: str(row["id"]))

    @blueprint.get("/<kit_id>")
    @blueprint.response(200, KitSchema)
    def read_kit_view(kit_id: str) -> Kit:
        """A kit; a draft is for who has a part in it."""
        return tagged(seen_kit(kit_id, principal().organization_id, kits=kits))

    @blueprint.get("/<kit_id>/explanation")
    @blueprint.response(200, ExplanationSchema)
    def explain_kit_view(kit_id: str) -> dict[str, Any]:
        """How the price is shared out, line by line."""
        kit = seen_kit(kit_id, principal().organization_id, kits=kits)
        return {"price": kit.price, "shares": kit.shares()}

    @blueprint.post("/<kit_id>/signatures")
    @needs(Permission.CATALOG_KIT_SIGN)
    @blueprint.arguments(SignKitSchema)
    @blueprint.response(201, KitSchema)
    def sign_kit_view(body: dict[str, str], kit_id: str) -> Kit:
        """Agree to a kit's terms; the last of its brands to do so publishes it."""
        return tagged(
            sign_kit(
                kit_id,
                principal().organization_id,
                body["terms_digest"],
                kits=kits,
                lots=lots,
                cartridges=cartridges,
                now=clock(),
            )
        )

    @blueprint.post("/<kit_id>/withdrawals")
    @needs(Permission.CATALOG_KIT_DRAFT)
    @blueprint.response(201, KitSchema)
    def withdraw_kit_view(kit_id: str) -> Kit:
        """Close a kit for new claims, as who drafted it or has goods in it."""
        return tagged(withdraw_kit(kit_id, principal().organization_id, kits=kits, now=clock()))

    return blueprint
