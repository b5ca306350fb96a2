"""How disputes lie in MongoDB."""

from __future__ import annotations

from mongoengine import (
    DateTimeField,
    DictField,
    Document,
    ListField,
    LongField,
    StringField,
)

from chassis.mongo import AggregateDocument

WATCHES = "dispute_watches"


class DisputeDocument(AggregateDocument):
    """A buyer's dispute of a sale."""

    meta = {
        "collection": "disputes",
        "owner": None,
        "auto_create_index": False,
        "indexes": [("parties", "id"), ("sale_id", "id")],
    }
    id = StringField(primary_key=True)
    provider = StringField(required=True)
    reference = StringField(required=True)
    sale_id = StringField(required=True)
    gathering_id = StringField()
    told = DictField(required=True)
    held = DictField(required=True)
    fee = DictField(required=True)
    reason = StringField(required=True)
    stage = StringField(required=True)
    state = StringField(required=True)
    parties = ListField(StringField())
    evidence = ListField(DictField())
    evidence_due = DateTimeField()
    opened_at = DateTimeField(required=True)
    submitted_at = DateTimeField()
    ended_at = DateTimeField()


class WatchDocument(Document):
    """A dispute at a provider that is to be asked about."""

    meta = {
        "collection": WATCHES,
        "auto_create_index": False,
        "indexes": [
            {
                "name": "due",
                "fields": ["next_at"],
                "partialFilterExpression": {"next_at": {"$exists": True}},
            }
        ],
    }
    id = StringField(primary_key=True)  # provider:reference
    rings = LongField(required=True)  # how many messages there were
    next_at = DateTimeField()  # absent once nothing more is to be asked
