"""How soft holds lie in MongoDB: shapes and indexes, no behaviour."""

from __future__ import annotations

from mongoengine import (
    BooleanField,
    DateTimeField,
    DictField,
    IntField,
    LongField,
    StringField,
)

from chassis.mongo import AggregateDocument
from services.matching.holds.domain import KEPT


class HoldDocument(AggregateDocument):
    """One soft hold and why, until ``KEPT`` after its end.

    What stands of it lies on the lot's own row too.
    """

    meta = {
        "collection": "holds",
        "owner": "host_id",
        "auto_create_index": False,
        "indexes": [
            ("host_id", "-id"),
            ("host_id", "lot_id"),
            "clearing_id",
            {"fields": ["claim_id"], "sparse": True},
            {"fields": ["until"], "expireAfterSeconds": int(KEPT.total_seconds())},
        ],
    }
    id = StringField(primary_key=True)
    host_id = StringField(required=True)
    lot_id = StringField(required=True)
    brand_id = StringField(required=True)
    offer_id = StringField(required=True)
    packs = IntField(required=True, min_value=1)
    subsidy_minor = LongField(required=True)
    currency = StringField(required=True, max_length=3)
    clearing_id = StringField(required=True)
    why = DictField(required=True)  # as ``Why`` has it
    title = StringField()  # absent of holds of before it was kept
    placed_at = DateTimeField(required=True)
    until = DateTimeField(required=True)
    is_newcomer = BooleanField(required=True)
    claim_id = StringField()
    released_at = DateTimeField()
