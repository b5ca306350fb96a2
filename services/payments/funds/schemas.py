"""The JSON of deposits, and catalog's offers read as commands of ours."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, post_load, validates

from chassis.kernel.ids import pattern
from chassis.web.schemas import (
    EventSchema,
    Moment,
    MoneyRead,
    MoneySchema,
    PositiveMoneySchema,
    Reply,
    Request,
)
from services.payments.funds.domain import Caps
from services.payments.funds.use_cases import OpenFund, RecordDeposit

TARGETS = (pattern("off"), pattern("nam"))


class RecordDepositSchema(Request):
    """Body of ``POST /v1/deposits``."""

    target = fields.String(required=True)
    amount = fields.Nested(PositiveMoneySchema, required=True)

    @validates("target")
    def check_target(self, value: str, **_: object) -> None:
        """Refuse what can be no target."""
        if not any(shape.fullmatch(value) for shape in TARGETS):
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
