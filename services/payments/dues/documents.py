"""How dues lie in MongoDB."""

from __future__ import annotations

from mongoengine import BooleanField, DictField, ListField, LongField, StringField

from chassis.mongo import AggregateDocument


class DueDocument(AggregateDocument):
    """What one organisation owes another, step by step."""

    meta = {
        "collection": "dues",
        "owner": None,
        "auto_create_index": False,
        "indexes": [
            ("debtor_id", "id"),
            ("creditor_id", "id"),
            {"fields": ["is_live", "id"], "sparse": True},
        ],
    }
    id = StringField(primary_key=True)
    cause = StringField(required=True)
    debtor_id = StringField(required=True)
    creditor_id = StringField(required=True)
    amount_minor = LongField(required=True)
    currency = StringField(required=True)
    about = StringField(required=True)
    steps = ListField(DictField())
    is_live = BooleanField()  # absent once everything is paid and booked
