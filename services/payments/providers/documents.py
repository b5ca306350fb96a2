"""How operations lie in MongoDB."""

from __future__ import annotations

from mongoengine import DateTimeField, DictField, IntField, ListField, StringField

from chassis.mongo import AggregateDocument


class OperationDocument(AggregateDocument):
    """One operation at a provider."""

    meta = {
        "collection": "provider_operations",
        "owner": None,
        "hidden": ("order",),
        "volatile": ("tries", "asks", "next_at", "sent_at"),
        "auto_create_index": False,
        "indexes": [
            {
                "name": "due",
                "fields": ["next_at"],
                "partialFilterExpression": {"next_at": {"$exists": True}},
            },
            ("about", "id"),
            ("provider", "sent_at", "id"),
            {
                "name": "alarmed",
                "fields": ["alarm"],
                "partialFilterExpression": {"alarm": {"$exists": True}},
            },
        ],
    }
    id = StringField(primary_key=True)
    provider = StringField(required=True)
    kind = StringField(required=True)
    order = DictField(required=True)
    about = StringField(required=True)
    planned_at = DateTimeField(required=True)
    next_at = DateTimeField()
    alarm_at = DateTimeField(required=True)
    after = ListField(StringField())
    due_by = DateTimeField()
    state = StringField(required=True)
    tries = IntField(required=True)
    asks = IntField(required=True)
    sent_at = DateTimeField()
    ended_at = DateTimeField()
    reference = StringField()
    code = StringField()
    detail = StringField()
    retry = StringField(required=True)
    fee = DictField()
    parts = ListField(DictField())
    alarm = StringField()
    ruling = DictField()
