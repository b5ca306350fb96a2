"""How naming rights lie in MongoDB."""

from __future__ import annotations

from mongoengine import DictField, IntField, ListField, LongField, StringField

from chassis.mongo import AggregateDocument


class NamingRightsDocument(AggregateDocument):
    """One package."""

    meta = {
        "collection": "naming_rights",
        "owner": "brand_id",
        "volatile": (
            "booked_minor",
            "earned",
            "carries",
            "reserved",
        ),
        "auto_create_index": False,
        "indexes": [("brand_id", "id"), ("host_id", "id"), "reserved"],
    }
    id = StringField(primary_key=True)
    brand_id = StringField(required=True)
    host_id = StringField(required=True)
    price_minor = LongField(required=True)
    currency = StringField(required=True)
    gatherings = IntField(required=True)
    terms = DictField(required=True)
    state = StringField(required=True)
    expected_minor = LongField(required=True)
    booked_minor = LongField(required=True)
    earned = ListField(StringField())
    carries = ListField(LongField())
    reserved = ListField(StringField())
    returned_minor = LongField()  # absent until the brand ends it
