"""How door keys lie in MongoDB."""

from __future__ import annotations

from mongoengine import DateTimeField, DictField, Document, LongField


class DoorKeyDocument(Document):
    """One key pair as a JWK; the highest number signs, all of them verify."""

    meta = {"collection": "door_keys", "auto_create_index": False}
    id = LongField(primary_key=True)
    jwk = DictField(required=True)
    made_at = DateTimeField(required=True)
