"""How clearings lie in MongoDB: shapes and indexes, no behaviour."""

from __future__ import annotations

from mongoengine import (
    BooleanField,
    DateTimeField,
    DictField,
    Document,
    IntField,
    LongField,
    StringField,
)

from chassis.mongo import AggregateDocument


class ClearingDocument(AggregateDocument):
    """One clearing; how far a stage has come is written past its version."""

    meta = {
        "collection": "clearings",
        "owner": None,
        "volatile": ("stage", "done", "total", "open"),
        "auto_create_index": False,
        "indexes": [
            {"fields": ["open", "id"], "partialFilterExpression": {"open": True}},
            {
                "name": "one_a_period",
                "fields": ["takes_period"],
                "unique": True,
                "sparse": True,
            },
        ],
    }
    id = StringField(primary_key=True)
    order = DictField(required=True)
    takes_period = StringField()  # of one that holds and has not failed
    asked_by = StringField(required=True)
    asked_at = DateTimeField(required=True)
    open = BooleanField()  # absent once it has ended
    stage = StringField(required=True)
    done = IntField(required=True)
    total = IntField(required=True)
    attempts = IntField(required=True)
    result = DictField(default=None)  # certificate, figures, attempt, evidence
    held = IntField(required=True)
    ended_at = DateTimeField()
    failure = StringField()


class AssignmentDocument(Document):
    """One assignment of one attempt of a clearing; those of other attempts count for nothing."""

    meta = {
        "collection": "clearing_assignments",
        "auto_create_index": False,
        "indexes": [
            ("clearing_id", "attempt", "id"),
            ("clearing_id", "attempt", "host_id", "id"),
            ("clearing_id", "attempt", "brand_id", "id"),
            {
                "name": "proposed",
                "fields": ["clearing_id", "attempt", "lot_id", "id"],
                "partialFilterExpression": {"fate": "proposed"},
            },
            {"fields": ["expires_at"], "expireAfterSeconds": 0},
        ],
    }
    id = StringField(primary_key=True)
    clearing_id = StringField(required=True)
    attempt = IntField(required=True)
    host_id = StringField(required=True)
    has_record = BooleanField(required=True)
    lot_id = StringField(required=True)
    title = StringField(required=True)
    brand_id = StringField(required=True)
    offer_id = StringField(required=True)
    subsidy_minor = LongField(required=True)
    currency = StringField(required=True)
    why = DictField(required=True)
    fate = StringField(required=True)
    refusal = StringField(required=True)
    held_until = DateTimeField()
    expires_at = DateTimeField(required=True)


class ClearingDemandDocument(Document):
    """What one attempt of a clearing found others would give for packs of lots."""

    meta = {
        "collection": "clearing_demands",
        "auto_create_index": False,
        "indexes": ["clearing_id", {"fields": ["expires_at"], "expireAfterSeconds": 0}],
    }
    id = StringField(primary_key=True)  # the clearing's, and the attempt
    clearing_id = StringField(required=True)
    points = DictField(required=True)  # lot id -> micro-points, of all in its market
    expires_at = DateTimeField(required=True)
