"""How subsidy offers lie in MongoDB: shapes and indexes, no behaviour."""

from __future__ import annotations

from mongoengine import (
    BooleanField,
    DateTimeField,
    DictField,
    IntField,
    ListField,
    LongField,
    StringField,
)

from chassis.mongo import AggregateDocument


class SubsidyOfferDocument(AggregateDocument):
    """One subsidy offer."""

    meta = {
        "collection": "subsidy_offers",
        "owner": "brand_id",
        "auto_create_index": False,
        "indexes": [
            ("brand_id", "id"),
            {"name": "due", "fields": ["closes_at"], "partialFilterExpression": {"is_open": True}},
            {
                "name": "paying",
                "fields": ["subsidy_minor", "brand_id", "opens_at", "closes_at", "is_open"],
                "partialFilterExpression": {"is_open": True},
            },
            {
                "name": "best",
                "fields": ["brand_id", "subsidy_minor", "opens_at", "closes_at", "is_open"],
                "partialFilterExpression": {"is_open": True},
            },
        ],
    }
    id = StringField(primary_key=True)
    brand_id = StringField(required=True)
    subsidy_minor = LongField(required=True, min_value=0)
    total_cap_minor = LongField(required=True, min_value=0)
    currency = StringField(required=True)
    min_checked_in = IntField(required=True)
    terms = DictField(required=True)
    ramp = DictField(null=True)
    most_per_host_minor = LongField()  # absent without that limit, and so are the next two
    most_per_period_minor = LongField()
    period_days = IntField()
    eligibility = ListField(DictField())  # empty or absent: every host may claim
    opens_at = DateTimeField(required=True)
    closes_at = DateTimeField(required=True)
    is_open = BooleanField(required=True)
    closed = StringField()
