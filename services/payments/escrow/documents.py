"""How escrows lie in MongoDB."""

from __future__ import annotations

from mongoengine import DictField, ListField, LongField, StringField

from chassis.mongo import AggregateDocument


class EscrowDocument(AggregateDocument):
    """The subsidies of one claim; one made before there were kits has its offer instead."""

    meta = {"collection": "escrows", "owner": None, "auto_create_index": False}
    id = StringField(primary_key=True)  # the claim's
    parts = ListField(DictField())
    offer_id = StringField()
    amount_minor = LongField()
    currency = StringField(required=True)
    contract_id = StringField()
    state = StringField(required=True)
    refusal = StringField()  # absent of those refused before there were caps
