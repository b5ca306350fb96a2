"""How corrections lie in MongoDB."""

from __future__ import annotations

from mongoengine import DateTimeField, DictField, IntField, ListField, StringField

from chassis.mongo import AggregateDocument


class CorrectionDocument(AggregateDocument):
    """One correction of how many came to a settled gathering."""

    meta = {
        "collection": "corrections",
        "owner": None,
        "auto_create_index": False,
        "indexes": ["settlement_id"],
    }
    id = StringField(primary_key=True)
    settlement_id = StringField(required=True)
    gathering_id = StringField(required=True)
    claim_id = StringField(required=True)
    host_id = StringField(required=True)
    checked_in = IntField(required=True)
    why_en = StringField(required=True)
    why_zh = StringField(required=True)
    currency = StringField(required=True)
    takes = ListField(DictField())  # empty where nothing comes back
    decided_at = DateTimeField(required=True)
    state = StringField(required=True)
