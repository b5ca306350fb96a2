"""The JSON of payouts."""

from __future__ import annotations

from marshmallow import fields, validate

from chassis.web.schemas import Moment, MoneySchema, PageQuery, Reply, page_of
from services.payments.payouts.domain import PayoutState


class PayoutsQuery(PageQuery):
    """Which payouts."""

    day = fields.String(load_default=None, validate=validate.Regexp(r"^\d{4}-\d{2}-\d{2}\Z"))
    state = fields.String(
        load_default=None, validate=validate.OneOf([state.value for state in PayoutState])
    )


class PayoutReply(Reply):
    """A payout and how far it has come."""

    id = fields.String()
    organization_id = fields.String()
    destination_id = fields.String()
    provider = fields.String()
    day = fields.Date()
    amount = fields.Nested(MoneySchema)
    state = fields.Enum(PayoutState, by_value=True)
    code = fields.String()
    planned_at = Moment()
    ended_at = Moment(allow_none=True)


PayoutsPage = page_of(PayoutReply, "PayoutsPage")


class PayoutLineReply(Reply):
    """One part of how the amount came about."""

    minor = fields.Integer()
    why_en = fields.String()
    why_zh = fields.String()


class PayoutExplanationReply(PayoutReply):
    """A payout with the lines that add up to its amount."""

    lines = fields.List(fields.Nested(PayoutLineReply))


class PayoutTermsReply(Reply):
    """What parties are told before they agree on a contract."""

    valid_from = Moment()
    refund_window_days = fields.Function(lambda terms: terms.refund_window.days)
    minimum_minor = fields.Integer()
    reserve_minor = fields.Integer()
    hour = fields.Integer()
    why_en = fields.Function(
        lambda terms: (
            f"A share can be paid out from the midnight after"
            f" {terms.refund_window.days} days on, so that guests may return things until then."
        )
    )
    why_zh = fields.Function(
        lambda terms: f"分成在 {terms.refund_window.days} 天退货期满后的次日零点起可付款。"
    )


class PayoutTermsList(Reply):
    """All terms there have been; a contract keeps those of the day it was signed."""

    items = fields.List(fields.Nested(PayoutTermsReply), required=True)
