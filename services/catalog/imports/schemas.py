"""The JSON of imports."""

from __future__ import annotations

from marshmallow import fields, validate

from chassis.web.schemas import IdField, Moment, Reply, Request, page_of
from services.catalog.imports.engine.table import ENCODINGS


class CheckFileQuery(Request):
    """Query of ``POST /v1/imports``."""

    encoding = fields.String(load_default="auto", validate=validate.OneOf(ENCODINGS))


class TemplateQuery(Request):
    """Query of ``GET /v1/imports/template.csv``."""

    language = fields.String(load_default="en", validate=validate.OneOf(["en", "zh"]))


class LotImportSchema(Reply):
    """An import: what the dry run found, and how far publishing has come."""

    id = IdField("imp", required=True)
    state = fields.String(required=True)
    encoding = fields.String(required=True)
    lines = fields.Integer(required=True)
    good = fields.Integer(required=True)
    bad = fields.Integer(required=True)
    published = fields.Integer(required=True)
    lapsed = fields.Integer(required=True)
    created_at = Moment(required=True)


class FaultSchema(Reply):
    """One reason why a line is not taken."""

    column = fields.String(required=True)
    code = fields.String(required=True)
    reason = fields.String(required=True)
    reason_zh = fields.String(required=True, attribute="chinese")


class BadLineSchema(Reply):
    """A line of the file that is not taken; the header is line 1."""

    line = fields.Integer(required=True)
    faults = fields.List(fields.Nested(FaultSchema), required=True)


ImportPage = page_of(LotImportSchema, "ImportPage")
BadLinePage = page_of(BadLineSchema, "BadLinePage")
