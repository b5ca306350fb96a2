"""How reconciliations lie in MongoDB, and which bills are to be read."""

from __future__ import annotations

from mongoengine import DateTimeField, DictField, Document, ListField, StringField

from chassis.mongo import AggregateDocument

BILLS, SWEEPS = "reconciliation_bills", "reconciliation_sweeps"
RECONCILIATIONS = "reconciliations"


class ReconciliationDocument(AggregateDocument):
    """One line of theirs, or one operation of ours that none tells of."""

    meta = {
        "collection": RECONCILIATIONS,
        "owner": None,
        "auto_create_index": False,
        "indexes": [
            "operation_id",
            ("standing", "id"),
            {
                "name": "oldest",
                "fields": ["found_at"],
                "partialFilterExpression": {"standing": "open"},
            },
        ],
    }
    id = StringField(primary_key=True)
    provider = StringField(required=True)
    line_id = StringField()
    day = StringField(required=True)
    amount = DictField(required=True)
    operation_id = StringField()
    counterparty = StringField()
    reference = StringField()
    text = StringField()
    found_at = DateTimeField(required=True)
    standing = StringField(required=True)
    rule = StringField()
    kind = StringField()
    ended_at = DateTimeField()
    ended_by = StringField()
    reason = StringField()


class BillDocument(Document):
    """One provider's bill of a day, and when it is to be read; never again without that."""

    meta = {
        "collection": BILLS,
        "auto_create_index": False,
        "indexes": [
            ("provider", "day"),
            {
                "name": "due",
                "fields": ["next_at"],
                "partialFilterExpression": {"next_at": {"$exists": True}},
            },
        ],
    }
    id = StringField(primary_key=True)  # provider:day
    provider = StringField(required=True)
    day = StringField(required=True)
    next_at = DateTimeField()


class SweepDocument(Document):
    """How far a provider's payouts have been looked through, by when they were sent.

    ``left`` are those before it that are still to be looked at.
    """

    meta = {"collection": SWEEPS, "auto_create_index": False}
    id = StringField(primary_key=True)  # the provider
    sent_at = DateTimeField(required=True)
    operation_id = StringField(required=True)
    left = ListField(StringField())
