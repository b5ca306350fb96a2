"""How payouts lie in MongoDB."""

from __future__ import annotations

from mongoengine import (
    DateTimeField,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentListField,
    LongField,
    StringField,
)

from chassis.mongo import AggregateDocument

BATCHES = "payout_batches"


class LineDocument(EmbeddedDocument):
    """One part of how the amount came about."""

    minor = LongField(required=True)
    why_en = StringField(required=True)
    why_zh = StringField(required=True)


class PayoutDocument(AggregateDocument):
    """An organisation's payout of a day."""

    meta = {
        "collection": "payouts",
        "owner": "organization_id",
        "auto_create_index": False,
        "indexes": [
            {"fields": ["organization_id", "currency", "day"], "unique": True},
            ("day", "id"),
        ],
    }
    id = StringField(primary_key=True)
    organization_id = StringField(required=True)
    destination_id = StringField(required=True)
    provider = StringField(required=True)
    day = StringField(required=True)
    amount_minor = LongField(required=True)
    to_reserve_minor = LongField(required=True)
    currency = StringField(required=True)
    lines = EmbeddedDocumentListField(LineDocument)
    planned_at = DateTimeField(required=True)
    state = StringField(required=True)
    code = StringField()
    ended_at = DateTimeField()


class BatchDocument(Document):
    """A day whose payouts have all been decided."""

    meta = {"collection": BATCHES, "auto_create_index": False}
    id = StringField(primary_key=True)  # the day
    closed_at = DateTimeField(required=True)
