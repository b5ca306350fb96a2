"""The JSON of similarity reports. Parts are basis points: 10,000 is all of it."""

from __future__ import annotations

from marshmallow import fields, validate

from chassis.web.schemas import IdField, Moment, Reply, Request, StrictInteger


class ReportQuery(Request):
    """Query of a report: as things are now, or as it was kept at the publication."""

    at = fields.String(load_default="now", validate=validate.OneOf(("now", "publication")))


class AlikePassageSchema(Reply):
    """A passage of the theme and the one of another that it is most like."""

    path = fields.String(required=True)
    other_path = fields.String(required=True)
    alike = StrictInteger(required=True)


class LikenessSchema(Reply):
    """How much two themes are alike.

    ``text_taken``: of this text, what the other has; ``text_given``: of the other's text, what
    this has; ``text_alike``: of all text, what both have; ``structure_alike``: the same of
    steps, roles and things.
    """

    text_taken = StrictInteger(required=True)
    text_given = StrictInteger(required=True)
    text_alike = StrictInteger(required=True)
    structure_alike = StrictInteger(required=True)
    passages = fields.List(fields.Nested(AlikePassageSchema), required=True)


class TwinSchema(Reply):
    """A version of another author that the theme is like."""

    digest = fields.String(required=True)
    cartridge_id = IdField("crt", required=True)
    author_id = IdField("org", required=True)
    name = fields.String(required=True)
    version = fields.String(required=True)
    published_at = Moment(required=True)
    is_suspicious = fields.Boolean(required=True)
    likeness = fields.Nested(LikenessSchema, required=True)


class ReportSchema(Reply):
    """What a theme is like; ``ancestors`` were declared as its lineage and are left out."""

    digest = fields.String(required=True)
    ancestors = fields.List(fields.String(), required=True)
    made_at = Moment(required=True)
    is_suspicious = fields.Boolean(required=True)
    twins = fields.List(fields.Nested(TwinSchema), required=True)
