"""Bank files and statements as JSON."""

from __future__ import annotations

from marshmallow import fields, validate

from chassis.web.schemas import Moment, MoneySchema, PageQuery, Reply, Request, Text, page_of
from services.payments.providers.domain import State


class BankFilesQuery(PageQuery):
    """Which part of the list of files."""


class BankFileReply(Reply):
    """One file for the bank; ``digest`` is the SHA-256 of its bytes."""

    id = fields.String()
    made_at = Moment()
    day = fields.Date()
    count = fields.Integer()
    total = fields.Nested(MoneySchema)
    digest = fields.String()


class RefusePaymentSchema(Request):
    """Body of ``POST /v1/bank-files/{id}/refusals``."""

    operation_id = fields.String(required=True, validate=validate.Length(max=64))
    reason = Text(500, required=True)


BankFilesPage = page_of(BankFileReply, "BankFilesPage")


class BankStatementsQuery(PageQuery):
    """Which part of the list of statements."""


class BankStatementReply(Reply):
    """One statement of the bank, and what our own books say of the end of its last day.

    ``ledger`` is what the books say has come from outside and not gone there again;
    ``difference`` is how much more the bank has. Money on its way is in the difference.
    ``adjoins`` is false where no statement before it closed with the balance that it opens
    with, so that one is missing.
    """

    id = fields.String()
    number = fields.String()
    opening = fields.Nested(MoneySchema)
    closing = fields.Nested(MoneySchema)
    closed_on = fields.Date()
    lines = fields.Integer()
    taken_at = Moment()
    ledger = fields.Nested(MoneySchema)
    difference = fields.Nested(MoneySchema)
    adjoins = fields.Boolean()


BankStatementsPage = page_of(BankStatementReply, "BankStatementsPage")


class PaymentStatusReply(Reply):
    """What the bank says of one payment, and how it stands now.

    ``named`` is the payment as the bank names it, or the file where it says something of
    the whole of one that we do not know. Without operation and state it is none of ours,
    and a break.
    """

    named = fields.String()
    status = fields.String()
    reason = fields.String()
    text = fields.String()
    operation_id = fields.String(allow_none=True)
    state = fields.Enum(State, by_value=True, allow_none=True)


class BankReportTaken(Reply):
    """What a report of the bank said, payment by payment."""

    number = fields.String()
    file_id = fields.String()
    items = fields.List(fields.Nested(PaymentStatusReply), required=True)


class BankStatementsTaken(Reply):
    """The statements of one file."""

    items = fields.List(fields.Nested(BankStatementReply), required=True)
