"""How runs and ratings lie in MongoDB: shapes and indexes, no behaviour."""

from __future__ import annotations

from mongoengine import BooleanField, DateTimeField, Document, IntField, LongField, StringField

from chassis.mongo import AggregateDocument


class RunDocument(Document):
    """One gathering as far as catalog has heard; ``digest`` is there once it is settled."""

    meta = {
        "collection": "cartridge_runs",
        "auto_create_index": False,
        "indexes": [{"fields": ["cartridge_id"], "sparse": True}],
    }
    id = StringField(primary_key=True)  # the gathering's
    host_id = StringField()
    cartridge_id = StringField()
    digest = StringField()
    checked_in = IntField()
    guest_stars = LongField()
    guest_ratings = LongField()
    packs_returned = LongField()
    is_settled = BooleanField()


class RatingDocument(AggregateDocument):
    """One host's rating of one run."""

    meta = {
        "collection": "cartridge_ratings",
        "owner": "host_id",
        "auto_create_index": False,
        "indexes": [("cartridge_id", "-id"), {"fields": ["gathering_id"], "unique": True}],
    }
    id = StringField(primary_key=True)
    gathering_id = StringField(required=True)
    host_id = StringField(required=True)
    cartridge_id = StringField(required=True)
    digest = StringField(required=True)
    stars = IntField(required=True)
    sentence = StringField(required=True)
    rated_at = DateTimeField(required=True)
    changed_at = DateTimeField(required=True)


class StandingDocument(Document):
    """By what cartridges are ordered: the Bayesian mean of each, in hundredths."""

    meta = {
        "collection": "cartridge_standings",
        "auto_create_index": False,
        "indexes": [("-bayesian", "id")],
    }
    id = StringField(primary_key=True)  # the cartridge's
    bayesian = IntField(required=True)
    ratings = IntField(required=True)
    reckoned = LongField(required=True)
