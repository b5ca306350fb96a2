"""How invoice titles lie in MongoDB."""

from __future__ import annotations

from mongoengine import StringField

from chassis.mongo import AggregateDocument


class TitleDocument(AggregateDocument):
    """How one organisation's invoices are made out."""

    meta = {
        "collection": "invoice_titles",
        "owner": "organization_id",
        "auto_create_index": False,
    }
    id = StringField(primary_key=True)  # the organisation's, or platform
    organization_id = StringField(required=True)
    title = StringField(required=True)
    tax_number = StringField()  # absent when there is none
