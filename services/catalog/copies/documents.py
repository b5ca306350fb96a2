"""How copy claims lie in MongoDB: shapes and indexes, no behaviour."""

from __future__ import annotations

from mongoengine import BooleanField, DateTimeField, DictField, ListField, StringField

from chassis.mongo import AggregateDocument


class CopyClaimDocument(AggregateDocument):
    """One copy claim; ``is_standing`` is there while it keeps others from its version."""

    meta = {
        "collection": "copy_claims",
        "owner": "claimant_id",
        "auto_create_index": False,
        "indexes": [
            ("claimant_id", "id"),
            ("accused_id", "id"),
            {"fields": ["due_at"], "sparse": True},
            {
                "name": "standing",
                "fields": ["digest"],
                "unique": True,
                "partialFilterExpression": {"is_standing": True},
            },
        ],
    }
    id = StringField(primary_key=True)
    claimant_id = StringField(required=True)
    accused_id = StringField(required=True)
    digest = StringField(required=True)
    original = DictField(required=True)
    accused = DictField(required=True)
    statement = StringField(required=True)
    evidence = DictField(required=True)
    payees = DictField(required=True)
    opened_at = DateTimeField(required=True)
    due_at = DateTimeField()
    state = StringField(required=True)
    answer = StringField()
    rulings = ListField(DictField())
    appeal = StringField()
    outcome = StringField()
    closed_at = DateTimeField()
    is_standing = BooleanField()
