"""How lots and their journals lie in MongoDB: shapes and indexes, no behaviour."""

from __future__ import annotations

from mongoengine import (
    BooleanField,
    DateTimeField,
    Document,
    IntField,
    LongField,
    StringField,
)
from mongoengine.base import BaseField

from chassis.mongo import AggregateDocument


class StockLotDocument(AggregateDocument):
    """One lot. Totals are stored beside the manifest for lists to read."""

    meta = {
        "collection": "stock_lots",
        "owner": "brand_id",
        # The journal and the reservations keep these.
        "volatile": ("free", "reserved", "shipped", "entries", "newcomers_held"),
        "auto_create_index": False,
        "indexes": [
            ("brand_id", "id"),
            {
                "fields": ["brand_id", "number"],
                "unique": True,
                "partialFilterExpression": {"number": {"$exists": True}},
            },
            {"name": "due", "fields": ["ends_at"], "partialFilterExpression": {"is_open": True}},
        ],
    }
    id = StringField(primary_key=True)
    brand_id = StringField(required=True)
    number = StringField()
    title = StringField(required=True)
    category = StringField(required=True)
    # Lists taken as they are: MongoEngine's list fields would cost more than all the rest.
    tags = BaseField(required=True)
    manifest = BaseField(required=True)
    city = StringField()
    has_actual_photo = BooleanField()
    photos = BaseField()
    place = BaseField()  # longitude and latitude
    condition = StringField(required=True)
    units_per_pack = IntField(required=True)
    max_packs_per_host = IntField(required=True)
    min_community_size = IntField(required=True)
    # These, and the photos, are absent of lots that were published before they were known.
    newcomers_basis_points = IntField()
    newcomers_held = IntField()
    restrictions = BaseField()
    best_before = DateTimeField()
    ships_after_gatherings = IntField(required=True, default=0)
    closes_at = DateTimeField(required=True)
    ends_at = DateTimeField(required=True)
    published_at = DateTimeField(required=True)
    free = LongField(required=True, min_value=0)
    reserved = LongField(required=True, min_value=0)
    shipped = LongField(required=True, min_value=0)
    entries = LongField(required=True)
    is_open = BooleanField(required=True)
    closed = StringField()


class StockEntryDocument(Document):
    """One line of a lot's journal; written once, never changed."""

    meta = {
        "collection": "stock_entries",
        "auto_create_index": False,
        "indexes": [{"fields": ["lot_id", "number"], "unique": True}],
    }
    id = StringField(primary_key=True)
    lot_id = StringField(required=True)
    number = LongField(required=True)
    kind = StringField(required=True)
    free = LongField(required=True)
    reserved = LongField(required=True)
    shipped = LongField(required=True)
    reference = StringField(required=True)
    why = StringField()
    at = DateTimeField(required=True)
