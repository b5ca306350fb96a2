"""How cartridges lie in MongoDB: shapes and indexes, no behaviour."""

from __future__ import annotations

from mongoengine import (
    BinaryField,
    DateTimeField,
    DictField,
    Document,
    ListField,
    StringField,
)

from chassis.mongo import AggregateDocument


class CartridgeDocument(AggregateDocument):
    """One cartridge and the digests of its versions."""

    meta = {
        "collection": "cartridges",
        "owner": "author_id",
        "auto_create_index": False,
        "indexes": [("author_id", "id")],
    }
    id = StringField(primary_key=True)
    author_id = StringField(required=True)
    name = StringField(required=True)
    versions = ListField(DictField(), required=True)  # version numbers hold dots: no keys
    latest = StringField(required=True)


class CartridgeVersionDocument(Document):
    """One published package, as the bytes of its file."""

    meta = {
        "collection": "cartridge_versions",
        "auto_create_index": False,
        "indexes": [("cartridge_id", "published_at"), {"fields": ["digest"], "unique": True}],
    }
    id = StringField(primary_key=True)  # cartridge@version
    cartridge_id = StringField(required=True)
    author_id = StringField(required=True)
    name = StringField(required=True)
    version = StringField(required=True)
    digest = StringField(required=True)
    package = BinaryField(required=True)
    royalties = DictField(required=True)
    published_at = DateTimeField(required=True)
