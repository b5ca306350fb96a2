"""How payments for a bank, its files and its statements lie in MongoDB; none ever changes."""

from __future__ import annotations

from mongoengine import (
    BinaryField,
    BooleanField,
    DateTimeField,
    DictField,
    Document,
    IntField,
    StringField,
)

INSTRUCTIONS, FILES, STATEMENTS, LINES = (
    "bank_instructions",
    "bank_files",
    "bank_statements",
    "bank_lines",
)


class InstructionDocument(Document):
    """One payment that the bank is to make; ``waits`` until it is in a file or withdrawn."""

    meta = {
        "collection": INSTRUCTIONS,
        "auto_create_index": False,
        "indexes": [
            {
                "name": "waiting",
                "fields": ["waits", "id"],
                "partialFilterExpression": {"waits": {"$exists": True}},
            },
            {
                "name": "of-file",
                "fields": ["file_id", "id"],
                "partialFilterExpression": {"file_id": {"$exists": True}},
            },
        ],
    }
    id = StringField(primary_key=True)
    order = DictField(required=True)
    taken_at = DateTimeField(required=True)
    waits = BooleanField()
    file_id = StringField()


class BankFileDocument(Document):
    """One file as the bank gets it, byte for byte."""

    meta = {"collection": FILES, "auto_create_index": False}
    id = StringField(primary_key=True)
    made_at = DateTimeField(required=True)
    day = StringField(required=True)
    count = IntField(required=True)
    total = DictField(required=True)
    digest = StringField(required=True)
    content = BinaryField(required=True)


class BankStatementDocument(Document):
    """One statement without its lines."""

    meta = {"collection": STATEMENTS, "auto_create_index": False}
    id = StringField(primary_key=True)
    number = StringField(required=True)
    opening = DictField(required=True)
    closing = DictField(required=True)
    closed_on = StringField(required=True)
    lines = IntField(required=True)
    taken_at = DateTimeField(required=True)


class BankLineDocument(Document):
    """One movement on the account."""

    meta = {
        "collection": LINES,
        "auto_create_index": False,
        "indexes": [
            ("day", "id"),
            {
                "name": "about",
                "fields": ["operation_id", "day", "id"],
                "partialFilterExpression": {"operation_id": {"$gt": ""}},
            },
        ],
    }
    id = StringField(primary_key=True)
    statement_id = StringField(required=True)
    day = StringField(required=True)
    amount = DictField(required=True)
    operation_id = StringField()
    reference = StringField()
    counterparty = StringField()
    text = StringField()
    code = StringField()
