"""How the policies of reserves lie in MongoDB."""

from __future__ import annotations

from mongoengine import DictField, ListField, StringField

from chassis.mongo import AggregateDocument


class ReserveDocument(AggregateDocument):
    """The policies of one organisation."""

    meta = {"collection": "reserves", "owner": "id", "auto_create_index": False}
    id = StringField(primary_key=True)  # the organisation's
    policies = ListField(DictField())
