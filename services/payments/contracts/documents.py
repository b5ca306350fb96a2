"""How share contracts lie in MongoDB."""

from __future__ import annotations

from mongoengine import DateTimeField, DictField, StringField

from chassis.mongo import AggregateDocument


class ShareContractDocument(AggregateDocument):
    """One frozen contract."""

    meta = {
        "collection": "share_contracts",
        "owner": "brand_id",
        "auto_create_index": False,
        "indexes": ["claim_id"],
    }
    id = StringField(primary_key=True)
    claim_id = StringField(required=True)
    offer_id = StringField()
    brand_id = StringField(required=True)
    host_id = StringField(required=True)
    terms = DictField(required=True)
    digest = StringField(required=True)
    frozen_at = DateTimeField(required=True)
    kit = DictField(default=None)  # as its brands signed it; absent for packs of one lot
