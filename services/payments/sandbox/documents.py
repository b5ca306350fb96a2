"""How the sandbox provider's own books lie in MongoDB, apart from ours."""

from __future__ import annotations

from mongoengine import (
    BinaryField,
    BooleanField,
    DateTimeField,
    DictField,
    Document,
    IntField,
    ListField,
    StringField,
)

ENTRIES, NOTICES, FAULTS, SECRETS = (
    "sandbox_entries",
    "sandbox_notices",
    "sandbox_faults",
    "sandbox_secrets",
)
CASES = "sandbox_disputes"


class EntryDocument(Document):
    """One operation that the provider took in."""

    meta = {
        "collection": ENTRIES,
        "auto_create_index": False,
        "indexes": ["started_at", "collection_id", "account"],
    }
    id = StringField(primary_key=True)
    kind = StringField(required=True)
    order = DictField(required=True)
    collection_id = StringField()  # what it builds on, or itself
    account = StringField()  # of a registered receiver
    started_at = DateTimeField(required=True)
    beats = ListField(DictField(), required=True)
    is_forgotten = BooleanField(required=True)


class NoticeDocument(Document):
    """A message that is to be sent."""

    meta = {"collection": NOTICES, "auto_create_index": False, "indexes": ["due_at"]}
    id = StringField(primary_key=True)
    operation_id = StringField(required=True)
    beat = IntField(required=True)
    due_at = DateTimeField(required=True)
    tries = IntField(required=True)


class FaultDocument(Document):
    """A way to fail that an operator asked for."""

    meta = {"collection": FAULTS, "auto_create_index": False}
    id = StringField(primary_key=True)
    fault = StringField(required=True)
    kind = StringField()
    party_id = StringField()
    times = IntField(required=True)


class CaseDocument(Document):
    """A dispute that somebody opened there."""

    meta = {"collection": CASES, "auto_create_index": False}
    id = StringField(primary_key=True)
    sale_id = StringField(required=True)
    amount = DictField(required=True)
    fee = DictField(required=True)
    reason = StringField(required=True)
    evidence_due = DateTimeField(required=True)
    evidence = StringField()
    ruling = StringField()


class SecretDocument(Document):
    """The key of the provider's messages."""

    meta = {"collection": SECRETS, "auto_create_index": False}
    id = StringField(primary_key=True)
    key = BinaryField(required=True)
