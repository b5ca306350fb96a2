"""How weekly plans lie in MongoDB: shapes and indexes, no behaviour."""

from __future__ import annotations

from mongoengine import StringField
from mongoengine.base import BaseField

from chassis.mongo import AggregateDocument


class VenuePlanDocument(AggregateDocument):
    """One venue's plan. Days are ISO 8601 text, which sorts."""

    meta = {
        "collection": "venue_plans",
        "owner": "organization_id",
        "volatile": ("planned_until",),  # slots tell of themselves
        "auto_create_index": False,
        "indexes": [("planned_until", "id")],
    }
    id = StringField(primary_key=True)
    venue_id = StringField(required=True)
    organization_id = StringField(required=True)
    windows = BaseField(required=True)
    exceptions = BaseField(required=True)
    planned_until = StringField(required=True)
