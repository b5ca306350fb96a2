"""How invitations and tickets lie in MongoDB: shapes and indexes, no behaviour."""

from __future__ import annotations

from mongoengine import DateTimeField, Document, IntField, StringField

from chassis.mongo import AggregateDocument


class InvitationDocument(Document):
    """A place for one guest."""

    meta = {
        "collection": "invitations",
        "auto_create_index": False,
        "indexes": [("gathering_id", "id")],
    }
    id = StringField(primary_key=True)
    gathering_id = StringField(required=True)
    community_id = StringField()
    organization_id = StringField(required=True)


class TicketDocument(AggregateDocument):
    """One guest who came."""

    meta = {
        "collection": "tickets",
        "owner": "brought_by",
        "auto_create_index": False,
        "indexes": [("gathering_id", "id")],
    }
    id = StringField(primary_key=True)
    gathering_id = StringField(required=True)
    community_id = StringField()
    invitation_id = StringField(required=True)
    brought_by = StringField(required=True)
    checked_in_at = DateTimeField(required=True)
    stars = IntField(min_value=1, max_value=5)
    rated_at = DateTimeField()
