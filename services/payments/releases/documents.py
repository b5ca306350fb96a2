"""How pending shares and releases lie in MongoDB."""

from __future__ import annotations

from mongoengine import BooleanField, DateTimeField, IntField, LongField, StringField

from chassis.mongo import AggregateDocument


class PendingShareDocument(AggregateDocument):
    """What one settlement brought an organisation."""

    meta = {
        "collection": "pending_shares",
        "owner": "organization_id",
        "volatile": ("waits",),
        "auto_create_index": False,
        "indexes": [
            {
                "name": "due",
                "fields": ["organization_id", "currency", "available_at"],
                "partialFilterExpression": {"waits": True},
            },
            {
                "name": "owners",
                "fields": ["available_at"],
                "partialFilterExpression": {"waits": True},
            },
        ],
    }
    id = StringField(primary_key=True)
    settlement_id = StringField(required=True)
    organization_id = StringField(required=True)
    amount_minor = LongField(required=True)
    currency = StringField(required=True)
    available_at = DateTimeField(required=True)
    release_id = StringField()
    waits = BooleanField()  # absent once it is released


class ReleaseDocument(AggregateDocument):
    """An organisation's shares of a day, freed for payout."""

    meta = {
        "collection": "releases",
        "owner": "organization_id",
        "auto_create_index": False,
        "indexes": [("organization_id", "completed_at")],
    }
    id = StringField(primary_key=True)
    organization_id = StringField(required=True)
    day = StringField(required=True)
    amount_minor = LongField(required=True)
    currency = StringField(required=True)
    shares = IntField(required=True)
    state = StringField(required=True)
    completed_at = DateTimeField()
