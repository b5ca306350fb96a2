"""How exposures lie in MongoDB: shapes and indexes, no behaviour."""

from __future__ import annotations

from mongoengine import DateTimeField, DictField, Document, ListField, LongField, StringField

from services.matching.exposures.domain import KEPT


class ExposureDocument(Document):
    """One page of offers as a host saw it; forgotten after ``KEPT``."""

    meta = {
        "collection": "exposures",
        "auto_create_index": False,
        "indexes": [
            {"fields": ["at"], "expireAfterSeconds": int(KEPT.total_seconds())},
            ("host_id", "-at"),
            ("model", "-at"),
        ],
    }
    id = StringField(primary_key=True)
    host_id = StringField(required=True)
    at = DateTimeField(required=True)
    model = StringField(required=True)
    seed = LongField(required=True)
    shown = ListField(DictField())  # the fields of ShownLot
