"""How venues, slots and bookings lie in MongoDB: shapes and indexes, no behaviour."""

from __future__ import annotations

from mongoengine import DateTimeField, Document, IntField, ListField, StringField

from chassis.mongo import AggregateDocument


class VenueDocument(AggregateDocument):
    """One venue; its version guards its slots and their bookings."""

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
    capacity = IntField(required=True)
    equipment = ListField(StringField())


class SlotDocument(Document):
    """Some hours at a venue."""

    meta = {
        "collection": "slots",
        "auto_create_index": False,
        "indexes": [("venue_id", "starts_at")],
    }
    id = StringField(primary_key=True)
    venue_id = StringField(required=True)
    starts_at = DateTimeField(required=True)
    ends_at = DateTimeField(required=True)
    gathering_id = StringField()
    host_id = StringField()


class SlotBookingDocument(Document):
    """What became of one gathering's wish for one slot."""

    meta = {"collection": "slot_bookings", "auto_create_index": False}
    id = StringField(primary_key=True)
    venue_id = StringField(required=True)
    slot_id = StringField(required=True)
    gathering_id = StringField(required=True)
    state = StringField(required=True)
    code = StringField()
    detail = StringField()
