"""How reservations lie in MongoDB: shapes and indexes, no behaviour."""

from __future__ import annotations

from mongoengine import BooleanField, DateTimeField, Document, IntField, ListField, StringField


class ReservationDocument(Document):
    """What became of one claim on one lot; its lot's version guards it."""

    meta = {
        "collection": "reservations",
        "auto_create_index": False,
        "indexes": [
            ("lot_id", "host_id", "state"),
            {
                "name": "overdue",
                "fields": ["expires_at"],
                "partialFilterExpression": {"state": "reserved"},
            },
        ],
    }
    id = StringField(primary_key=True)
    lot_id = StringField(required=True)
    claim_id = StringField(required=True)
    host_id = StringField()
    state = StringField(required=True)
    packs = IntField(required=True)
    returned = IntField(required=True)
    refunds = ListField(StringField())
    expires_at = DateTimeField()
    by_newcomer = BooleanField()  # absent of those that were made before newcomers were known
    code = StringField()
    detail = StringField()
