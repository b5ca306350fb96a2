"""How claims lie in MongoDB: shapes and indexes, no behaviour."""

from __future__ import annotations

from mongoengine import DateTimeField, DictField, IntField, LongField, StringField

from chassis.mongo import AggregateDocument


class ClaimDocument(AggregateDocument):
    """One claim, with the offer's terms as they were when it was made."""

    meta = {
        "collection": "claims",
        "owner": "host_id",
        "auto_create_index": False,
        "indexes": [("host_id", "-id"), ("brand_id", "-id")],
    }
    id = StringField(primary_key=True)
    lot_id = StringField(required=True)
    offer_id = StringField(required=True)
    brand_id = StringField(required=True)
    host_id = StringField(required=True)
    community_id = StringField(required=True)
    packs = IntField(required=True, min_value=1)
    subsidy_minor = LongField(required=True, min_value=0)
    currency = StringField(required=True, max_length=3)
    min_checked_in = IntField(required=True, min_value=0)
    terms = DictField(required=True)
    requested_at = DateTimeField(required=True)
    # These are absent of claims that were made before they were known.
    base_subsidy_minor = LongField()
    urgency_basis_points = IntField()
    region = StringField()
    channel = StringField()
    status = StringField(required=True)
    decided_at = DateTimeField()
    reservation_id = StringField()
    refusal_code = StringField()
    refusal_detail = StringField()
    gathering_id = StringField()
