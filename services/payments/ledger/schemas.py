"""Entries and balances as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from marshmallow import fields, post_load, validate

from chassis.kernel.money import Money
from chassis.web.schemas import IdField, Moment, Reply, Request, StrictInteger
from services.payments.ledger.domain import EntryRequest, Kind, Leg, Limits, Round

EMPTY: tuple[Any, ...] = (None, "", {})
KINDS = [kind.word for kind in Kind]


class LegSchema(Request):
    """One account's part in an entry; negative is money out."""

    account = fields.String(required=True)
    minor = StrictInteger(required=True)
    currency = fields.String(required=True)

    @post_load
    def to_leg(self, values: dict[str, Any], **_: object) -> Leg:
        """Make it a value."""
        return Leg(**values)


class AmountSchema(Request):
    """An amount of money in minor units."""

    minor = StrictInteger(required=True)
    currency = fields.String(required=True)

    @post_load
    def to_money(self, values: dict[str, Any], **_: object) -> Money:
        """Make it a value."""
        return Money(**values)


class LimitsRequestSchema(Request):
    """New limits of an account: no floor is as the chart has it, no ceiling none."""

    account = fields.String(required=True)
    currency = fields.String(required=True)
    version = StrictInteger(required=True)
    floor = StrictInteger(load_default=None, allow_none=True)
    ceiling = StrictInteger(load_default=None, allow_none=True)

    @post_load
    def to_limits(self, values: dict[str, Any], **_: object) -> Limits:
        """Make it a value, or raise ``EntryMalformed``."""
        return Limits(**values)


class EntryRequestSchema(Request):
    """An entry to book."""

    id = IdField("ent", required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    code = fields.String(required=True)
    legs = fields.List(fields.Nested(LegSchema), load_default=list)
    reason = fields.Dict(load_default=dict)
    pending_id = fields.String(load_default=None, allow_none=True)
    reference = fields.String(load_default=None, allow_none=True)
    expires_at = Moment(load_default=None, allow_none=True)
    effective_at = Moment(load_default=None, allow_none=True)
    linked = fields.Boolean(load_default=False)
    final = fields.Boolean(load_default=True)
    part = fields.Nested(AmountSchema, load_default=None, allow_none=True)
    limits = fields.Nested(LimitsRequestSchema, load_default=None, allow_none=True)

    @post_load
    def to_request(self, values: dict[str, Any], **_: object) -> EntryRequest:
        """Make it a value, or raise ``EntryMalformed``."""
        kind, legs = Kind[values.pop("kind").upper()], tuple(values.pop("legs"))
        return EntryRequest(kind=kind, legs=legs, **values)


class EntriesBodySchema(Request):
    """Entries from another process; ``final`` when they must not be passed on."""

    entries = fields.List(fields.Nested(EntryRequestSchema), required=True)
    final = fields.Boolean(load_default=False)


class OutcomeSchema(Reply):
    """What became of one entry: told in the same words however often it was submitted."""

    id = fields.String(required=True)
    status = fields.String(attribute="reply", required=True)
    code = fields.String()
    detail = fields.String()
    segment = fields.Integer(allow_none=True)
    index = fields.Integer(allow_none=True)
    difference = fields.Dict()
    account = fields.String()


class OutcomesSchema(Reply):
    """What became of each entry, in the order they were given."""

    outcomes = fields.List(fields.Nested(OutcomeSchema), required=True)


class SignedMoneySchema(Reply):
    """An amount in minor units that may be negative."""

    minor = fields.Integer(required=True)
    currency = fields.String(required=True)


class LimitsSchema(Reply):
    """How low an account may fall and how high rise, held money counted; null is no limit.

    A floor below zero is a credit line. A change of limits names the version after this.
    """

    floor = fields.Integer(required=True, allow_none=True)
    ceiling = fields.Integer(required=True, allow_none=True)
    version = fields.Integer(required=True)


class BalanceSchema(Reply):
    """An account's money: all of it, what is not on hold, what is."""

    currency = fields.String(required=True)
    posted = fields.Nested(SignedMoneySchema, required=True)
    available = fields.Nested(SignedMoneySchema)  # not told by the time of effect
    held = fields.Nested(SignedMoneySchema)  # nor is this
    entries = fields.Integer()  # not told of the past
    limits = fields.Nested(LimitsSchema)  # nor are these


class AccountQuerySchema(Request):
    """The times whose balances are asked for; those of now without any."""

    effective_at = Moment(load_default=None)
    booked_at = Moment(load_default=None)


class AccountSchema(Reply):
    """An account and its balance in each currency; none before its first entry.

    Of the past it tells the last segment that the balances contain, and whether they are
    final: nothing can be booked any more that would be in them.
    """

    path = fields.String(required=True)
    balances = fields.List(fields.Nested(BalanceSchema), required=True)
    booked_at = Moment()
    effective_at = Moment()
    segment = fields.Integer(allow_none=True)
    final = fields.Boolean()


class EntryLegSchema(Reply):
    """A leg, what it moved, and the posted balance it led to if the account is the caller's."""

    account = fields.String(required=True)
    minor = fields.Integer(required=True)
    currency = fields.String(required=True)
    posted = fields.Integer(required=True)
    balance = fields.Integer()


class EntrySchema(Reply):
    """An entry of the books."""

    id = fields.String(required=True)
    kind = fields.String(required=True)
    code = fields.String(required=True)
    at = Moment(required=True)
    segment = fields.Integer(required=True)
    index = fields.Integer(required=True)
    legs = fields.List(fields.Nested(EntryLegSchema), required=True)
    reference = fields.String(allow_none=True)
    pending_id = fields.String(allow_none=True)
    expires_at = Moment(allow_none=True)
    effective_at = Moment(allow_none=True)


class ExplanationSchema(EntrySchema):
    """An entry with the reason of its amounts, as it was given when it was booked."""

    reason = fields.Dict(allow_none=True)


class TrialLineSchema(Reply):
    """All accounts of one currency together."""

    currency = fields.String(required=True)
    sum = fields.Nested(SignedMoneySchema, required=True)
    held = fields.Nested(SignedMoneySchema, required=True)
    accounts = fields.Integer(required=True)


class TrialBalanceSchema(Reply):
    """The books in one line a currency, and the head of the log they add up."""

    currencies = fields.List(fields.Nested(TrialLineSchema), required=True)
    balanced = fields.Boolean(required=True)
    entries = fields.Integer(required=True)
    segments = fields.Integer(required=True)
    segments_behind = fields.Integer(required=True)
    head = fields.String(required=True)
    at = Moment(allow_none=True)


class BulkQuerySchema(Request):
    """Where a bulk call goes on that ended early."""

    resume = fields.String(load_default=None, validate=validate.Length(max=120))


def written_rounds(rounds: Iterable[Round]) -> Iterator[bytes]:
    """What became of each line of a bulk call, as ``OutcomeSchema`` has it, a line each.

    Only what is not empty is told.
    """
    schema = OutcomeSchema()
    for found in rounds:
        place = b'","status":"posted","segment":%d,"index":' % (found.segment or 0)
        lines = [
            b'{"id":"%b%b%d}\n' % (entry_id.encode(), place, index)
            for entry_id, index in zip(found.ids, found.indexes, strict=True)
        ]
        for position, outcome in found.others.items():
            told = {
                name: value for name, value in schema.dump(outcome).items() if value not in EMPTY
            }
            text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
            lines[position - found.start] = text.encode() + b"\n"
        yield b"".join(lines)
