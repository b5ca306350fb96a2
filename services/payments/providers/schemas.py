"""Operations and providers as JSON."""

from __future__ import annotations

from marshmallow import fields, validate

from chassis.web.schemas import (
    Moment,
    MoneySchema,
    PageQuery,
    Reply,
    Request,
    Text,
    page_of,
)
from services.payments.providers.domain import Kind, State


class OperationsQuery(PageQuery):
    """Which operations."""

    state = fields.String(load_default=None, validate=validate.OneOf([s.value for s in State]))
    about = fields.String(load_default=None, validate=validate.Length(max=64))
    alarmed = fields.Boolean(load_default=False)


class PartReply(Reply):
    """What became of one receiver's share."""

    party_id = fields.String()
    minor = fields.Integer()
    status = fields.Function(lambda part: part.status.value)
    code = fields.String()


class OperationRulingReply(Reply):
    """How a person found that an operation ended."""

    outcome = fields.Enum(State, by_value=True)
    reason = fields.String()
    evidence = fields.String()
    by = fields.String()
    at = Moment()


class OperationReply(Reply):
    """What was asked of a provider and how it stands; accounts and names are left out."""

    id = fields.String()
    provider = fields.String()
    kind = fields.Function(lambda operation: operation.kind.value)
    about = fields.String()
    amount = fields.Function(
        lambda operation: (
            MoneySchema().dump(operation.order.amount) if operation.order.amount else None
        )
    )
    state = fields.Function(lambda operation: operation.state.value)
    tries = fields.Integer()
    asks = fields.Integer()
    planned_at = Moment()
    sent_at = Moment(allow_none=True)
    ended_at = Moment(allow_none=True)
    next_at = Moment(allow_none=True)
    reference = fields.String()
    code = fields.String()
    detail = fields.String()
    retry = fields.Function(lambda operation: operation.retry.value)
    parts = fields.List(fields.Nested(PartReply))
    alarm = fields.String()
    ruling = fields.Nested(OperationRulingReply, allow_none=True)


class RuleOperationSchema(Request):
    """Body of ``POST /v1/provider-operations/{id}/rulings``."""

    outcome = fields.String(
        required=True, validate=validate.OneOf([State.SUCCEEDED.value, State.FAILED.value])
    )
    reason = Text(500, required=True)
    evidence = Text(200, required=True)


class RuleOperationForSchema(RuleOperationSchema):
    """Body of ``POST /internal/provider-operations/{id}/rulings``; ``by`` is who says it."""

    by = Text(100, required=True)


OperationsPage = page_of(OperationReply, "OperationsPage")


class ProviderReply(Reply):
    """A provider and its terms; durations in seconds, null for without limit.

    Open operations have not ended; those of them that are stuck need a person.
    """

    name = fields.String()
    kinds = fields.List(fields.Enum(Kind, by_value=True))
    currencies = fields.Dict(keys=fields.String(), values=fields.Integer())
    largest_ratio = fields.Integer()
    receivers_per_call = fields.Integer()
    calls_per_order = fields.Integer(allow_none=True)
    is_split_atomic = fields.Boolean()
    registers_receivers = fields.Boolean()
    release_after_seconds = fields.Float(allow_none=True)
    returns_within_seconds = fields.Float(allow_none=True)
    cannot_return = fields.List(fields.String())
    smallest_share = fields.Integer()
    smallest_payout = fields.Dict(keys=fields.String(), values=fields.Integer())
    largest_payout = fields.Dict(keys=fields.String(), values=fields.Integer())
    payouts_return_within_seconds = fields.Float()
    calls_per_second = fields.Integer(allow_none=True)
    open_operations = fields.Integer()
    stuck_operations = fields.Integer()
    oldest_open_at = Moment(allow_none=True)


class ProvidersReply(Reply):
    """The providers that this installation is set up for."""

    items = fields.List(fields.Nested(ProviderReply), required=True)
