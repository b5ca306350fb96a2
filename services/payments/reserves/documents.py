"""How the policies of reserves lie in MongoDB."""

from __future__ import annotations

from mongoengine import DictField, ListField, StringField

from chassis.mongo import AggregateDocument


class ReserveDocument(AggregateDocument):
    """The policies of one organisation."""

    meta = {
        "collection": "reserves",
        "owner": "organization_id",
        "auto_create_index": False,
        "indexes": ["organization_id"],
    }
    # Of its own, though an organisation has one: histories tell documents apart by their ids.
    id = StringField(primary_key=True)
    organization_id = StringField(required=True)
    policies = ListField(DictField())
