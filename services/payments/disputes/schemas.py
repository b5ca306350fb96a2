"""The JSON of disputes."""

from __future__ import annotations

from marshmallow import fields, validate

from chassis.web.schemas import (
    IdField,
    Moment,
    MoneySchema,
    PageQuery,
    Reply,
    Request,
    Text,
    page_of,
)
from services.payments.disputes.domain import DisputeState
from services.payments.providers.domain import Stage


class DisputesQuery(PageQuery):
    """Query of the list of disputes."""

    sale_id = IdField("sal", load_default=None)


class HandInSchema(Request):
    """Body of ``POST /v1/disputes/{id}/evidence``."""

    text = Text(2_000, required=True)
    links = fields.List(
        fields.Url(schemes={"https"}, validate=validate.Length(max=300)),
        load_default=list,
        validate=validate.Length(max=10),
    )
    codes = fields.List(Text(100), load_default=list, validate=validate.Length(max=50))


class EvidenceReply(Reply):
    """What a party handed in."""

    organization_id = fields.String()
    text = fields.String()
    links = fields.List(fields.String())
    codes = fields.List(fields.String())
    given_at = Moment()


class DisputeReply(Reply):
    """A dispute: ``stage`` is the bank's, ``state`` what the books have of it.

    ``told`` is what the bank says is disputed, ``held`` how much of it is held of the sale.
    ``chargeback_id`` names the entries' ``refund_id``.
    """

    id = fields.String()
    provider = fields.String()
    reference = fields.String()
    sale_id = fields.String()
    gathering_id = fields.String()
    told = fields.Nested(MoneySchema)
    held = fields.Nested(MoneySchema)
    fee = fields.Nested(MoneySchema)
    reason = fields.String()
    stage = fields.Enum(Stage, by_value=True)
    state = fields.Enum(DisputeState, by_value=True)
    chargeback_id = fields.String()
    evidence = fields.List(fields.Nested(EvidenceReply))
    evidence_due = Moment(allow_none=True)
    opened_at = Moment()
    submitted_at = Moment(allow_none=True)
    ended_at = Moment(allow_none=True)


DisputesPage = page_of(DisputeReply, "DisputesPage")
