"""How sales lie in MongoDB."""

from __future__ import annotations

from mongoengine import BooleanField, Document, LongField, StringField

from chassis.mongo import AggregateDocument


class SaleDocument(AggregateDocument):
    """One sale; its id orders it in time."""

    meta = {
        "collection": "sales",
        "owner": None,
        "volatile": ("refunded_minor", "disputed_minor"),
        "auto_create_index": False,
        "indexes": [("gathering_id", "id")],
    }
    id = StringField(primary_key=True)
    gathering_id = StringField(required=True)
    amount_minor = LongField(required=True)
    refunded_minor = LongField(required=True)
    currency = StringField(required=True)
    disputed_minor = LongField()  # absent while there never was a dispute
    is_called_off = BooleanField()


class ClosedGatheringDocument(Document):
    """A gathering whose every sale has been heard of."""

    meta = {"collection": "closed_gatherings", "auto_create_index": False}
    id = StringField(primary_key=True)
