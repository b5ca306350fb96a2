"""How registrations lie in MongoDB: shapes and indexes, no behaviour."""

from __future__ import annotations

from mongoengine import BooleanField, DateTimeField, DictField, StringField

from chassis.mongo import AggregateDocument


class RegistrationDocument(AggregateDocument):
    """What one guest answered; of the answers no copy is kept in the history."""

    meta = {
        "collection": "registrations",
        "owner": "host_id",
        "hidden": ("answers",),
        "auto_create_index": False,
        "indexes": [
            ("gathering_id", "id"),
            {"fields": ["forget_at"], "partialFilterExpression": {"is_forgotten": False}},
        ],
    }
    id = StringField(primary_key=True)
    gathering_id = StringField(required=True)
    invitation_id = StringField(required=True)
    host_id = StringField(required=True)
    registered_at = DateTimeField(required=True)
    forget_at = DateTimeField(required=True)
    answers = DictField()
    is_forgotten = BooleanField(required=True)
