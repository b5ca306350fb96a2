"""How the record of behaviour lies in MongoDB."""

from __future__ import annotations

from mongoengine import DateTimeField, Document, LongField, StringField


class BehaviourDocument(Document):
    """One deed of one organisation."""

    meta = {
        "collection": "behaviour",
        "auto_create_index": False,
        "indexes": [
            ("organization_id", "-at", "-id"),
            ("organization_id", "deed"),
            ("deed", "at"),
        ],
    }
    id = StringField(primary_key=True)
    organization_id = StringField(required=True)
    deed = StringField(required=True)
    gathering_id = StringField(required=True)
    origin = StringField(required=True)
    amount = LongField(required=True)
    at = DateTimeField(required=True)
