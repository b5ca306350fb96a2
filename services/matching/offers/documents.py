"""How lots and subsidy offers lie in MongoDB: shapes and indexes, no behaviour."""

from __future__ import annotations

from mongoengine import (
    BooleanField,
    DateTimeField,
    DictField,
    Document,
    IntField,
    ListField,
    LongField,
    StringField,
)


class OfferDocument(Document):
    """One lot, as the catalog told of it, and which claims hold packs of it."""

    meta = {
        "collection": "offers",
        "auto_create_index": False,
        "indexes": [
            "closed",
            ("brand_id", "closed", "-id"),
        ],
    }
    id = StringField(primary_key=True)  # the lot's
    brand_id = StringField(required=True)
    title = StringField(required=True)
    category = StringField()
    tags = ListField(StringField())
    city = StringField()
    condition = StringField()
    unit_price_minor = LongField(required=True)
    currency = StringField(required=True)
    units_per_pack = IntField(required=True)
    packs_total = IntField(required=True)
    packs_free = IntField(required=True)
    packs_kept = IntField()  # of newcomers; absent of lots noted before that was told
    newcomers_until = DateTimeField()
    max_packs_per_host = IntField(required=True)
    min_community_size = IntField(required=True)
    best_before = DateTimeField()
    closes_at = DateTimeField(required=True)
    published_at = DateTimeField(required=True)
    restrictions = DictField()  # absent of lots that were noted before there were any
    has_actual_photo = BooleanField()  # absent of lots that never had a photo
    closed = StringField()  # why it takes no more claims; null while it does
    holdings = DictField()  # claim id -> {host_id, packs}
    held = DictField()  # hold id -> {host_id, packs, until, is_newcomer}; absent without any
    turns_until = DateTimeField()  # while packs of it are held, or about to be
    demand = DictField(default=None)  # points, last_day, least, model; absent without any


class LotTurnDocument(Document):
    """Whose turn it is at a lot of which packs are held: written by whoever takes some."""

    meta = {"collection": "lot_turns", "auto_create_index": False}
    id = StringField(primary_key=True)  # the lot's
    turn = LongField(required=True)


class SubsidyOfferDocument(Document):
    """One subsidy offer, as the catalog told of it, and what claims have taken of it."""

    meta = {
        "collection": "subsidy_offers",
        "auto_create_index": False,
        "indexes": ["brand_id", "closed"],
    }
    id = StringField(primary_key=True)
    brand_id = StringField(required=True)
    subsidy_minor = LongField(required=True)
    total_cap_minor = LongField(required=True)
    committed_minor = LongField(required=True)
    currency = StringField(required=True)
    min_checked_in = IntField(required=True)
    terms = DictField(required=True)
    ramp = DictField()  # steps and most_minor; null or absent without one
    eligibility = ListField(DictField())  # clauses; absent of offers of before
    caps = DictField()  # per_host, per_period, period_days; absent of offers of before
    opens_at = DateTimeField(required=True)
    closes_at = DateTimeField(required=True)
    closed = StringField()
