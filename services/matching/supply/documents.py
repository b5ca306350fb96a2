"""How slots and cartridges lie in MongoDB: shapes and indexes, no behaviour."""

from __future__ import annotations

from mongoengine import (
    BooleanField,
    DateTimeField,
    DictField,
    Document,
    IntField,
    ListField,
    StringField,
)

ANY_CASE = {"locale": "en", "strength": 2}
"""How the index compares cities, which lie as venues wrote them, and whoever reads by it."""


class VenueDocument(Document):
    """One venue, as the catalog told of it."""

    meta = {
        "collection": "venues",
        "auto_create_index": False,
        "indexes": [{"fields": ["city"], "collation": ANY_CASE}],
    }
    id = StringField(primary_key=True)
    venue_org_id = StringField(required=True)
    city = StringField()
    capacity = IntField(required=True)
    equipment = ListField(StringField())
    indoor = BooleanField()
    time_zone = StringField()
    accepts_at_once = BooleanField()  # absent of venues of before that was told


class SlotDocument(Document):
    """One slot, as the catalog told of it."""

    meta = {
        "collection": "slots",
        "auto_create_index": False,
        "indexes": [("venue_id", "starts_at", "id")],
    }
    id = StringField(primary_key=True)
    venue_id = StringField(required=True)
    starts_at = DateTimeField(required=True)
    ends_at = DateTimeField(required=True)
    gathering_id = StringField()  # who has it; absent while it can be had
    rent = DictField()  # minor and currency; null where it is lent for something else
    share_basis_points = IntField()
    naming = StringField()
    hold = DictField()  # host_id, expires_at, is_accepted; null or absent while nobody holds it


class CartridgeVersionDocument(Document):
    """One version of a cartridge, known by its digest."""

    meta = {
        "collection": "cartridges",
        "auto_create_index": False,
        "indexes": [("max_people", "min_people"), "manifest.tags"],
    }
    id = StringField(primary_key=True)  # the digest
    cartridge_id = StringField(required=True)
    author_id = StringField(required=True)
    name = StringField(required=True)
    version = StringField(required=True)
    min_people = IntField(required=True)
    max_people = IntField(required=True)
    manifest = DictField()  # absent of versions that were published before it was told


class KitDocument(Document):
    """One kit, as its brands signed it; one that is closed keeps what it says."""

    meta = {
        "collection": "kits",
        "auto_create_index": False,
        "indexes": [("lines.brand_id", "-id")],
    }
    id = StringField(primary_key=True)
    title = StringField(required=True)
    lines = ListField(DictField(), required=True)
    capacity = IntField(required=True)
    equipment = ListField(StringField())
    cartridge_digest = StringField(required=True)
    price = DictField(required=True)
    terms = DictField(required=True)
    royalties = DictField(required=True)
    terms_digest = StringField(required=True)
    closed = StringField()
