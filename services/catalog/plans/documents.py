"""How weekly plans lie in MongoDB: shapes and indexes, no behaviour."""

from __future__ import annotations

from mongoengine import StringField
from mongoengine.base import BaseField

from chassis.mongo import AggregateDocument


class VenuePlanDocument(AggregateDocument):
    """One venue's plan; its id is the venue's. Days are ISO 8601 text, which sorts."""

    meta = {
        "collection": "venue_plans",
        "auto_create_index": False,
        "indexes": [("planned_until", "id")],
    }
    id = StringField(primary_key=True)
    windows = BaseField(required=True)
    exceptions = BaseField(required=True)
    planned_until = StringField(required=True)
