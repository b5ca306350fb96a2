"""How claims lie in MongoDB: shapes and indexes, no behaviour."""

from __future__ import annotations

from mongoengine import DateTimeField, DictField, IntField, ListField, StringField

from chassis.mongo import AggregateDocument


class ClaimDocument(AggregateDocument):
    """One claim, with terms and kit as they were when it was made.

    Claims that were made before there were kits have ``lot_id``, ``offer_id``, ``packs`` and
    ``subsidy_minor`` in place of goods and subsidies; ``brand_id`` is the first brand.
    """

    meta = {
        "collection": "claims",
        "owner": "host_id",
        "auto_create_index": False,
        "indexes": [
            ("host_id", "-id"),
            ("brand_id", "-id"),
            ("goods.brand_id", "-id"),
            ("goods.lot_id", "status"),
            ("subsidies.offer_id", "requested_at"),
            "decided_at",
        ],
    }
    id = StringField(primary_key=True)
    goods = ListField(DictField(), required=True)
    subsidies = ListField(DictField())
    currency = StringField(required=True, max_length=3)
    kit_id = StringField()
    kit = DictField(default=None)
    brand_id = StringField(required=True)
    host_id = StringField(required=True)
    community_id = StringField(required=True)
    min_checked_in = IntField(required=True, min_value=0)
    terms = DictField(required=True)
    requested_at = DateTimeField(required=True)
    region = StringField()
    channel = StringField()
    facts = DictField(default=None)  # absent of claims of before offers had conditions
    status = StringField(required=True)
    decided_at = DateTimeField()
    reservation_id = StringField()
    refusal_code = StringField()
    refusal_detail = StringField()
    gathering_id = StringField()
