"""The JSON of gatherings."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from chassis.web.schemas import (
    A_DIGEST,
    EventSchema,
    IdField,
    Moment,
    PageQuery,
    Reply,
    Request,
    StrictInteger,
    Text,
    page_of,
)
from services.matching.gatherings.domain import Status

MOST_CO_HOSTS = 10
MOST_PEOPLE = 5000
LONGEST_TITLE = 120
LONGEST_TEXT = 500
KINDS_OF_EVIDENCE = ("photo", "video", "receipt", "list", "note")


class PlanGatheringSchema(Request):
    """Body of ``POST /v1/gatherings``; on a kit's claim the cartridge may be left out."""

    title = Text(LONGEST_TITLE, required=True)
    claim_id = IdField("clm", required=True)
    cartridge_digest = fields.String(
        load_default=None, allow_none=True, validate=validate.Length(min=1, max=128)
    )
    people = StrictInteger(
        load_default=None, allow_none=True, validate=validate.Range(min=1, max=MOST_PEOPLE)
    )
    venue_id = IdField("ven", required=True)
    slot_id = IdField("slt", required=True)
    co_host_ids = fields.List(
        IdField("org"), load_default=list, validate=validate.Length(max=MOST_CO_HOSTS)
    )
    naming_rights_id = IdField("nam", load_default=None, allow_none=True)


class AddEvidenceSchema(Request):
    """Body of ``POST /v1/gatherings/{id}/evidence``: words, or the digest of a file.

    ``answers`` is a path that the gathering lists under ``wanted``.
    """

    kind = fields.String(required=True, validate=validate.OneOf(KINDS_OF_EVIDENCE))
    text = Text(LONGEST_TEXT, load_default=None)
    digest = fields.String(load_default=None, validate=A_DIGEST)

    answers = fields.String(
        load_default=None, allow_none=True, validate=validate.Length(min=1, max=64)
    )

    @validates_schema
    def must_say_something(self, values: dict[str, Any], **_: object) -> None:
        """Refuse neither and both."""
        if (values["text"] is None) == (values["digest"] is None):
            raise ValidationError("Send either text or digest.")


class WhySchema(Request):
    """Body of a dispute or a cancellation."""

    why = Text(LONGEST_TEXT, required=True)


class GatheringsQuery(PageQuery):
    """Which gatherings, and which page of them."""

    status = fields.String(
        load_default=None, validate=validate.OneOf([status.value for status in Status])
    )


class CartridgeSchema(Reply):
    """The version of a theme that a gathering is pinned to."""

    id = fields.String(required=True)
    digest = fields.String(required=True)
    author_id = fields.String(required=True)
    min_people = fields.Integer(required=True)
    max_people = fields.Integer(required=True)


class SlotSchema(Reply):
    """Where and when a gathering takes place."""

    id = fields.String(required=True)
    venue_id = fields.String(required=True)
    venue_org_id = fields.String(required=True)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    capacity = fields.Integer(required=True)


class EvidenceSchema(Reply):
    """What shows that a gathering took place."""

    id = fields.String(required=True)
    kind = fields.String(required=True)
    text = fields.String(allow_none=True)
    digest = fields.String(allow_none=True)
    answers = fields.String(allow_none=True)
    added_by = fields.String(required=True)
    added_at = Moment(required=True)


class ThingsSchema(Reply):
    """Packs of one lot at a gathering."""

    lot_id = fields.String(required=True)
    brand_id = fields.String(required=True)
    packs = fields.Integer(required=True)


class WantedSchema(Reply):
    """A step, a point or evidence of the pinned cartridge, by its path in the manifest.

    ``kinds`` are those that show it; any does where there are none.
    """

    path = fields.String(required=True)
    kinds = fields.List(fields.String(), required=True)
    text = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    required = fields.Boolean(required=True)
    is_shown = fields.Boolean(required=True)


class QuestionAskedSchema(Reply):
    """What the cartridge asks of a guest who registers."""

    id = fields.String(required=True)
    title = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    kind = fields.String(required=True)
    options = fields.List(fields.Dict(keys=fields.String(), values=fields.String()), required=True)
    required = fields.Boolean(required=True)


class GatheringSchema(Reply):
    """A gathering, as everybody with a part in it sees it; of a kit, lot is null, offer empty."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.String(required=True)
    claim_id = fields.String(required=True)
    kit_id = fields.String(required=True, allow_none=True)
    goods = fields.List(fields.Nested(ThingsSchema), required=True)
    returned = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    lot_id = fields.String(required=True, allow_none=True)
    offer_id = fields.String(required=True)
    brand_id = fields.String(required=True)
    brand_ids = fields.List(fields.String(), required=True)
    approved_brands = fields.List(fields.String(), required=True)
    host_id = fields.String(required=True)
    co_host_ids = fields.List(fields.String(), required=True)
    community_id = fields.String(required=True)
    packs = fields.Integer(required=True)
    packs_returned = fields.Integer(required=True)
    cartridge = fields.Nested(CartridgeSchema, required=True)
    slot = fields.Nested(SlotSchema, required=True)
    naming_rights_id = fields.String(allow_none=True)
    capacity = fields.Integer(required=True)
    min_checked_in = fields.Integer(required=True)
    checked_in = fields.Integer(required=True)
    wanted = fields.List(fields.Nested(WantedSchema), required=True)
    questions = fields.List(
        fields.Nested(QuestionAskedSchema), required=True, attribute="sheet.questions"
    )
    evidence = fields.List(fields.Nested(EvidenceSchema), required=True)
    planned_at = Moment(required=True)
    held_at = Moment(allow_none=True)
    approve_by = Moment(allow_none=True)
    approved_by = fields.String(allow_none=True)
    why = fields.String(allow_none=True)
    refusal_code = fields.String(allow_none=True)
    refusal_detail = fields.String(allow_none=True)
    settlement_id = fields.String(allow_none=True)


class GoodsCalledOffRead(EventSchema):
    """What we need of ``catalog.shipment.called-off.v1``; earlier ones say no reason."""

    claim_id = fields.String(required=True)
    reason = fields.String(load_default="claim-ended")


GatheringPage = page_of(GatheringSchema, "GatheringPage")
