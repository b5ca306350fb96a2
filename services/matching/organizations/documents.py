"""How organisations lie in matching's database."""

from __future__ import annotations

from mongoengine import Document, StringField


class OrganizationDocument(Document):
    """One organisation, as identity told of it."""

    meta = {"collection": "organizations", "auto_create_index": False}
    id = StringField(primary_key=True)
    kind = StringField(required=True)
