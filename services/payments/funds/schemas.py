"""The JSON of deposits, and catalog's offers read as commands of ours."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, post_load, validates

from chassis.kernel.ids import pattern
from chassis.kernel.money import Money
from chassis.web.schemas import (
    EventSchema,
    Moment,
    MoneyRead,
    MoneySchema,
    PositiveMoneySchema,
    Reply,
    Request,
    page_of,
)
from services.payments.funds.domain import Caps, FundWatch, OfferFund
from services.payments.funds.use_cases import OpenFund, RecordDeposit

TARGETS = (pattern("off"), pattern("nam"))


class RecordDepositSchema(Request):
    """Body of ``POST /v1/deposits``."""

    target = fields.String(required=True)
    amount = fields.Nested(PositiveMoneySchema, required=True)

    @validates("target")
    def check_target(self, value: str, **_: object) -> None:
        """Refuse what can be no target."""
        if not any(shape.match(value) for shape in TARGETS):
            raise ValidationError("Neither an offer (off_) nor naming rights (nam_).")

    @post_load
    def to_command(self, values: dict[str, Any], **_: object) -> RecordDeposit:
        """Make it a command."""
        return RecordDeposit(**values)


class DepositReply(Reply):
    """A deposit; ``state`` is ``booked`` once the ledger holds it."""

    id = fields.String()
    target_id = fields.String()
    account = fields.String()
    amount = fields.Nested(MoneySchema)
    state = fields.String()
    recorded_at = Moment()


class SetThresholdSchema(Request):
    """Body of ``PUT /v1/funds/{offer_id}/threshold``; null for what three claims would take."""

    threshold = fields.Nested(MoneySchema, required=True, allow_none=True)


class FundReply(Reply):
    """What an offer's fund has; ``is_low`` once that is less than ``threshold``.

    ``available`` and ``is_low`` follow the books by a moment. ``own_threshold`` says whether
    the brand set it.
    """

    offer_id = fields.String(required=True)
    brand_id = fields.String(required=True)
    cap = fields.Nested(MoneySchema, required=True)
    deposited = fields.Nested(MoneySchema, required=True)
    available = fields.Nested(MoneySchema, required=True)
    threshold = fields.Nested(MoneySchema, required=True)
    own_threshold = fields.Boolean(required=True)
    is_low = fields.Boolean(required=True)
    low_since = Moment(required=True, allow_none=True)


FundsPage = page_of(FundReply, "FundsPage")


def shown_fund(fund: OfferFund, watch: FundWatch) -> dict[str, Any]:
    """A fund as ``FundReply`` dumps it."""
    currency = fund.cap.currency
    return {
        "offer_id": fund.id,
        "brand_id": fund.brand_id,
        "cap": fund.cap,
        "deposited": fund.deposited,
        "available": Money(watch.available, currency),
        "threshold": Money(watch.threshold, currency),
        "own_threshold": watch.own_threshold is not None,
        "is_low": watch.is_low,
        "low_since": watch.low_since,
    }


class OfferOpenedSchema(EventSchema):
    """``catalog.offer.opened.v1``."""

    offer_id = fields.String(required=True)
    brand_id = fields.String(required=True)
    total_cap = fields.Nested(MoneyRead, required=True)
    opens_at = Moment(load_default=None)
    most_per_host = fields.Nested(MoneyRead, load_default=None, allow_none=True)
    most_per_period = fields.Nested(MoneyRead, load_default=None, allow_none=True)
    period_days = fields.Integer(load_default=None, allow_none=True, strict=True)

    @post_load
    def to_command(self, values: dict[str, Any], **_: object) -> OpenFund:
        """Make it a command; offers of before there were caps have none."""
        per_host, per_period = values["most_per_host"], values["most_per_period"]
        caps = Caps(
            per_host=per_host.minor if per_host else 0,
            per_period=per_period.minor if per_period else 0,
            period_days=values["period_days"] or 1,
            starts_at=values["opens_at"],
        )
        return OpenFund(
            offer_id=values["offer_id"],
            brand_id=values["brand_id"],
            cap=values["total_cap"],
            caps=caps,
        )
