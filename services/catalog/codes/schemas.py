"""The JSON of codes and scans."""

from __future__ import annotations

from marshmallow import fields, validate

from chassis.web.schemas import IdField, Moment, Reply, Request, StrictInteger, page_of
from services.catalog.codes.domain import MOST_CODES
from services.catalog.codes.engine.spelling import CodeKind


class MakeCodesSchema(Request):
    """Body of ``POST /v1/codes``. ``host_id`` is for brands; a host's codes are her own."""

    kind = fields.Enum(CodeKind, by_value=True, required=True)
    count = StrictInteger(required=True, validate=validate.Range(min=1, max=MOST_CODES))
    lot_id = IdField("lot", load_default=None, allow_none=True)
    host_id = IdField("org", load_default=None, allow_none=True)
    community_id = IdField("com", load_default=None, allow_none=True)


class SheetQuery(Request):
    """Which sheet, counted from 1."""

    number = fields.Integer(load_default=1, validate=validate.Range(min=1, max=MOST_CODES))


class PartQuery(Request):
    """What scans are counted by."""

    by = fields.String(load_default="lot", validate=validate.OneOf(("lot", "host", "community")))


class CodeBatchSchema(Reply):
    """A batch of codes."""

    id = IdField("cbt", required=True)
    kind = fields.String(required=True, validate=validate.OneOf([*CodeKind]))
    count = fields.Integer(required=True)
    sheets = fields.Integer(required=True)
    lot_id = fields.String(required=True, allow_none=True)
    host_id = fields.String(required=True, allow_none=True)
    community_id = fields.String(required=True, allow_none=True)
    key_id = fields.String(required=True)
    made_at = Moment(required=True)
    withdrawn_at = Moment(required=True, allow_none=True)


class SeenSchema(Reply):
    """A genuine code: what it is on, and to whom the scan is credited."""

    kind = fields.Enum(CodeKind, by_value=True, required=True, attribute="code.kind")
    batch_id = fields.String(required=True, attribute="code.batch_id")
    serial = fields.Integer(required=True, attribute="code.serial")
    count = fields.Integer(required=True, attribute="batch.count")
    lot_id = fields.String(required=True, allow_none=True, attribute="code.lot_id")
    host_id = fields.String(required=True, allow_none=True, attribute="code.host_id")
    community_id = fields.String(required=True, allow_none=True, attribute="code.community_id")
    title = fields.String(required=True)


class DayCountSchema(Reply):
    """One day's scans of a batch."""

    day = fields.String(required=True)
    codes = fields.Integer(required=True)
    scans = fields.Integer(required=True)


class BatchCountSchema(Reply):
    """How a batch was scanned: one visitor, one code, one day is one scan."""

    batch_id = fields.String(required=True)
    codes = fields.Integer(required=True)
    codes_scanned = fields.Integer(required=True)
    scans = fields.Integer(required=True)
    days = fields.List(fields.Nested(DayCountSchema), required=True)


class PartCountSchema(Reply):
    """How often codes that name this one, or none, were scanned."""

    id = fields.String(required=True, allow_none=True)
    scans = fields.Integer(required=True)


class PartCountsSchema(Reply):
    """Scans by lot, host or community, the most first."""

    by = fields.String(required=True)
    items = fields.List(fields.Nested(PartCountSchema), required=True)


CodeBatchPage = page_of(CodeBatchSchema, "CodeBatchPage")
