"""How settlements and refunds lie in MongoDB."""

from __future__ import annotations

from mongoengine import (
    BooleanField,
    DictField,
    EmbeddedDocument,
    EmbeddedDocumentField,
    EmbeddedDocumentListField,
    IntField,
    ListField,
    LongField,
    StringField,
)

from chassis.mongo import AggregateDocument


class PartyDocument(EmbeddedDocument):
    """An organisation in a role."""

    role = StringField(required=True)
    organization_id = StringField(required=True)
    weight = LongField(required=True)
    copy_claim_id = StringField()
    is_held = BooleanField()


class EarningDocument(EmbeddedDocument):
    """What the gathering earned of a naming-rights package."""

    naming_rights_id = StringField(required=True)
    number = IntField(required=True)
    host_minor = LongField(required=True)
    platform_minor = LongField(required=True)


class SettlementDocument(AggregateDocument):
    """One gathering's settlement."""

    meta = {
        "collection": "settlements",
        "owner": None,
        "auto_create_index": False,
        "indexes": [
            {"fields": ["gathering_id"], "unique": True},
            ("parties.organization_id", "id"),
        ],
    }
    id = StringField(primary_key=True)
    gathering_id = StringField(required=True)
    claim_id = StringField(required=True)
    contract_id = StringField(required=True)
    # By offer; a settlement made before there were kits has the one of its offer instead.
    subsidies = ListField(DictField())
    offer_id = StringField()
    subsidy_minor = LongField()
    currency = StringField(required=True)
    parties = EmbeddedDocumentListField(PartyDocument)
    shares = ListField(LongField())
    # A settlement made before contracts were data has carries and no terms; its parties weigh
    # what its terms were.
    carries = ListField(LongField())
    terms = DictField(default=None)
    contract_version = IntField()
    takings_minor = LongField(required=True)
    checked_in = IntField(required=True)
    min_checked_in = IntField(required=True)
    earning = EmbeddedDocumentField(EarningDocument)
    message_id = StringField(required=True)
    saga_id = StringField(required=True)
    state = StringField(required=True)


class RefundDocument(AggregateDocument):
    """Money that goes back to a buyer."""

    meta = {
        "collection": "refunds",
        "owner": None,
        "auto_create_index": False,
        "indexes": [("gathering_id", "id"), "settlement_id"],
    }
    id = StringField(primary_key=True)
    gathering_id = StringField(required=True)
    sale_id = StringField(required=True)
    amount_minor = LongField(required=True)
    currency = StringField(required=True)
    settlement_id = StringField()
    parties = EmbeddedDocumentListField(PartyDocument)
    shares = ListField(LongField())
    accounts = DictField()
    # Who gives what was held and then paid by a ruling; absent for what was not.
    payouts = ListField(DictField())
    reasons = ListField(DictField())
    # Absent for a refund; what disputes take has one.
    purpose = StringField()
    lacking = StringField()
    state = StringField(required=True)
    code = StringField()
    detail = StringField()
    message_id = StringField()
    saga_id = StringField(required=True)
