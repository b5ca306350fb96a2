"""How royalty holds lie in MongoDB."""

from __future__ import annotations

from mongoengine import DictField, ListField, LongField, StringField

from chassis.mongo import AggregateDocument


class RoyaltyHoldDocument(AggregateDocument):
    """The royalties of one version while a copy claim on it is open."""

    meta = {
        "collection": "royalty_holds",
        "owner": None,
        "volatile": ("kept", "booking", "carries"),
        "auto_create_index": False,
        "indexes": [("digest", "id")],
    }
    id = StringField(primary_key=True)  # the copy claim's
    digest = StringField(required=True)
    claimant_id = StringField(required=True)
    accused_id = StringField(required=True)
    state = StringField(required=True)
    outcome = StringField()
    payees = DictField()
    kept = ListField(DictField())
    booking = ListField(StringField())
    carries = ListField(LongField())
