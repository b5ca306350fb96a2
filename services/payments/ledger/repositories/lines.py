"""Lines of a bulk call: read by compiled structs where they are plain, by the schema otherwise.

The schema of the books rules on every line. What is here only takes a short way to the same
verdict for lines that it is certain of; all others, and all refusals, go by the schema.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import accumulate
from typing import Annotated, Any, NamedTuple

import msgspec
import numpy as np
from marshmallow import ValidationError, fields
from msgspec import UNSET, Meta, UnsetType

from chassis.kernel.currencies import is_currency
from chassis.kernel.errors import DomainError
from chassis.kernel.ids import ALPHABET, LENGTH
from chassis.web import strict_json
from chassis.web.schemas import Moment
from services.payments.ledger.domain import (
    AccountNotInChart,
    BadChain,
    EntryMalformed,
    EntryRequest,
    Kind,
    floor_of,
)
from services.payments.ledger.domain.entries import (
    CODE,
    ENTRY_ID,
    MAX_CODE_LENGTH,
    REFERENCE,
    reason_bytes,
)
from services.payments.ledger.domain.times import EPOCH, to_milliseconds
from services.payments.ledger.engine.columns import MAX_AMOUNT, MAX_LEGS, U8, U64, Flags
from services.payments.ledger.schemas import EntryRequestSchema

KINDS = {kind.word: kind for kind in (Kind.PLAIN, Kind.HOLD, Kind.POST, Kind.VOID, Kind.EXPIRE)}
_LEGLESS = frozenset({"void", "expire"})
_PREFIX = "ent_"
_ID_LENGTH = len(_PREFIX) + LENGTH
_TRUE = tuple(fields.Boolean.truthy)
_NOT_A_LETTER = 255
_BITS, _HALF = 5, 64
_MOMENT = Moment()
_BARE_QUOTES, _NAME_QUOTES, _LEG_QUOTES = 12, 2, 10
_USUAL_QUOTES = _BARE_QUOTES + _NAME_QUOTES

EntryId = Annotated[str, Meta(min_length=_ID_LENGTH, max_length=_ID_LENGTH)]
Minor = Annotated[int, Meta(ge=-MAX_AMOUNT, le=MAX_AMOUNT)]


class LineLeg(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """A leg as it is written."""

    account: str
    minor: Minor
    currency: str


Legs = Annotated[list[LineLeg], Meta(max_length=MAX_LEGS)]


class Line(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """An entry as it is written; what is not there is ``UNSET``.

    Of what few entries have there is room for what it is without: those that have it go
    by the schema.
    """

    id: EntryId
    kind: str
    code: str
    legs: Legs | UnsetType = UNSET
    reason: msgspec.Raw | UnsetType = UNSET
    pending_id: EntryId | UnsetType | None = UNSET
    reference: str | UnsetType | None = UNSET
    expires_at: str | UnsetType | None = UNSET
    effective_at: UnsetType | None = UNSET
    linked: bool | UnsetType = UNSET
    final: bool | UnsetType = UNSET
    part: UnsetType | None = UNSET
    limits: UnsetType | None = UNSET


class Link(msgspec.Struct):
    """Whether an entry stands only together with the next, as it is written."""

    linked: Any = False


class Numbers(NamedTuple):
    """128-bit numbers in halves, and which of them were written as they should be."""

    high: U64
    low: U64
    valid: Flags


_DECODER = msgspec.json.Decoder(Line)
_LINK = msgspec.json.Decoder(Link)


@dataclass(slots=True)
class Lines:
    """The lines of a call, each under its position: plain, unusual, or refused.

    Of the plain ones: ``high`` and ``low`` are the ids, at every position; ``keys`` holds
    path and currency of each leg, ``minors`` its amount, one line after the other, and those
    of the first ``n`` lines are the first ``leg_ends[n]``; ``reasons`` and ``expiries``
    (milliseconds) are there for those that have them.
    """

    plain: list[Line | None]
    high: U64
    low: U64
    keys: list[tuple[str, str]] = field(default_factory=list)
    minors: list[int] = field(default_factory=list)
    leg_ends: list[int] = field(default_factory=list)
    reasons: dict[int, bytes] = field(default_factory=dict)
    expiries: dict[int, int] = field(default_factory=dict)
    unusual: dict[int, EntryRequest] = field(default_factory=dict)
    refused: dict[int, DomainError] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.plain)


def read(texts: Sequence[bytes], known: Collection[tuple[str, str]] = ()) -> Lines:
    """Read lines; none makes another fail. Accounts that are ``known`` need no check.

    Whole columns are checked at once, as a set of what they hold; only when a set holds
    something doubtful are the lines looked at one by one.
    """
    plain = _decoded(texts)
    ids = numbers_of([line.id.removeprefix(_PREFIX) if line else "" for line in plain])
    lines = Lines(plain, ids.high, ids.low)
    _set_aside(lines, lambda position, _: bool(ids.valid[position]), certain=bool(ids.valid.all()))
    _check_codes(lines)
    _check_kinds(lines)
    _check_extras(lines)
    _check_accounts(lines, known)
    for position, line in enumerate(plain):
        if line is None:
            _by_schema(lines, position, texts[position])
    return lines


def by_schema(text: bytes) -> EntryRequest:
    """What the schema makes of a line; raise ``EntryMalformed`` or what the entry raises."""
    try:
        found: EntryRequest = EntryRequestSchema().load(strict_json.read(text))
    except strict_json.UnreadableJson as unreadable:
        raise EntryMalformed(str(unreadable)) from None
    except ValidationError as invalid:
        raise EntryMalformed(_first(invalid.messages)) from None
    return found


def check_unlinked(texts: Sequence[bytes]) -> None:
    """Raise ``BadChain`` when a line is linked to the next."""
    whole = b"\n".join(texts)
    if b"linked" not in whole and b"\\" not in whole:  # a letter may be written by its number
        return
    for position, text in enumerate(texts):
        try:
            linked = _LINK.decode(text).linked
        except (msgspec.MsgspecError, UnicodeDecodeError):
            continue  # no entry at all
        if linked is not False and linked in _TRUE:
            raise BadChain(f"line {position + 1} is linked", entry_id=id_in(text))


def id_in(text: bytes) -> str:
    """The id of a line that cannot be read as an entry, if it can be read at all."""
    try:
        found = msgspec.json.decode(text, type=dict[str, Any]).get("id")
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ""
    return found if isinstance(found, str) else ""


def numbers_of(tails: Sequence[str]) -> Numbers:
    """What the last 26 letters of identifiers stand for: ``to_int`` for a whole column."""
    whole = "".join(tail if len(tail) == LENGTH else "-" * LENGTH for tail in tails)
    letters = np.frombuffer(whole.encode("latin-1", "replace"), np.uint8)
    values = _VALUES[letters].reshape(-1, LENGTH).T
    valid: Flags = (values[0] < 1 << 3) & (values.max(axis=0) < 1 << _BITS)
    high, low = (np.zeros(len(tails), np.uint64) for _ in range(2))
    for place, value in enumerate(values.astype(np.uint64)):
        shift = _BITS * (LENGTH - 1 - place)
        if shift >= _HALF:
            high |= value << np.uint64(shift - _HALF)
        else:
            low |= value << np.uint64(shift)
            high |= value >> np.uint64(min(_HALF - shift, _HALF - 1))
    return Numbers(high, low, valid)


def _values() -> U8:
    values = np.full(256, _NOT_A_LETTER, np.uint8)
    for value, letter in enumerate(ALPHABET):
        values[ord(letter)] = value
    return values


_VALUES = _values()


def _decoded(texts: Sequence[bytes]) -> list[Line | None]:
    """The lines that can be decoded and name nothing twice."""
    decode, plain = _DECODER.decode, list[Line | None]()
    for text in texts:
        try:
            plain.append(decode(text))
        except (msgspec.MsgspecError, UnicodeDecodeError):
            plain.append(None)
    for position, text in enumerate(texts):
        line, count = plain[position], text.count(b'"')
        # Most lines have legs and nothing more; whatever else there is adds to the count.
        if line and count != _USUAL_QUOTES + _LEG_QUOTES * len(line.legs or ()):
            plain[position] = line if count == _quotes(line) else None
    return plain


def _quotes(line: Line) -> int:
    """How many quotation marks a line has whose every name stands there once.

    Decoders keep the last of two members of one name, which the schema refuses. No value
    that the checks accept holds a quotation mark.
    """
    count = _BARE_QUOTES
    if line.legs is not UNSET:
        count += _NAME_QUOTES + _LEG_QUOTES * len(line.legs)
    if line.reason is not UNSET:
        count += _NAME_QUOTES + bytes(line.reason).count(b'"')
    for value in (line.pending_id, line.reference, line.expires_at):
        if value is not UNSET:
            count += _NAME_QUOTES if value is None else 2 * _NAME_QUOTES
    for without in (line.effective_at, line.linked, line.final, line.part, line.limits):
        if without is not UNSET:
            count += _NAME_QUOTES
    return count


def _set_aside(lines: Lines, fits: Callable[[int, Line], bool], *, certain: bool) -> None:
    """Unless that is certain of all, keep as plain only the lines that fit."""
    if not certain:
        for position, line in enumerate(lines.plain):
            if line and not fits(position, line):
                lines.plain[position] = None


def _check_codes(lines: Lines) -> None:
    codes = {line.code for line in lines.plain if line}
    wrong = {code for code in codes if not _is_code(code)}
    _set_aside(lines, lambda _, line: line.code not in wrong, certain=not wrong)


def _check_kinds(lines: Lines) -> None:
    shapes = {_shape(line) for line in lines.plain if line}
    wrong = {shape for shape in shapes if not _fits_its_kind(*shape)}
    _set_aside(lines, lambda _, line: _shape(line) not in wrong, certain=not wrong)


def _check_accounts(lines: Lines, known: Collection[tuple[str, str]]) -> None:
    """Keep the legs of the lines that stay plain: this check is the last."""
    keys = _keys(lines)
    wrong = {key for key in keys if key not in known and not _is_account(*key)}
    if wrong:
        _set_aside(
            lines,
            lambda _, line: all(
                (leg.account, leg.currency) not in wrong for leg in line.legs or ()
            ),
            certain=False,
        )
        keys = _keys(lines)
    lines.keys = keys
    lines.minors = [leg.minor for line in lines.plain if line for leg in line.legs or ()]
    counts = (len(line.legs or ()) if line else 0 for line in lines.plain)
    lines.leg_ends = list(accumulate(counts, initial=0))


def _keys(lines: Lines) -> list[tuple[str, str]]:
    return [(leg.account, leg.currency) for line in lines.plain if line for leg in line.legs or ()]


def _check_extras(lines: Lines) -> None:
    for position, line in enumerate(lines.plain):
        if line and not (
            (
                line.reason is line.reference is line.pending_id is line.expires_at is UNSET
                and line.final is not False
                and line.linked is not True
            )
            or _extras(lines, position, line)
        ):
            lines.plain[position] = None


def _shape(line: Line) -> tuple[str, bool, bool]:
    return line.kind, isinstance(line.pending_id, str), bool(line.legs)


def _is_code(text: str) -> bool:
    return bool(CODE.fullmatch(text)) and len(text) <= MAX_CODE_LENGTH


@lru_cache(maxsize=65_536)
def _is_account(path: str, currency: str) -> bool:
    try:
        floor_of(path)
    except AccountNotInChart:
        return False
    return is_currency(currency)


def _fits_its_kind(word: str, ends_a_hold: bool, has_legs: bool) -> bool:  # noqa: FBT001 - a shape
    kind = KINDS.get(word)
    if kind is None:
        return False
    return ends_a_hold == (kind >= Kind.POST) and not (has_legs and word in _LEGLESS)


def _extras(lines: Lines, position: int, line: Line) -> bool:
    """Whether what few lines have is right; keeps what it says."""
    if line.final is False or line.linked is True:
        return False
    if isinstance(line.reference, str) and not REFERENCE.fullmatch(line.reference):
        return False
    if isinstance(line.pending_id, str) and not ENTRY_ID.fullmatch(line.pending_id):
        return False
    try:
        if isinstance(line.expires_at, str):
            moment = _moment(line.expires_at)
            if line.kind != Kind.HOLD.word or moment <= EPOCH:
                return False
            lines.expiries[position] = to_milliseconds(moment)
        if line.reason is not UNSET:
            reason = _reason(bytes(line.reason))
            if reason:
                lines.reasons[position] = reason
    except (ValidationError, strict_json.UnreadableJson, EntryMalformed):
        return False
    return True


def _moment(text: str) -> datetime:
    return _MOMENT.deserialize(text)


def _reason(raw: bytes) -> bytes:
    """The reason as it is stored; raise what the schema would refuse it for."""
    if raw == b"{}":
        return b""
    # Under its name, so that it counts as deep as it lies in its line.
    reason = strict_json.read(b'{"reason":%b}' % raw)["reason"]
    if not isinstance(reason, dict):
        raise EntryMalformed("reason: not an object", field="reason")
    return reason_bytes(reason)


def _by_schema(lines: Lines, position: int, text: bytes) -> None:
    try:
        lines.unusual[position] = by_schema(text)
    except DomainError as refusal:
        lines.refused[position] = refusal


def _first(messages: object, name: str = "") -> str:
    """The first of the schema's messages, after the field it is about."""
    while isinstance(messages, dict) and messages:
        key, messages = next(iter(messages.items()))
        name = name if key == "_schema" else f"{name}.{key}" if name else str(key)
    text = messages[0] if isinstance(messages, list) and messages else messages
    return f"{name}: {text}" if name else str(text)
