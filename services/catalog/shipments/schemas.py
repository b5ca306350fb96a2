"""The JSON of shipments."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load, validate

from chassis.web.schemas import (
    IdField,
    Moment,
    MoneySchema,
    Reply,
    Request,
    StrictInteger,
    Text,
    page_of,
)
from services.catalog.lots.engine.bounds import GREATEST_COUNT, MOST_LINES
from services.catalog.shipments.domain import CountedLine, Parcel, ShipmentState

LONGEST_TEXT = 60
MOST_UNITS = GREATEST_COUNT**2  # an imported line may hold a million packs of a million

_number = validate.Range(min=1, max=MOST_LINES)
_counted = validate.Range(min=0, max=MOST_UNITS)
_some = validate.Range(min=1, max=MOST_UNITS)


class PackedLineSchema(Request):
    """So many units of a line of the lot's manifest, counted from 1."""

    line = StrictInteger(required=True, validate=_number)
    units = StrictInteger(required=True, validate=_some)


class DispatchSchema(Request):
    """Body of ``POST /v1/shipments/{id}/dispatches``.

    A lot of several lines needs ``packed``; of one line it follows from the packs.
    """

    carrier = Text(LONGEST_TEXT, shortest=0, load_default="")
    tracking = Text(LONGEST_TEXT, shortest=0, load_default="")
    packed = fields.List(
        fields.Nested(PackedLineSchema), load_default=(), validate=validate.Length(max=MOST_LINES)
    )

    @post_load
    def to_parcel(self, values: dict[str, Any], **_: object) -> Parcel:
        """Make it a parcel."""
        lines = tuple((row["line"], row["units"]) for row in values["packed"])
        return Parcel(values["carrier"], values["tracking"], lines)


class DecideSchema(Request):
    """Body of ``POST /v1/shipments/{id}/decisions``: ``send`` to the host, or ``keep``."""

    decision = fields.String(required=True, validate=validate.OneOf(("send", "keep")))


class CountedLineSchema(Request):
    """What came of a line: units as described, and units in a worse condition."""

    line = StrictInteger(required=True, validate=_number)
    units = StrictInteger(required=True, validate=_counted)
    unfit = StrictInteger(load_default=0, validate=_counted)

    @post_load
    def to_line(self, values: dict[str, Any], **_: object) -> CountedLine:
        """Make it a value."""
        return CountedLine(**values)


class ReceiptSchema(Request):
    """Body of ``POST /v1/shipments/{id}/receipts``: every line of the packing list, once."""

    counted = fields.List(
        fields.Nested(CountedLineSchema),
        required=True,
        validate=validate.Length(min=1, max=MOST_LINES),
    )


class SendBackSchema(Request):
    """Body of ``POST /v1/shipments/{id}/returns`` and ``/exchanges``; no reason is asked."""

    packs = StrictInteger(required=True, validate=_some)


class PackedLineReply(Reply):
    """A line of the packing list, with the manifest's price."""

    line = fields.Integer(required=True)
    units = fields.Integer(required=True)
    unit_price = fields.Nested(MoneySchema, required=True)


class CountedLineReply(Reply):
    """A line as it was counted."""

    line = fields.Integer(required=True)
    units = fields.Integer(required=True)
    unfit = fields.Integer(required=True)


class ShipmentSummarySchema(Reply):
    """A shipment in a list."""

    id = IdField("shp", required=True)
    lot_id = IdField("lot", required=True)
    claim_id = IdField("clm", required=True)
    brand_id = IdField("org", required=True)
    host_id = IdField("org", required=True)
    packs = fields.Integer(required=True)
    units = fields.Integer(required=True)
    state = fields.String(
        required=True, validate=validate.OneOf([state.value for state in ShipmentState])
    )
    waits_for = fields.Integer(required=True)
    decide_by = Moment(required=True, allow_none=True)
    opened_at = Moment(required=True)
    dispatched_at = Moment(required=True, allow_none=True)
    received_at = Moment(required=True, allow_none=True)


class ShipmentSchema(ShipmentSummarySchema):
    """A shipment. ``credit`` is what the brand owes for what did not come as described."""

    replaces = fields.String(required=True)
    carrier = fields.String(required=True)
    tracking = fields.String(required=True)
    packed = fields.List(fields.Nested(PackedLineReply), required=True)
    counted = fields.List(fields.Nested(CountedLineReply), required=True)
    credit = fields.Nested(MoneySchema, required=True, allow_none=True)
    packs_returned = fields.Integer(required=True, attribute="returned")
    packs_exchanged = fields.Integer(required=True, attribute="exchanged")


ShipmentPage = page_of(ShipmentSummarySchema, "ShipmentPage")
