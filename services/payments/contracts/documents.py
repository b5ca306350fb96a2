"""How share contracts lie in MongoDB."""

from __future__ import annotations

from mongoengine import DateTimeField, DictField, ListField, StringField

from chassis.mongo import AggregateDocument


class ShareContractDocument(AggregateDocument):
    """One contract with its versions, as the parties sign them.

    What a claim froze before contracts were data has no versions: its ``terms`` are basis
    points by role, from which its only version is read.
    """

    meta = {
        "collection": "share_contracts",
        "owner": None,
        "auto_create_index": False,
        "indexes": ["claim_id"],
    }
    id = StringField(primary_key=True)
    claim_id = StringField()
    offer_id = StringField()
    kit = DictField(default=None)  # as its brands signed it; absent for packs of one lot
    versions = ListField(DictField())
    brand_id = StringField()
    host_id = StringField()
    terms = DictField(default=None)
    digest = StringField()
    frozen_at = DateTimeField()
