"""How funds and deposits lie in MongoDB."""

from __future__ import annotations

from mongoengine import DateTimeField, IntField, LongField, StringField

from chassis.mongo import AggregateDocument


class OfferFundDocument(AggregateDocument):
    """The money of one offer."""

    meta = {
        "collection": "offer_funds",
        "owner": "brand_id",
        "volatile": ("deposited_minor",),
        "auto_create_index": False,
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
