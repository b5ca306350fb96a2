"""How schedules of milestones lie in MongoDB."""

from __future__ import annotations

from mongoengine import DateTimeField, DictField, IntField, ListField, StringField

from chassis.mongo import AggregateDocument


class ScheduleDocument(AggregateDocument):
    """The milestones of one claim; without any while its gathering is not opened."""

    meta = {
        "collection": "milestone_schedules",
        "owner": None,
        "auto_create_index": False,
        "indexes": [
            {"fields": ["claim_id"], "unique": True},
            "gathering_id",
            {"fields": ["milestones.id"], "sparse": True},
            {"name": "due", "fields": ["due_at"], "sparse": True},
        ],
    }
    id = StringField(primary_key=True)
    claim_id = StringField(required=True)
    gathering_id = StringField(required=True)
    contract_id = StringField()
    parts = ListField(DictField())
    currency = StringField()
    terms = DictField(default=None)
    opened_at = DateTimeField()
    heads = IntField()
    milestones = ListField(DictField())
    due_at = DateTimeField()  # absent while no clock runs
