"""How the latest audit lies in MongoDB."""

from __future__ import annotations

from mongoengine import DateTimeField, Document, IntField, ListField, LongField, StringField

AUDITS = "ledger_audits"


class AuditDocument(Document):
    """What the auditor of a market last said."""

    meta = {"collection": AUDITS, "auto_create_index": False}
    id = StringField(primary_key=True)  # the market
    at = DateTimeField(required=True)
    segments = LongField(required=True)
    behind = LongField(required=True)
    mismatches = IntField(required=True)
    findings = ListField(StringField())
