"""How funds and deposits lie in MongoDB."""

from __future__ import annotations

from mongoengine import BooleanField, DateTimeField, Document, IntField, LongField, StringField

from chassis.mongo import AggregateDocument

FUND_PROGRESS = "fund_progress"


class OfferFundDocument(AggregateDocument):
    """The money of one offer."""

    meta = {
        "collection": "offer_funds",
        "owner": "brand_id",
        "volatile": ("deposited_minor",),
        "auto_create_index": False,
        "indexes": [("brand_id", "id")],
    }
    id = StringField(primary_key=True)  # the offer's
    brand_id = StringField(required=True)
    cap_minor = LongField(required=True)
    deposited_minor = LongField(required=True)
    currency = StringField(required=True)
    most_per_host_minor = LongField()  # absent, or zero, without that cap
    most_per_period_minor = LongField()
    period_days = IntField()
    opens_at = DateTimeField()


class FundWatchDocument(AggregateDocument):
    """Whether the fund of one offer is low."""

    meta = {
        "collection": "fund_watches",
        "owner": "brand_id",
        "volatile": ("available_minor", "last_claim_minor", "low_since", "may_tell"),
        "auto_create_index": False,
    }
    id = StringField(primary_key=True)
    offer_id = StringField(required=True)
    brand_id = StringField(required=True)
    currency = StringField(required=True)
    own_threshold_minor = LongField()  # absent when the brand set none
    last_claim_minor = LongField(required=True)
    available_minor = LongField(required=True)
    low_since = DateTimeField()
    may_tell = BooleanField(required=True)


class FundProgressDocument(Document):
    """Up to where the log was read for what fills and empties funds."""

    meta = {"collection": FUND_PROGRESS, "auto_create_index": False}
    id = StringField(primary_key=True)  # the market
    segment = LongField(required=True)


class DepositDocument(AggregateDocument):
    """Money that arrived."""

    meta = {
        "collection": "deposits",
        "owner": None,
        "auto_create_index": False,
        "indexes": ["target_id"],
    }
    id = StringField(primary_key=True)
    target_id = StringField(required=True)
    account = StringField(required=True)
    amount_minor = LongField(required=True)
    currency = StringField(required=True)
    recorded_at = DateTimeField(required=True)
    state = StringField(required=True)
