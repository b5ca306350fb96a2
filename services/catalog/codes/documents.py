"""How batches of codes and scans lie in MongoDB: shapes and indexes, no behaviour."""

from __future__ import annotations

from mongoengine import DateTimeField, Document, IntField, StringField

from chassis.mongo import AggregateDocument


class CodeBatchDocument(AggregateDocument):
    """One batch; its codes follow from it and the key."""

    meta = {
        "collection": "code_batches",
        "owner": "owner_id",
        "auto_create_index": False,
        "indexes": [("owner_id", "id")],
    }
    id = StringField(primary_key=True)
    owner_id = StringField(required=True)
    kind = StringField(required=True)
    count = IntField(required=True)
    key_id = StringField(required=True)
    salt = StringField(required=True)
    made_at = DateTimeField(required=True)
    lot_id = StringField()
    host_id = StringField()
    community_id = StringField()
    withdrawn_at = DateTimeField()


class CodeScanDocument(Document):
    """One visitor, one code, one day; written once, never changed."""

    meta = {
        "collection": "code_scans",
        "auto_create_index": False,
        "indexes": [
            ("batch_id", "day", "serial"),
            ("batch_id", "id"),
            # Holds all that counting by one of them asks for.
            ("owner_id", "lot_id", "host_id", "community_id"),
        ],
    }
    id = StringField(primary_key=True)
    owner_id = StringField(required=True)
    batch_id = StringField(required=True)
    serial = IntField(required=True)
    kind = StringField(required=True)
    lot_id = StringField()
    host_id = StringField()
    community_id = StringField()
    visitor = StringField(required=True)
    day = StringField(required=True)
    at = DateTimeField(required=True)
