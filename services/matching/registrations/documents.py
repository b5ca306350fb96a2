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
        "indexes": [("gathering_id", "id")],
    }
    id = StringField(primary_key=True)
    gathering_id = StringField(required=True)
    invitation_id = StringField(required=True)
    host_id = StringField(required=True)
    registered_at = DateTimeField(required=True)
    answers = DictField()
    is_taken_back = BooleanField(required=True)
