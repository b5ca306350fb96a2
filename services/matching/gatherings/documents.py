"""How gatherings lie in MongoDB: shapes and indexes, no behaviour."""

from __future__ import annotations

from mongoengine import DateTimeField, DictField, IntField, ListField, StringField

from chassis.mongo import AggregateDocument


class GatheringDocument(AggregateDocument):
    """One gathering; its guests and its sales lie in collections of their own."""

    meta = {
        "collection": "gatherings",
        "owner": "host_id",
        "volatile": (
            "checked_in",
            "packs_returned",
        ),
        "auto_create_index": False,
        "indexes": [
            ("host_id", "-id"),
            ("co_host_ids", "-id"),
            ("brand_id", "-id"),
            ("slot.venue_org_id", "-id"),
            ("cartridge.payees", "-id"),
            {
                "fields": ["approve_by"],
                "partialFilterExpression": {"status": "held"},
            },
            {
                "fields": ["slot.ends_at"],
                "partialFilterExpression": {"status": "opened"},
            },
        ],
    }
    id = StringField(primary_key=True)
    title = StringField(required=True)
    claim_id = StringField(required=True)
    lot_id = StringField(required=True)
    offer_id = StringField(required=True)
    brand_id = StringField(required=True)
    host_id = StringField(required=True)
    co_host_ids = ListField(StringField())
    community_id = StringField(required=True)
    packs = IntField(required=True)
    min_checked_in = IntField(required=True)
    cartridge = DictField(required=True)
    slot = DictField(required=True)
    naming_rights_id = StringField()
    capacity = IntField(required=True)
    planned_at = DateTimeField(required=True)
    status = StringField(required=True)
    checked_in = IntField(required=True, min_value=0)
    evidence = ListField(DictField())
    packs_returned = IntField(required=True, min_value=0)
    refusal_code = StringField()
    refusal_detail = StringField()
    why = StringField()
    held_at = DateTimeField()
    approve_by = DateTimeField()
    approved_by = StringField()
    settlement_id = StringField()
