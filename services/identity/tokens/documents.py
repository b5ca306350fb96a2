"""How sessions lie in MongoDB: shapes and indexes, no behaviour."""

from __future__ import annotations

from mongoengine import DateTimeField, StringField

from chassis.mongo import AggregateDocument

KEPT_SECONDS = 31 * 24 * 3600  # a day longer than the longest session


class SessionDocument(AggregateDocument):
    """One session; of its refresh tokens there are only digests."""

    meta = {
        "collection": "sessions",
        "auto_create_index": False,
        "indexes": [
            {"fields": ["family"], "unique": True},
            "user_id",
            {"fields": ["started_at"], "expireAfterSeconds": KEPT_SECONDS},
        ],
    }
    id = StringField(primary_key=True)
    user_id = StringField(required=True)
    organization_id = StringField()
    family = StringField(required=True)
    head = StringField(required=True)
    previous = StringField()
    salt = StringField()
    started_at = DateTimeField(required=True)
    used_at = DateTimeField(required=True)
    ended_at = DateTimeField()
    ended_by = StringField()
