"""What may be asked of the books: an entry as a value that cannot be malformed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chassis.kernel.currencies import is_currency
from chassis.kernel.ids import ALPHABET, pattern
from chassis.kernel.money import Money
from services.payments.ledger.domain.accounts import floor_of
from services.payments.ledger.domain.limits import Limits
from services.payments.ledger.domain.refusals import EntryMalformed
from services.payments.ledger.domain.times import EPOCH
from services.payments.ledger.engine.columns import Kind

ENTRY_ID = pattern("ent")
CODE = re.compile(r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")
REFERENCE = re.compile(rf"^[a-z]{{2,8}}_[0-7][{ALPHABET}]{{25}}$")
WITH_LEGS = frozenset({Kind.PLAIN, Kind.HOLD, Kind.POST, Kind.REVERSE})
EFFECTIVE = frozenset({Kind.PLAIN, Kind.POST, Kind.REVERSE, Kind.CLOSE})
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
    JSON, ``reference`` is the id of what it is about, ``pending_id`` the entry that it
    ends, prolongs or takes back. ``effective_at`` is when it counts for periods, if that
    is not when it is booked; of a closing, the end of the period, exclusive. An entry
    that is ``linked`` stands only if the next one submitted does. A post that is not
    ``final`` leaves the rest of its hold on hold. ``part`` is how much a reversal takes
    back of what its original brought in, each leg by proportion. ``reason`` is stored
    with the first submission and not compared on the next.

    Build it with the functions of ``building``. Raises ``EntryMalformed`` or
    ``AccountNotInChart``.
    """

    id: str
    kind: Kind
    code: str
    legs: tuple[Leg, ...] = ()
    reason: Mapping[str, Any] = field(default_factory=dict)
    pending_id: str | None = None
    reference: str | None = None
    expires_at: datetime | None = None
    effective_at: datetime | None = None
    linked: bool = False
    final: bool = True
    part: Money | None = None
    limits: Limits | None = None

    def __post_init__(self) -> None:
        _require(ENTRY_ID.fullmatch(self.id), "id", self.id)
        _require(
            CODE.fullmatch(self.code) and len(self.code) <= MAX_CODE_LENGTH, "code", self.code
        )
        if self.reference is not None:
            _require(REFERENCE.fullmatch(self.reference), "reference", self.reference)
        names_one = self.pending_id is not None
        _require(self.kind.names_another == names_one, "pending_id", self.pending_id)
        if self.pending_id is not None:
            _require(ENTRY_ID.fullmatch(self.pending_id), "pending_id", self.pending_id)
        self._check_times()
        self._check_legs()
        reason_bytes(self.reason)

    def _check_times(self) -> None:
        if self.expires_at is not None or self.kind is Kind.EXTEND:
            may_end = self.kind in {Kind.HOLD, Kind.EXTEND}
            _require(may_end and _is_moment(self.expires_at), "expires_at", self.expires_at)
        if self.effective_at is not None or self.kind is Kind.CLOSE:
            counts = self.kind in EFFECTIVE
            _require(counts and _is_moment(self.effective_at), "effective_at", self.effective_at)

    def _check_legs(self) -> None:
        _require(not self.legs or self.kind in WITH_LEGS, "legs", self.legs)
        _require(self.final or (self.kind is Kind.POST and self.legs), "final", self.final)
        _require((self.limits is not None) == (self.kind is Kind.LIMIT), "limits", self.limits)
        for leg in self.legs:
            floor_of(leg.account)
            _require(is_currency(leg.currency), "currency", leg.currency)
            _require(type(leg.minor) is int, "minor", leg.minor)
        if self.limits is not None:
            _require(is_currency(self.limits.currency), "currency", self.limits.currency)
        if self.part is not None:
            alone = self.kind is Kind.REVERSE and not self.legs
            _require(alone and self.part.minor > 0, "part", self.part)


def reason_bytes(reason: Mapping[str, Any]) -> bytes:
    """The reason as compact UTF-8 JSON, empty for none; raise ``EntryMalformed``."""
    written = _written(reason)
    _require(len(written) <= MAX_REASON_BYTES, "reason", f"{len(written)} bytes")
    return written


def fits(reason: Mapping[str, Any]) -> bool:
    """Whether an entry may have so long a reason; raise ``EntryMalformed`` if it is not JSON."""
    return len(_written(reason)) <= MAX_REASON_BYTES


def _written(reason: Mapping[str, Any]) -> bytes:
    if not reason:
        return b""
    try:
        text = json.dumps(reason, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return text.encode()
    except (TypeError, ValueError) as unwritable:
        raise EntryMalformed(f"reason is not JSON: {unwritable}", field="reason") from unwritable


def _require(condition: object, name: str, value: object) -> None:
    if not condition:
        raise EntryMalformed(f"{name}: {value!r}", field=name)


def _is_moment(value: datetime | None) -> bool:
    return value is not None and value.tzinfo is not None and value > EPOCH
