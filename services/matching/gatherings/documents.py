"""How gatherings lie in MongoDB: shapes and indexes, no behaviour."""

from __future__ import annotations

from mongoengine import DateTimeField, DictField, IntField, ListField, StringField

from chassis.mongo import AggregateDocument


class GatheringDocument(AggregateDocument):
    """One gathering; its guests and its sales lie in collections of their own.

    Gatherings that were planned before there were kits have ``lot_id``, ``packs`` and
    ``packs_returned`` in place of goods; ``brand_id`` is the first brand.
    """

    meta = {
        "collection": "gatherings",
        "owner": "host_id",
        "volatile": (
            "checked_in",
            "returned",
        ),
        "auto_create_index": False,
        "indexes": [
            ("host_id", "-id"),
            ("co_host_ids", "-id"),
            ("brand_id", "-id"),
            ("goods.brand_id", "-id"),
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
    goods = ListField(DictField(), required=True)
    returned = DictField()
    kit_id = StringField()
    offer_id = StringField()
    brand_id = StringField(required=True)
    host_id = StringField(required=True)
    co_host_ids = ListField(StringField())
    community_id = StringField(required=True)
    min_checked_in = IntField(required=True)
    cartridge = DictField(required=True)
    slot = DictField(required=True)
    naming_rights_id = StringField()
    capacity = IntField(required=True)
    planned_at = DateTimeField(required=True)
    status = StringField(required=True)
    checked_in = IntField(required=True, min_value=0)
    evidence = ListField(DictField())
    sheet = DictField()
    approved_brands = ListField(StringField())
    refusal_code = StringField()
    refusal_detail = StringField()
    why = StringField()
    held_at = DateTimeField()
    approve_by = DateTimeField()
    approved_by = StringField()
    settlement_id = StringField()
