"""How venues lie in MongoDB: shapes and indexes, no behaviour."""

from __future__ import annotations

from mongoengine import BooleanField, IntField, ListField, StringField
from mongoengine.base import BaseField

from chassis.mongo import AggregateDocument
from services.catalog.venues.domain import HOME_ZONE, PolicyName


class VenueDocument(AggregateDocument):
    """One venue; its version guards its slots, their holds and bookings.

    Defaults are for venues of earlier versions.
    """

    meta = {
        "collection": "venues",
        "owner": "organization_id",
        "auto_create_index": False,
        "indexes": [("organization_id", "id"), ("city", "id")],
    }
    id = StringField(primary_key=True)
    organization_id = StringField(required=True)
    name = StringField(required=True)
    city = StringField(required=True)
    time_zone = StringField(required=True, default=HOME_ZONE)
    capacity = IntField(required=True)
    equipment = ListField(StringField())
    indoor = BooleanField(required=True, default=True)
    rules = BaseField(required=True, default=list)  # texts by language, taken as they are
    policy = StringField(required=True, default=PolicyName.FLEXIBLE.value)
    accepts_at_once = BooleanField(required=True, default=True)
