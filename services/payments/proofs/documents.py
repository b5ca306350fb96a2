"""How sealed days lie in MongoDB."""

from __future__ import annotations

from mongoengine import BinaryField, IntField, ListField, LongField, StringField

from chassis.mongo import AggregateDocument

DAYS = "ledger_days"


class DayDocument(AggregateDocument):
    """A sealed day; never changed."""

    meta = {
        "collection": DAYS,
        "auto_create_index": False,
        "indexes": [{"fields": ["market", "day"], "unique": True}, ("market", "first")],
    }
    id = StringField(primary_key=True)
    market = StringField(required=True)
    day = StringField(required=True)
    zone = StringField(required=True)
    first = LongField(required=True)
    end = LongField(required=True)
    entries = IntField(required=True)
    root = BinaryField(required=True)
    head = BinaryField(required=True)
    balances = ListField(ListField())  # kind of account, currency, minor units
    segment_roots = BinaryField(required=True)  # 32 bytes each
    token = StringField(required=True)
