"""How communities lie in MongoDB: shapes and indexes, no behaviour."""

from __future__ import annotations

from mongoengine import DateTimeField, DictField, IntField, ListField, StringField

from chassis.mongo import AggregateDocument


class CommunityDocument(AggregateDocument):
    """One community. Tags are a list of pairs: a tag may hold any character."""

    meta = {
        "collection": "communities",
        "owner": "host_id",
        "auto_create_index": False,
        "indexes": [("host_id", "id")],
    }
    id = StringField(primary_key=True)
    host_id = StringField(required=True)
    name = StringField(required=True)
    city = StringField(required=True)
    size = IntField(required=True, min_value=1)
    tags = ListField(DictField())
    founded_at = DateTimeField(required=True)
