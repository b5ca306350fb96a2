"""How shipments lie in MongoDB: shapes and indexes, no behaviour."""

from __future__ import annotations

from mongoengine import DateTimeField, IntField, LongField, StringField
from mongoengine.base import BaseField

from chassis.mongo import AggregateDocument


class ShipmentDocument(AggregateDocument):
    """One shipment."""

    meta = {
        "collection": "shipments",
        "owner": "brand_id",
        "auto_create_index": False,
        "indexes": [
            ("brand_id", "id"),
            ("host_id", "id"),
            ("claim_id",),
            ("lot_id", "state"),
            {
                "name": "waiting",
                "fields": ["state", "lot_id"],
                "partialFilterExpression": {"state": "waiting"},
            },
            {
                "name": "undecided",
                "fields": ["decide_by"],
                "partialFilterExpression": {"state": "undecided"},
            },
            {
                "name": "on_its_way",
                "fields": ["dispatched_at"],
                "partialFilterExpression": {"state": "dispatched"},
            },
        ],
    }
    id = StringField(primary_key=True)
    lot_id = StringField(required=True)
    claim_id = StringField(required=True)
    brand_id = StringField(required=True)
    host_id = StringField(required=True)
    packs = LongField(required=True)
    units = LongField(required=True)
    state = StringField(required=True)
    opened_at = DateTimeField(required=True)
    waits_for = IntField(required=True)
    decide_by = DateTimeField()
    replaces = StringField()
    carrier = StringField()
    tracking = StringField()
    # Lists taken as they are: MongoEngine's list fields would cost more than all the rest.
    packed = BaseField(required=True)
    counted = BaseField(required=True)
    dispatched_at = DateTimeField()
    credit_minor = LongField()
    currency = StringField()
    received_at = DateTimeField()
    returned = LongField(required=True)
    exchanged = LongField(required=True)
