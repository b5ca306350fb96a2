"""How invoices and their lines lie in MongoDB."""

from __future__ import annotations

from mongoengine import DateTimeField, DictField, Document, IntField, LongField, StringField

from chassis.mongo import AggregateDocument

LINES = "invoice_lines"
PROGRESS = "invoice_progress"


class InvoiceLineDocument(Document):
    """One charge; never changed. Which invoice it is in follows from its fields."""

    meta = {
        "collection": LINES,
        "auto_create_index": False,
        "indexes": [
            ("period", "issuer_id", "recipient_id", "currency", "of", "segment", "index"),
        ],
    }
    id = StringField(primary_key=True)  # entry, leg and part
    period = StringField(required=True)
    issuer_id = StringField(required=True)
    recipient_id = StringField(required=True)
    currency = StringField(required=True)
    of = StringField(required=True)  # the earlier month that it corrects, or empty
    at = DateTimeField(required=True)
    minor = LongField(required=True)
    entry_id = StringField(required=True)
    segment = LongField(required=True)
    index = IntField(required=True)
    leg = IntField(required=True)
    part = IntField(required=True)
    en = StringField(required=True)
    zh = StringField(required=True)
    about = DictField()


class InvoiceProgressDocument(Document):
    """How far charges are written down, and which months are issued."""

    meta = {"collection": PROGRESS, "auto_create_index": False}
    id = StringField(primary_key=True)  # the market
    segment = LongField(required=True)  # the next to read
    issued = StringField()  # the last month; absent before the first


class InvoiceDocument(AggregateDocument):
    """An invoice or a credit note; never changed."""

    meta = {
        "collection": "invoices",
        "owner": None,
        "auto_create_index": False,
        "indexes": [
            {"fields": ["issuer_id", "period", "number"], "unique": True},
            ("issuer_id", "id"),
            ("recipient_id", "id"),
            {"fields": ["corrects"], "sparse": True},
        ],
    }
    id = StringField(primary_key=True)
    period = StringField(required=True)
    number = IntField(required=True)
    issuer_id = StringField(required=True)
    recipient_id = StringField(required=True)
    currency = StringField(required=True)
    total_minor = LongField(required=True)
    tax_basis_points = IntField(required=True)
    tax_minor = LongField(required=True)
    corrects = StringField()
    of = StringField(required=True)  # by which its lines are found, as they are
    lines = IntField(required=True)
    issuer = DictField()
    recipient = DictField()
    issued_at = DateTimeField(required=True)
