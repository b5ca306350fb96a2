"""What may be asked of the books: entries of five kinds, and how to build each."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chassis.kernel.ids import ALPHABET, pattern
from chassis.kernel.money import Money
from services.payments.ledger.domain.accounts import floor_of
from services.payments.ledger.domain.refusals import EntryMalformed
from services.payments.ledger.domain.times import EPOCH
from services.payments.ledger.engine.columns import Kind

ENTRY_ID = pattern("ent")
CODE = re.compile(r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")
CURRENCY = re.compile(r"^[A-Z][A-Z0-9]{2,7}$")
REFERENCE = re.compile(rf"^[a-z]{{2,8}}_[0-7][{ALPHABET}]{{25}}$")
MAX_CODE_LENGTH = 40
MAX_REASON_BYTES = 16_384


@dataclass(frozen=True, slots=True)
class Leg:
    """One account's part in an entry, in minor units; negative is money out."""

    account: str
    minor: int
    currency: str

    @classmethod
    def of(cls, account: str, amount: Money) -> Leg:
        """The leg that moves this amount into the account."""
        return cls(account, amount.minor, amount.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRequest:
    """A wish to book an entry; ``id`` makes it one entry however often it is submitted.

    ``code`` says what it is for (``settlement``), ``reason`` explains its amounts in any
    JSON, ``reference`` is the id of what it is about. ``reason`` is stored with the first
    submission and not compared on the next. Build it with ``plain``, ``hold``, ``post``,
    ``void`` or ``expire``. Raises ``EntryMalformed`` or ``AccountNotInChart``.
    """

    id: str
    kind: Kind
    code: str
    legs: tuple[Leg, ...] = ()
    reason: Mapping[str, Any] = field(default_factory=dict)
    pending_id: str | None = None
    reference: str | None = None
    expires_at: datetime | None = None

    def __post_init__(self) -> None:
        _require(ENTRY_ID.fullmatch(self.id), "id", self.id)
        _require(
            CODE.fullmatch(self.code) and len(self.code) <= MAX_CODE_LENGTH, "code", self.code
        )
        if self.reference is not None:
            _require(REFERENCE.fullmatch(self.reference), "reference", self.reference)
        ends_a_hold = self.kind >= Kind.POST
        _require(ends_a_hold == (self.pending_id is not None), "pending_id", self.pending_id)
        if self.pending_id is not None:
            _require(ENTRY_ID.fullmatch(self.pending_id), "pending_id", self.pending_id)
        if self.expires_at is not None:
            aware = self.expires_at.tzinfo is not None and self.expires_at > EPOCH
            _require(self.kind is Kind.HOLD and aware, "expires_at", self.expires_at)
        _require(not self.legs or self.kind not in {Kind.VOID, Kind.EXPIRE}, "legs", self.legs)
        for leg in self.legs:
            floor_of(leg.account)
            _require(CURRENCY.fullmatch(leg.currency), "currency", leg.currency)
            _require(type(leg.minor) is int, "minor", leg.minor)
        reason_bytes(self.reason)


def reason_bytes(reason: Mapping[str, Any]) -> bytes:
    """The reason as compact UTF-8 JSON, empty for none; raise ``EntryMalformed``."""
    if not reason:
        return b""
    try:
        text = json.dumps(reason, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        written = text.encode()
    except (TypeError, ValueError) as unwritable:
        raise EntryMalformed(f"reason is not JSON: {unwritable}", field="reason") from unwritable
    _require(len(written) <= MAX_REASON_BYTES, "reason", f"{len(written)} bytes")
    return written


def _require(condition: object, name: str, value: object) -> None:
    if not condition:
        raise EntryMalformed(f"{name}: {value!r}", field=name)


def plain(
    entry_id: str,
    legs: Sequence[Leg],
    code: str,
    reason: Mapping[str, Any] | None = None,
    *,
    reference: str | None = None,
) -> EntryRequest:
    """Move money at once: 2 to 200 legs, zero in sum for each currency."""
    return EntryRequest(
        id=entry_id,
        kind=Kind.PLAIN,
        code=code,
        legs=tuple(legs),
        reason=reason or {},
        reference=reference,
    )


def transfer(
    entry_id: str,
    source: str,
    target: str,
    amount: Money,
    code: str,
    reason: Mapping[str, Any] | None = None,
    *,
    reference: str | None = None,
) -> EntryRequest:
    """Move an amount from one account to another: the plain entry of two legs."""
    legs = (Leg.of(source, -amount), Leg.of(target, amount))
    return plain(entry_id, legs, code, reason, reference=reference)


def hold(
    entry_id: str,
    legs: Sequence[Leg],
    code: str,
    reason: Mapping[str, Any] | None = None,
    *,
    reference: str | None = None,
    expires_at: datetime | None = None,
) -> EntryRequest:
    """Set money aside: what goes out counts against the floor at once, nothing comes in yet."""
    return EntryRequest(
        id=entry_id,
        kind=Kind.HOLD,
        code=code,
        legs=tuple(legs),
        reason=reason or {},
        reference=reference,
        expires_at=expires_at,
    )


def post(
    entry_id: str,
    hold_id: str,
    code: str,
    reason: Mapping[str, Any] | None = None,
    *,
    legs: Sequence[Leg] = (),
    reference: str | None = None,
) -> EntryRequest:
    """Move what was held: all of it, or the smaller amounts in ``legs``; the rest is let go."""
    return EntryRequest(
        id=entry_id,
        kind=Kind.POST,
        code=code,
        legs=tuple(legs),
        reason=reason or {},
        pending_id=hold_id,
        reference=reference,
    )


def void(
    entry_id: str,
    hold_id: str,
    code: str,
    reason: Mapping[str, Any] | None = None,
    *,
    reference: str | None = None,
) -> EntryRequest:
    """Let go of all that was held."""
    return EntryRequest(
        id=entry_id,
        kind=Kind.VOID,
        code=code,
        reason=reason or {},
        pending_id=hold_id,
        reference=reference,
    )


def expire(
    entry_id: str,
    hold_id: str,
    code: str = "hold-expired",
    *,
    reference: str | None = None,
) -> EntryRequest:
    """Let go of a hold whose time is over; refused before."""
    return EntryRequest(
        id=entry_id, kind=Kind.EXPIRE, code=code, pending_id=hold_id, reference=reference
    )
