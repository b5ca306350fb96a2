"""How imports lie in MongoDB: shapes and indexes, no behaviour."""

from __future__ import annotations

from mongoengine import (
    BinaryField,
    DateTimeField,
    DictField,
    Document,
    IntField,
    ListField,
    StringField,
)

from chassis.mongo import AggregateDocument

# How far it has come, chunk by chunk.
PROGRESS = (
    *("next_chunk", "published", "lapsed", "moved_at"),
    *("corrected", "new", "changed", "unchanged", "bad", "chunks"),
)


class LotImportDocument(AggregateDocument):
    """One import and how far it has come."""

    meta = {
        "collection": "imports",
        "owner": "brand_id",
        "volatile": PROGRESS,
        "auto_create_index": False,
        "indexes": [
            ("brand_id", "id"),
            {
                "name": "unchecked",
                "fields": ["state", "begun_at"],
                "partialFilterExpression": {"state": "checking"},
            },
            {
                "name": "confirmed",
                "fields": ["state", "id"],
                "partialFilterExpression": {"state": "confirmed"},
            },
        ],
    }
    id = StringField(primary_key=True)
    brand_id = StringField(required=True)
    format = StringField(required=True)
    encoding = StringField(required=True)
    expected_lines = IntField(required=True)
    state = StringField(required=True)
    new = IntField(required=True)
    changed = IntField(required=True)
    unchanged = IntField(required=True)
    bad = IntField(required=True)
    chunks = IntField(required=True)
    next_chunk = IntField(required=True)
    published = IntField(required=True)
    corrected = IntField(required=True)
    lapsed = IntField(required=True)
    created_at = DateTimeField(required=True)
    begun_at = DateTimeField(required=True)
    moved_at = DateTimeField(required=True)


class ImportPartDocument(Document):
    """A piece of a file, packed, until the file is checked.

    The first of a file that has no import yet is loose.
    """

    meta = {
        "collection": "import_parts",
        "auto_create_index": False,
        "indexes": [
            ("import_id", "number"),
            {"fields": ["loose_since"], "sparse": True},
            {"fields": ["expires_at"], "expireAfterSeconds": 0},
        ],
    }
    id = StringField(primary_key=True)  # import:number
    import_id = StringField(required=True)
    number = IntField(required=True)
    body = BinaryField(required=True)
    loose_since = DateTimeField()
    expires_at = DateTimeField(required=True)


class ImportChunkDocument(Document):
    """Some good lines of an import, kept apart until they are published."""

    meta = {
        "collection": "import_chunks",
        "auto_create_index": False,
        "indexes": [("import_id",), {"fields": ["expires_at"], "expireAfterSeconds": 0}],
    }
    id = StringField(primary_key=True)  # import:chunk
    import_id = StringField(required=True)
    rows = ListField(DictField(), required=True)
    expires_at = DateTimeField(required=True)


class ImportErrorDocument(Document):
    """One bad line of an import, and every reason why."""

    meta = {
        "collection": "import_errors",
        "auto_create_index": False,
        "indexes": [
            {"fields": ["import_id", "line"], "unique": True},
            {"fields": ["expires_at"], "expireAfterSeconds": 0},
        ],
    }
    id = StringField(primary_key=True)  # import:line
    import_id = StringField(required=True)
    line = IntField(required=True)
    faults = ListField(DictField(), required=True)
    expires_at = DateTimeField(required=True)


class ImportChangeDocument(Document):
    """One line of an import that changes a lot, and how."""

    meta = {
        "collection": "import_changes",
        "auto_create_index": False,
        "indexes": [
            {"fields": ["import_id", "line"], "unique": True},
            {"fields": ["expires_at"], "expireAfterSeconds": 0},
        ],
    }
    id = StringField(primary_key=True)  # import:line
    import_id = StringField(required=True)
    line = IntField(required=True)
    lot_id = StringField(required=True)
    differences = ListField(DictField(), required=True)
    expires_at = DateTimeField(required=True)
