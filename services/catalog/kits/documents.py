"""How kits lie in MongoDB: shapes and indexes, no behaviour."""

from __future__ import annotations

from mongoengine import DateTimeField, DictField, IntField, ListField, LongField, StringField

from chassis.mongo import AggregateDocument


class KitDocument(AggregateDocument):
    """One kit. ``parties`` are all who may see a draft."""

    meta = {
        "collection": "kits",
        "owner": "drafted_by",
        "auto_create_index": False,
        "indexes": [("parties", "id"), ("state", "id")],
    }
    id = StringField(primary_key=True)
    drafted_by = StringField(required=True)
    parties = ListField(StringField(), required=True)
    title = StringField(required=True)
    lines = ListField(DictField(), required=True)
    capacity = IntField(required=True)
    equipment = ListField(StringField())
    cartridge_digest = StringField(required=True)
    author_id = StringField(required=True)
    price_minor = LongField(required=True, min_value=0)
    currency = StringField(required=True)
    terms = DictField(required=True)
    royalties = DictField()  # absent of kits whose author's share is the publisher's alone
    terms_digest = StringField(required=True)
    drafted_at = DateTimeField(required=True)
    signed = ListField(StringField())
    state = StringField(required=True)
