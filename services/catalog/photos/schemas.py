"""The JSON around photos; what they show travels as bytes."""

from __future__ import annotations

from marshmallow import fields

from chassis.web.schemas import Request, Text
from services.catalog.lots.engine.photos import PhotoKind

LONGEST_ALT = 200


class AddPhotoQuery(Request):
    """Query of ``POST /v1/lots/{id}/photos``: what the photo is, and what it shows in words."""

    kind = fields.Enum(PhotoKind, by_value=True, required=True)
    alt_en = Text(LONGEST_ALT, required=True)
    alt_zh = Text(LONGEST_ALT, required=True)
