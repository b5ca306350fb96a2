"""How organisations lie in MongoDB: shapes and indexes, no behaviour."""

from __future__ import annotations

from mongoengine import (
    DateTimeField,
    EmbeddedDocument,
    EmbeddedDocumentListField,
    StringField,
)

from chassis.mongo import AggregateDocument


class MemberDocument(EmbeddedDocument):
    """One member, inside the organisation."""

    user_id = StringField(required=True)
    role = StringField(required=True)
    joined_at = DateTimeField(required=True)


class OrganizationDocument(AggregateDocument):
    """One organisation."""

    meta = {
        "collection": "organizations",
        "owner": "id",
        "auto_create_index": False,
        "indexes": [
            ("members.user_id", "id"),
            {
                "name": "one_platform",
                "fields": ["kind"],
                "unique": True,
                "partialFilterExpression": {"kind": "platform"},
            },
        ],
    }
    id = StringField(primary_key=True)
    kind = StringField(required=True)
    name = StringField(required=True)
    city = StringField()
    members = EmbeddedDocumentListField(MemberDocument)
    registered_at = DateTimeField(required=True)
