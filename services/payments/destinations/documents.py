"""How payout destinations lie in MongoDB."""

from __future__ import annotations

from mongoengine import DateTimeField, StringField

from chassis.mongo import AggregateDocument


class DestinationDocument(AggregateDocument):
    """One account to be paid to."""

    meta = {
        "collection": "payout_destinations",
        "owner": "organization_id",
        "hidden": ("account",),
        "auto_create_index": False,
        "indexes": [
            ("organization_id", "id"),
            {
                "name": "one_active",
                "fields": ["organization_id"],
                "unique": True,
                "partialFilterExpression": {"state": "active"},
            },
        ],
    }
    id = StringField(primary_key=True)
    organization_id = StringField(required=True)
    provider = StringField(required=True)
    holder = StringField(required=True)
    account = StringField(required=True)
    schedule = StringField(required=True)
    named_at = DateTimeField(required=True)
    state = StringField(required=True)
    code = StringField()
