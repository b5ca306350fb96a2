"""How authors' keys lie in MongoDB: shapes and indexes, no behaviour."""

from __future__ import annotations

from mongoengine import DateTimeField, StringField

from chassis.mongo import AggregateDocument


class AuthorKeyDocument(AggregateDocument):
    """One registered key."""

    meta = {
        "collection": "author_keys",
        "owner": "organization_id",
        "auto_create_index": False,
        "indexes": [("organization_id", "id"), {"fields": ["key"], "unique": True}],
    }
    id = StringField(primary_key=True)
    key = StringField(required=True)
    organization_id = StringField(required=True)
    registered_at = DateTimeField(required=True)
