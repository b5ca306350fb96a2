"""How venues lie in MongoDB: shapes and indexes, no behaviour."""

from __future__ import annotations

from mongoengine import BooleanField, IntField, ListField, StringField
from mongoengine.base import BaseField

from chassis.mongo import AggregateDocument


class VenueDocument(AggregateDocument):
    """One venue; its version guards its slots, their holds and bookings."""

    meta = {
        "collection": "venues",
        "auto_create_index": False,
        "indexes": [("organization_id", "id"), ("city", "id")],
    }
    id = StringField(primary_key=True)
    organization_id = StringField(required=True)
    name = StringField(required=True)
    city = StringField(required=True)
    time_zone = StringField(required=True)
    capacity = IntField(required=True)
    equipment = ListField(StringField())
    indoor = BooleanField(required=True)
    rules = BaseField(required=True)  # texts by language, taken as they are
    policy = StringField(required=True)
    accepts_at_once = BooleanField(required=True)
