"""How escrows lie in MongoDB."""

from __future__ import annotations

from mongoengine import LongField, StringField

from chassis.mongo import AggregateDocument


class EscrowDocument(AggregateDocument):
    """The subsidy of one claim."""

    meta = {"collection": "escrows", "owner": None, "auto_create_index": False}
    id = StringField(primary_key=True)  # the claim's
    offer_id = StringField(required=True)
    amount_minor = LongField(required=True)
    currency = StringField(required=True)
    contract_id = StringField()
    state = StringField(required=True)
