"""Reports as JSON; amounts in minor units of their currency."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marshmallow import fields

from chassis.web.schemas import Moment, PageQuery, Reply, Request, page_of
from services.payments.accounting.domain import BANDS, Owed


class TrialBalanceQuerySchema(Request):
    """As of the end of which day; left out for now."""

    day = fields.Date(load_default=None)


class KindBalanceSchema(Reply):
    """All accounts of a kind in one currency together; a star stands for an id."""

    accounts = fields.String(required=True)
    currency = fields.String(required=True)
    minor = fields.Integer(required=True)


class KindsBalanceSchema(Reply):
    """The trial balance by kind of account; ``balanced`` when each currency adds up to zero."""

    day = fields.Date(required=True, allow_none=True)
    lines = fields.List(fields.Nested(KindBalanceSchema), required=True)
    balanced = fields.Boolean(required=True)


class BandSchema(Reply):
    """What is owed for so many whole days; no end for the oldest."""

    from_days = fields.Integer(required=True)
    to_days = fields.Integer(required=True, allow_none=True)
    minor = fields.Integer(required=True)


class OwedSchema(Reply):
    """What one account is owed and for how long; what came first is taken to go out first."""

    account = fields.String(required=True)
    currency = fields.String(required=True)
    minor = fields.Integer(required=True)
    bands = fields.List(fields.Nested(BandSchema), required=True)
    oldest_days = fields.Integer(required=True)


AgeingPage = page_of(OwedSchema, "AgeingPage")
AgeingQuery = PageQuery


class IncomeQuerySchema(Request):
    """Of which period: from its start up to its end, exclusive."""

    start: fields.Field[datetime] = Moment(required=True, data_key="from")
    end: fields.Field[datetime] = Moment(required=True, data_key="to")


class IncomeLineSchema(Reply):
    """What one kind of entry brought to the platform, and what it took back."""

    code = fields.String(required=True)
    currency = fields.String(required=True)
    earned = fields.Integer(required=True)
    returned = fields.Integer(required=True)
    net = fields.Integer(required=True)
    entries = fields.Integer(required=True)


class IncomeSchema(Reply):
    """The platform's fees of a period."""

    start = Moment(required=True, data_key="from")
    end = Moment(required=True, data_key="to")
    lines = fields.List(fields.Nested(IncomeLineSchema), required=True)


def shown_owed(owed: Owed) -> dict[str, Any]:
    """An account as ``OwedSchema`` dumps it."""
    starts = (0, *(last + 1 for last in BANDS))
    bands = zip(starts, (*BANDS, None), owed.bands, strict=True)
    return {
        "account": owed.account,
        "currency": owed.currency,
        "minor": owed.minor,
        "bands": [
            {"from_days": first, "to_days": last, "minor": minor} for first, last, minor in bands
        ],
        "oldest_days": owed.oldest_days,
    }
