"""How the key ring lies in MongoDB: shapes, no behaviour."""

from __future__ import annotations

from mongoengine import (
    DateTimeField,
    EmbeddedDocument,
    EmbeddedDocumentListField,
    StringField,
)

from chassis.mongo import AggregateDocument


class SigningKeyDocument(EmbeddedDocument):
    """One key; the private half is sealed under a secret that is not in this database."""

    key_id = StringField(required=True)
    public = StringField(required=True)
    sealed = StringField(required=True)
    made_at = DateTimeField(required=True)
    retired_at = DateTimeField()


class KeyRingDocument(AggregateDocument):
    """The ring."""

    meta = {"collection": "key_rings", "auto_create_index": False}
    id = StringField(primary_key=True)
    keys = EmbeddedDocumentListField(SigningKeyDocument)
