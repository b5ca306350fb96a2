"""The JSON of imports."""

from __future__ import annotations

from marshmallow import fields, validate

from chassis.web.schemas import IdField, Moment, Reply, Request, page_of
from services.catalog.imports.engine.table import ENCODINGS, FileFormat


class TakeFileQuery(Request):
    """Query of ``POST /v1/imports``."""

    encoding = fields.String(load_default="auto", validate=validate.OneOf(ENCODINGS))


class TemplateQuery(Request):
    """Query of ``GET /v1/imports/template.csv`` and ``.xlsx``."""

    language = fields.String(load_default="en", validate=validate.OneOf(["en", "zh"]))


class ExportQuery(Request):
    """Query of ``GET /v1/lots/export``."""

    format = fields.Enum(FileFormat, by_value=True, load_default=FileFormat.CSV)


class ImportSummarySchema(Reply):
    """An import in a list."""

    id = IdField("imp", required=True)
    state = fields.String(required=True)
    format = fields.String(required=True)
    good = fields.Integer(required=True)
    bad = fields.Integer(required=True)
    published = fields.Integer(required=True)
    created_at = Moment(required=True)


class LotImportSchema(Reply):
    """An import: what the dry run found, and how far checking or publishing has come.

    Bad lines and changes are told one by one up to the first 10,000 of each.
    """

    id = IdField("imp", required=True)
    state = fields.String(required=True)
    format = fields.String(required=True, attribute="kind.format")
    encoding = fields.String(required=True, attribute="kind.encoding")
    lines = fields.Integer(required=True)
    good = fields.Integer(required=True)
    new = fields.Integer(required=True)
    changed = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)
    bad = fields.Integer(required=True)
    published = fields.Integer(required=True)
    corrected = fields.Integer(required=True)
    lapsed = fields.Integer(required=True)
    share_done = fields.Float(required=True)
    seconds_left = fields.Integer(required=True, allow_none=True)
    created_at = Moment(required=True)


class FaultSchema(Reply):
    """One reason why a line is not taken."""

    column = fields.String(required=True)
    code = fields.String(required=True)
    reason = fields.String(required=True)
    reason_zh = fields.String(required=True, attribute="chinese")


class BadLineSchema(Reply):
    """A line that is not taken; a header is line 1, the first object of JSON too."""

    line = fields.Integer(required=True)
    faults = fields.List(fields.Nested(FaultSchema), required=True)


class DifferenceSchema(Reply):
    """What a column says of the lot now, and what the file says."""

    column = fields.String(required=True)
    before = fields.String(required=True)
    after = fields.String(required=True)


class ChangeSchema(Reply):
    """A line that changes a lot which exists."""

    line = fields.Integer(required=True)
    lot_id = IdField("lot", required=True)
    differences = fields.List(fields.Nested(DifferenceSchema), required=True)


ImportPage = page_of(ImportSummarySchema, "ImportPage")
BadLinePage = page_of(BadLineSchema, "BadLinePage")
ChangePage = page_of(ChangeSchema, "ChangePage")
