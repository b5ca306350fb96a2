"""How audits lie in MongoDB: shapes and indexes, no behaviour."""

from __future__ import annotations

from mongoengine import DateTimeField, DictField, Document, StringField

AUDITS, ROWS = "audits", "audit_rows"


class AuditDocument(Document):
    """One audit without its rows; written once."""

    meta = {
        "collection": AUDITS,
        "auto_create_index": False,
        "indexes": [("-made_at", "-id")],
    }
    id = StringField(primary_key=True)
    since = DateTimeField(required=True)
    until = DateTimeField(required=True)
    made_at = DateTimeField(required=True)
    made_by = StringField(required=True)
    figures = DictField(required=True)


class AuditRowDocument(Document):
    """What an audit says of one brand or host; written once, before its audit.

    Of an audit counted twice at once only the rows made when it was made are its own.
    """

    meta = {
        "collection": ROWS,
        "auto_create_index": False,
        "indexes": [("audit_id", "made_at", "side", "party_id")],
    }
    id = StringField(primary_key=True)  # derived from audit, time, side and party
    audit_id = StringField(required=True)
    made_at = DateTimeField(required=True)
    side = StringField(required=True)
    party_id = StringField(required=True)
    figures = DictField(required=True)
