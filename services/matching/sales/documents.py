"""How sales lie in MongoDB: shapes and indexes, no behaviour."""

from __future__ import annotations

from mongoengine import DateTimeField, DictField, IntField, ListField, LongField, StringField

from chassis.mongo import AggregateDocument


class SaleDocument(AggregateDocument):
    """One sale with its refunds; amounts are in minor units of its currency."""

    meta = {
        "collection": "sales",
        "owner": "sold_by",
        "auto_create_index": False,
        "indexes": [("gathering_id", "id")],
    }
    id = StringField(primary_key=True)
    gathering_id = StringField(required=True)
    ticket_id = StringField()
    units = IntField(required=True, min_value=1)
    amount_minor = LongField(required=True, min_value=1)
    currency = StringField(required=True, max_length=3)
    sold_by = StringField(required=True)
    sold_at = DateTimeField(required=True)
    refunds = ListField(DictField())
