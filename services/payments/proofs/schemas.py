"""Proofs as JSON; hashes in hexadecimal."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from chassis.web.schemas import Reply, page_of
from services.payments.proofs.domain import Inclusion, Receipt, SealedDay


class SealedDaySchema(Reply):
    """A sealed day.

    ``token`` is a compact JWS (RFC 7515) over all other members but the hash of the
    balances, which its payload also holds; /.well-known/jwks.json has the key.
    """

    market = fields.String(required=True)
    day = fields.String(required=True)
    zone = fields.String(required=True)
    first = fields.Integer(required=True)
    end = fields.Integer(required=True)
    entries = fields.Integer(required=True)
    root = fields.String(required=True)
    head = fields.String(required=True)
    token = fields.String(required=True)


class InclusionSchema(Reply):
    """The siblings on the way from the ``index``-th of ``size`` hashes up to their root."""

    index = fields.Integer(required=True)
    size = fields.Integer(required=True)
    path = fields.List(fields.String(), required=True)


class ReceiptSchema(Reply):
    """Proof that an entry stands in the books; ``in_day`` and ``day`` once its day is sealed.

    ``content`` in canonical JSON is the leaf (RFC 6962) of the tree of its segment; the
    root of that is a leaf of the tree of its day. ``teahouse ledger receipt`` checks it.
    """

    content = fields.Dict(required=True)
    in_segment = fields.Nested(InclusionSchema, required=True)
    in_day = fields.Nested(InclusionSchema, required=True, allow_none=True)
    day = fields.Nested(SealedDaySchema, required=True, allow_none=True)


SealedDaysPage = page_of(SealedDaySchema, "SealedDaysPage")


def shown_day(day: SealedDay) -> dict[str, Any]:
    """A day as ``SealedDaySchema`` dumps it."""
    return {
        "market": day.market,
        "day": day.day.isoformat(),
        "zone": day.zone,
        "first": day.first,
        "end": day.end,
        "entries": day.entries,
        "root": day.root.hex(),
        "head": day.head.hex(),
        "token": day.token,
    }


def shown_receipt(receipt: Receipt) -> dict[str, Any]:
    """A receipt as ``ReceiptSchema`` dumps it."""
    return {
        "content": receipt.content,
        "in_segment": _inclusion(receipt.in_segment),
        "in_day": _inclusion(receipt.in_day) if receipt.in_day else None,
        "day": shown_day(receipt.day) if receipt.day else None,
    }


def _inclusion(found: Inclusion) -> dict[str, Any]:
    return {
        "index": found.index,
        "size": found.size,
        "path": [each.hex() for each in found.path],
    }
