"""How listings lie in MongoDB: shapes and indexes, no behaviour."""

from __future__ import annotations

from mongoengine import DateTimeField, Document, IntField, LongField, StringField
from mongoengine.base import BaseField

# Behind what an index is sorted by, what most searches filter by: no row is read in vain.
_FILTERS = ("condition", "pack_price", "keeps_until")


class ListingDocument(Document):
    """One lot that is open and has free packs; deleted when that ends.

    ``keys`` and ``trail`` are those of its words (``engine/words.py``), ``name`` puts it in
    the order of names (``engine/names.py``). ``keeps_until`` is
    a day no goods reach where they have no best-before date.
    """

    meta = {
        "collection": "listings",
        "auto_create_index": False,
        "indexes": [
            {"name": "keys", "fields": ["keys", "condition", "pack_price"]},
            {"name": "category", "fields": ["category", "ends_at", "id", *_FILTERS]},
            {"name": "place", "fields": ["(place", "category", *_FILTERS]},
            {"name": "closing", "fields": ["ends_at", "id", "category", *_FILTERS]},
            {"name": "newest", "fields": ["-published_at", "id", "category", *_FILTERS]},
            {"name": "cheapest", "fields": ["pack_price", "id", "category", "condition"]},
            {"name": "name", "fields": ["name", "id", "category", *_FILTERS]},
        ],
    }
    id = StringField(primary_key=True)
    brand_id = StringField(required=True)
    keys = BaseField(required=True)
    trail = StringField(required=True)
    name = StringField(required=True)
    category = StringField(required=True)
    city = StringField(required=True)
    regions = BaseField()  # absent where goods may go anywhere
    condition = IntField(required=True)  # 0 is the best there is
    pack_price = LongField(required=True)
    published_at = DateTimeField(required=True)
    ends_at = DateTimeField(required=True)
    keeps_until = DateTimeField(required=True)
    place = BaseField()  # a Point of GeoJSON (RFC 7946); absent where it is not known
