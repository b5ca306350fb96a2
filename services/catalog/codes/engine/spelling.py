"""How a code is written: a few bytes, signed, in base 32 (docs/codes.md is the format)."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from chassis.kernel.ids import ALPHABET, from_int, to_int

FORMAT = 1
ID_BYTES, SERIAL_BYTES, KEY_BYTES, SIGNATURE_BYTES = 16, 2, 3, 64
KEY_LETTERS = 4  # of its id in base64url, which KEY_BYTES hold
LONGEST = 240  # characters; no code has as many
_LETTERS = {letter: place for place, letter in enumerate(ALPHABET)}
_MISREAD = str.maketrans("oil", "011")


class CodeUnreadable(ValueError):
    """The text is no code of this format."""


class CodeKind(StrEnum):
    """What a code is stuck to."""

    PACK = "pack"
    INVITATION = "invitation"
    DOOR = "door"


_KINDS = tuple(CodeKind)
# The optional ids in their order, each with its bit in the first byte.
_PARTS = (("lot", 0b1000), ("host", 0b0100), ("community", 0b0010))
_PREFIXES = {"lot": "lot", "host": "org", "community": "com"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One code: of which batch, the how manieth, and to whom a scan of it is credited."""

    kind: CodeKind
    batch_id: str
    serial: int
    lot_id: str | None = None
    host_id: str | None = None
    community_id: str | None = None


class Spelled(NamedTuple):
    """What a code consists of: what was signed, how the key's id begins, the signature."""

    payload: bytes
    key_start: str
    signature: bytes


def to_payload(code: Code) -> bytes:
    """The bytes of a code that are signed."""
    ids = {"lot": code.lot_id, "host": code.host_id, "community": code.community_id}
    head = FORMAT << 6 | _KINDS.index(code.kind) << 4
    head |= sum(bit for part, bit in _PARTS if ids[part])
    named = [code.batch_id, *(found for part, _ in _PARTS if (found := ids[part]))]
    whole = b"".join(to_int(identifier).to_bytes(ID_BYTES) for identifier in named)
    return bytes([head]) + whole + code.serial.to_bytes(SERIAL_BYTES)


def to_code(payload: bytes) -> Code:
    """The inverse of ``to_payload``; raise ``CodeUnreadable``."""
    head = payload[0]
    kind = head >> 4 & 0b11
    if head >> 6 != FORMAT or kind >= len(_KINDS) or head & 1 or len(payload) != _length(head):
        raise CodeUnreadable("not a code of this format")
    numbers = [
        int.from_bytes(payload[at : at + ID_BYTES])
        for at in range(1, len(payload) - SERIAL_BYTES, ID_BYTES)
    ]
    parts = [part for part, bit in _PARTS if head & bit]
    ids = {
        f"{part}_id": from_int(_PREFIXES[part], number)
        for part, number in zip(parts, numbers[1:], strict=True)
    }
    serial = int.from_bytes(payload[-SERIAL_BYTES:])
    return Code(kind=_KINDS[kind], batch_id=from_int("cbt", numbers[0]), serial=serial, **ids)


def spell(spelled: Spelled) -> str:
    """Write it in capitals of Crockford's base 32, which a QR code packs tightest."""
    key = urlsafe_b64decode(spelled.key_start)
    whole = spelled.payload + key + spelled.signature
    letters = -(-len(whole) * 8 // 5)
    number = int.from_bytes(whole) << letters * 5 - len(whole) * 8
    return "".join(ALPHABET[number >> 5 * at & 31] for at in range(letters - 1, -1, -1)).upper()


def unspell(text: str) -> Spelled:
    """The inverse of ``spell``, small letters and misread ones forgiven; raise ``CodeUnreadable``.

    Bits that are left over must be zero, so that a code has one spelling.
    """
    if not 0 < len(text) <= LONGEST:
        raise CodeUnreadable("no code is as long as that")
    number = 0
    for letter in text.lower().translate(_MISREAD):
        if letter not in _LETTERS:
            raise CodeUnreadable("holds a letter that no code has")
        number = number << 5 | _LETTERS[letter]
    length, spare = divmod(len(text) * 5, 8)
    whole = (number >> spare).to_bytes(length)
    signed = length - KEY_BYTES - SIGNATURE_BYTES
    if number & (1 << spare) - 1 or not whole or signed != _length(whole[0]):
        raise CodeUnreadable("not a code of this format")
    key = urlsafe_b64encode(whole[signed : signed + KEY_BYTES]).decode()
    return Spelled(whole[:signed], key, whole[-SIGNATURE_BYTES:])


def _length(head: int) -> int:
    """How many bytes are signed, as the first of them says."""
    return 1 + ID_BYTES * (1 + sum(bool(head & bit) for _, bit in _PARTS)) + SERIAL_BYTES
