"""How users lie in MongoDB: shapes and indexes, no behaviour."""

from __future__ import annotations

from mongoengine import DateTimeField, StringField

from chassis.mongo import AggregateDocument


class UserDocument(AggregateDocument):
    """One user."""

    meta = {
        "collection": "users",
        "owner": "id",
        "hidden": (
            "email",
            "name",
            "password_hash",
        ),
        "auto_create_index": False,
        "indexes": [{"fields": ["email"], "unique": True}],
    }
    id = StringField(primary_key=True)
    email = StringField(required=True)
    name = StringField(required=True)
    password_hash = StringField(required=True)
    registered_at = DateTimeField(required=True)
