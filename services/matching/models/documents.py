"""How ranking models lie in MongoDB: shapes and indexes, no behaviour."""

from __future__ import annotations

from mongoengine import BooleanField, DateTimeField, DictField, ListField, StringField

from chassis.mongo import AggregateDocument

MODELS = "ranking_models"


class ModelDocument(AggregateDocument):
    """One model; ``label`` is the version that people call it by.

    ``kinships`` are lists of two names and a likeness, each pair once, up to some megabytes;
    models of before there were any have none. ``is_promoted`` is there of the one that ranks.
    The built-in one has no odds and no training, and is stored once another was promoted.
    """

    meta = {
        "collection": MODELS,
        "owner": None,
        "hidden": ("kinships",),
        "auto_create_index": False,
        "indexes": [
            {"fields": ["label"], "unique": True},
            {"fields": ["state", "-id"]},
            {
                "name": "one_promoted",
                "fields": ["is_promoted"],
                "unique": True,
                "partialFilterExpression": {"is_promoted": True},
            },
        ],
    }
    id = StringField(primary_key=True)
    label = StringField(required=True)
    weights = DictField(required=True)
    kinships = DictField(default=None)
    odds = DictField(default=None)
    state = StringField(required=True)
    learned_by = StringField()
    learned_at = DateTimeField()
    training = DictField(default=None)
    trial = DictField(default=None)
    promotions = ListField(DictField())
    retired_at = DateTimeField()
    is_promoted = BooleanField()
