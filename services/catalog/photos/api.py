"""Photos over HTTP: parse, call one use case, dump."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from chassis.auth import principal
from chassis.kernel.ids import Ids
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, accepts, keyless, needs, public, tagged, untransacted
from services.catalog.lots.schemas import StockLotSchema, lot_reply
from services.catalog.lots.use_cases import Lots
from services.catalog.photos.engine.encode import FORMATS
from services.catalog.photos.schemas import AddPhotoQuery
from services.catalog.photos.use_cases import (
    AddPhoto,
    Pictures,
    RemovePhoto,
    Transaction,
    add_photo,
    remove_photo,
)

LIMIT_BYTES = 10 * 1_048_576
# A photo never changes: another one has another address. Pages of any origin may show it.
HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


def photos_blueprint(
    lots: Lots, pictures: Pictures, transaction: Transaction, ids: Ids, clock: Clock
) -> Blueprint:
    """Routes under ``/v1/lots/{id}/photos`` and ``/v1/photos``."""
    blueprint = Blueprint("photos", __name__, url_prefix="/v1", description="Photos of lots")

    @blueprint.post("/lots/<lot_id>/photos")
    @needs(Permission.CATALOG_LOT_PUBLISH)
    @keyless
    @untransacted  # encoding takes long, and GridFS takes part in no transaction
    @accepts(*FORMATS, limit_bytes=LIMIT_BYTES)
    @blueprint.arguments(AddPhotoQuery, location="query")
    @blueprint.response(201, StockLotSchema)
    def add_photo_view(query: dict[str, Any], lot_id: str) -> dict[str, Any]:
        """Show a JPEG, PNG or WebP photo on a lot; the same file again is the same photo."""
        command = AddPhoto(
            lot_id=lot_id,
            brand_id=principal().organization_id,
            body=request.get_data(),
            media_type=request.mimetype,
            **query,
        )
        return _add(command, lots, pictures, transaction, ids, clock)

    @blueprint.delete("/lots/<lot_id>/photos/<photo_id>")
    @needs(Permission.CATALOG_LOT_PUBLISH)
    @blueprint.response(200, StockLotSchema)
    def remove_photo_view(lot_id: str, photo_id: str) -> dict[str, Any]:
        """Take a photo off a lot."""
        brand_id, now = principal().organization_id, clock()
        command = RemovePhoto(lot_id=lot_id, brand_id=brand_id, photo_id=photo_id)
        lot = remove_photo(command, lots=lots, pictures=pictures, now=now)
        return lot_reply(tagged(lot), now=now)

    @blueprint.get("/photos/<photo_id>")
    @public
    @blueprint.response(200, content_type="image/webp")
    def read_photo_view(photo_id: str) -> Response:
        """A photo that a lot shows, at most 1600 pixels wide and high."""
        answer = Response(pictures.read(photo_id), content_type="image/webp", headers=HEADERS)
        answer.set_etag(photo_id)
        answer.make_conditional(request)
        return answer

    return blueprint


def _add(
    command: AddPhoto,
    lots: Lots,
    pictures: Pictures,
    transaction: Transaction,
    ids: Ids,
    clock: Clock,
) -> dict[str, Any]:
    now = clock()
    lot = add_photo(
        command, lots=lots, pictures=pictures, transaction=transaction, ids=ids, now=now
    )
    return lot_reply(tagged(lot), now=now)
