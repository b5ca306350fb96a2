"""How slots, holds and bookings lie in MongoDB: shapes and indexes, no behaviour."""

from __future__ import annotations

from mongoengine import BooleanField, DateTimeField, DictField, Document, IntField, StringField


class SlotDocument(Document):
    """Some hours at a venue; the venue's version guards it."""

    meta = {
        "collection": "slots",
        "auto_create_index": False,
        "indexes": [("venue_id", "starts_at")],
    }
    id = StringField(primary_key=True)
    venue_id = StringField(required=True)
    starts_at = DateTimeField(required=True)
    ends_at = DateTimeField(required=True)
    ask = DictField(required=True)
    is_planned = BooleanField(required=True)
    gathering_id = StringField()
    host_id = StringField()
    hold_id = StringField()


class SlotHoldDocument(Document):
    """What became of a host's hold on one slot; a slot has one live hold at most."""

    meta = {
        "collection": "slot_holds",
        "auto_create_index": False,
        "indexes": [
            {
                "name": "one_live_hold",
                "fields": ["slot_id"],
                "unique": True,
                "partialFilterExpression": {"is_live": True},
            },
            {
                "name": "overdue",
                "fields": ["expires_at"],
                "partialFilterExpression": {"is_live": True},
            },
            ("venue_id", "id"),
        ],
    }
    id = StringField(primary_key=True)
    venue_id = StringField(required=True)
    slot_id = StringField(required=True)
    host_id = StringField(required=True)
    people = IntField(required=True)
    expires_at = DateTimeField(required=True)
    agreement = DictField(required=True)
    state = StringField(required=True)
    is_live = BooleanField(required=True)


class SlotBookingDocument(Document):
    """What became of one gathering's wish for one slot; a slot is booked once at most."""

    meta = {
        "collection": "slot_bookings",
        "auto_create_index": False,
        "indexes": [
            {
                "name": "one_booking",
                "fields": ["slot_id"],
                "unique": True,
                "partialFilterExpression": {"state": "booked"},
            },
        ],
    }
    id = StringField(primary_key=True)
    venue_id = StringField(required=True)
    slot_id = StringField(required=True)
    gathering_id = StringField(required=True)
    state = StringField(required=True)
    agreement = DictField()
    code = StringField()
    detail = StringField()
