"""Check the signed roots of an exported ledger, and single receipts, with code of our own.

Beside ``verify.py`` and like it: the standard library, ``cryptography`` for Ed25519, and no
line of the service. ``python -m teahouse.ledger.proof EXPORT`` runs it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from teahouse.ledger.replay import POST, REVERSE
from teahouse.ledger.verify import (
    MAX_PROBLEMS,
    NotAnExport,
    Segment,
    _Columns,
    _entries,
    _rows,
    _segment,
    _wide,
)

TYPE = "teahouse-ledger-day"
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
Keys = Mapping[str, Ed25519PublicKey]


class Unproven(Exception):
    """A signature, a root or a receipt that does not hold."""


@dataclass(slots=True)
class Proof:
    """What was found of the days; ``ok`` when nothing is wrong.

    ``keys`` are those that signed. Whoever forges a log can sign it with keys of his own and
    put those into the export: compare them with a set you trust. ``covered`` is how many
    segments from the first on stand under a root; later ones belong to days not yet sealed.
    """

    days: int = 0
    covered: int = 0
    latest: str = ""
    root: str = ""
    keys: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether every root and signature holds."""
        return not self.problems

    def to_dict(self) -> dict[str, Any]:
        """The findings as one JSON object."""
        return {"ok": self.ok, **asdict(self)}


def check_days(path: str | Path, trusted: Keys | None = None) -> Proof:
    """Check each sealed day of an export against the log beside it; raise ``NotAnExport``.

    Its signature, that days and segments follow each other without a gap, the root over all
    its entries, the hash the log ended with. ``trusted`` keys count instead of those that the
    export names itself.
    """
    proof, keys, days = Proof(), trusted or {}, _Days()
    for line, row in _rows(Path(path)):
        kind = row.get("kind", "segment")
        try:
            if kind == "keys" and trusted is None:
                keys = read_keys(row)
            elif kind == "day":
                days.expect(*_signed(row["token"], keys))
            elif kind == "segment":
                days.take(_segment(row, line))
        except Unproven as trouble:
            if len(proof.problems) < MAX_PROBLEMS:
                proof.problems.append(f"line {line}: {trouble}")
        except (KeyError, TypeError, ValueError, IndexError, zlib.error) as unreadable:
            proof.problems.append(f"line {line}: cannot be read: {unreadable!r}")
    proof.problems += days.missing()
    proof.days, proof.covered, proof.keys = days.count, days.covered, sorted(days.key_ids)
    proof.latest, proof.root = days.latest
    return proof


def check_receipt(receipt: Mapping[str, Any], keys: Keys) -> Mapping[str, Any]:
    """What the signed root proves of an entry: its content; raise ``Unproven``.

    ``receipt`` is what ``GET /v1/entries/<id>/receipt`` answered, ``keys`` come from
    ``read_keys``.
    """
    try:
        if receipt["day"] is None:
            raise Unproven("its day is not sealed yet: ask again when it is over")
        content: Mapping[str, Any] = receipt["content"]
        said, _ = _signed(receipt["day"]["token"], keys)
        segment_root = _climb(_leaf(_canonical(content)), receipt["in_segment"])
        root = _climb(_leaf(segment_root), receipt["in_day"])
        in_day = receipt["in_day"]
        place, size = int(said["first"]) + int(in_day["index"]), said["end"] - said["first"]
        if content["segment"] != place or in_day["size"] != size:
            raise Unproven("it belongs elsewhere in the log")
        if content["index"] != receipt["in_segment"]["index"]:
            raise Unproven("it belongs elsewhere in its segment")
        if root.hex() != said["root"]:
            raise Unproven("it does not lead to the root that was signed")
    except (KeyError, TypeError, ValueError) as unreadable:
        raise Unproven(f"this is no receipt: {unreadable!r}") from unreadable
    return content


def read_keys(jwks: Mapping[str, Any]) -> Keys:
    """The Ed25519 keys of a JWK set (RFC 8037) by their id."""
    return {
        key["kid"]: Ed25519PublicKey.from_public_bytes(_bytes(key["x"]))
        for key in jwks["keys"]
        if key.get("crv") == "Ed25519"
    }


class _Days:
    """The sealed days that were announced, and the log as far as it has been read."""

    def __init__(self) -> None:
        self.count = self.covered = 0
        self.latest = ("", "")
        self.key_ids: set[str] = set()
        self._waiting: list[Mapping[str, Any]] = []
        self._announced = self._entries = self._next = 0
        self._roots: list[bytes] = []
        self._names: list[tuple[str, str]] = []
        self._words = [""]
        self._head = b""

    def expect(self, said: Mapping[str, Any], key_id: str) -> None:
        """Note a day whose signature holds."""
        self.key_ids.add(key_id)
        if said["first"] != self._announced or said["end"] < said["first"]:
            raise Unproven(f"{said['day']} does not follow the day before")
        if said["day"] <= (self._waiting[-1]["day"] if self._waiting else ""):
            raise Unproven(f"{said['day']} is not later than the day before")
        self._announced = said["end"]
        self._waiting.append(said)

    def take(self, segment: Segment) -> None:
        """Hash the entries of the next segment; compare the day that ends with it."""
        if segment.sequence != self._next:
            raise Unproven(f"segment {segment.sequence} stands where {self._next} belongs")
        self._next += 1
        self._head = segment.hash
        self._open(segment.columns)
        if segment.sequence < self._announced:
            leaves = [_leaf(_canonical(each)) for each in self._contents(segment)]
            self._entries += len(leaves)
            self._roots.append(_root(leaves))
        self._close()

    def missing(self) -> list[str]:
        """Complaints about days that were signed but that the log does not reach."""
        return [f"{said['day']} is signed, its segments are missing" for said in self._waiting]

    def _close(self) -> None:
        """Compare the day that ends here, and those without entries after it."""
        while self._waiting and self._waiting[0]["end"] == self._next:
            said = self._waiting.pop(0)
            root = _root([_leaf(each) for each in self._roots])
            entries, self._entries, self._roots = self._entries, 0, []
            self.count += 1
            if (root.hex(), entries) != (said["root"], said["entries"]):
                raise Unproven(f"{said['day']}: the log does not lead to the root that was signed")
            if self._head.hex() != said["head"]:
                raise Unproven(f"{said['day']}: the log ended with another hash")
            self.covered, self.latest = said["end"], (said["day"], said["root"])

    def _open(self, columns: Mapping[str, bytes]) -> None:
        for line in columns["accounts"].decode().split("\n") if "accounts" in columns else ():
            currency, _, path = line.partition(" ")
            self._names.append((path, currency))
        if "words" in columns:
            self._words += columns["words"].decode().split("\n")

    def _contents(self, segment: Segment) -> Iterator[dict[str, Any]]:
        column, count = _Columns(segment.columns), segment.entries
        prefixes = column.read("reference_prefix", "H", count)
        high = column.read("reference_high", "Q", count)
        references = _wide(high, column.read("reference_low", "Q", count))
        codes = column.read("code", "H", count)
        stored = segment.columns.get("reasons")
        reasons = json.loads(zlib.decompress(stored)) if stored else {}
        for index, entry in enumerate(_entries(segment)):
            prefix = self._words[prefixes[index]]
            yield {
                "at": segment.at,
                "code": self._words[codes[index]],
                "id": _identifier("ent", entry.number),
                "index": index,
                "kind": entry.kind,
                "legs": [
                    dict(zip(("account", "currency"), self._names[number], strict=True))
                    | {"minor": minor}
                    for number, minor in entry.legs
                ],
                "pending_id": _identifier("ent", entry.pending)
                if POST <= entry.kind <= REVERSE
                else None,
                "reason": reasons.get(str(index)),
                "reference": _identifier(prefix, references[index]) if prefix else None,
                "segment": segment.sequence,
                "segment_hash": segment.hash.hex(),
            }


def _signed(token: str, keys: Keys) -> tuple[dict[str, Any], str]:
    """What a compact JWS (RFC 7515) says, and which key signed it."""
    try:
        head, payload, signature = token.split(".")
        header = json.loads(_bytes(head))
        if header["typ"] != TYPE or header["alg"] not in {"EdDSA", "Ed25519"}:
            raise Unproven("the token is for something else")
        key = keys.get(header["kid"])
        if key is None:
            raise Unproven(f"nobody known signed it: key {header['kid']}")
        key.verify(_bytes(signature), f"{head}.{payload}".encode())
        return json.loads(_bytes(payload)), header["kid"]
    except InvalidSignature:
        raise Unproven("the signature does not fit") from None
    except (KeyError, TypeError, ValueError, AttributeError) as unreadable:
        raise Unproven(f"not a token: {unreadable!r}") from unreadable


def _climb(found: bytes, inclusion: Mapping[str, Any]) -> bytes:
    """The root that an audit path leads to (RFC 9162, section 2.1.3.2)."""
    index, last = int(inclusion["index"]), int(inclusion["size"]) - 1
    if not 0 <= index <= last:
        raise Unproven("its place is beyond the end")
    for text in inclusion["path"]:
        sibling = bytes.fromhex(text)
        if last == 0:
            raise Unproven("its path is too long")
        if index % 2 or index == last:
            found = _node(sibling, found)
            while index % 2 == 0 and index:
                index, last = index // 2, last // 2
        else:
            found = _node(found, sibling)
        index, last = index // 2, last // 2
    if last:
        raise Unproven("its path is too short")
    return found


def _root(leaves: Sequence[bytes]) -> bytes:
    """The root of a tree (RFC 6962, section 2.1), level by level."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    level = list(leaves)
    while len(level) > 1:
        odd = level[len(level) & ~1 :]
        level = [_node(*pair) for pair in _pairs(level)] + odd
    return level[0]


def _pairs(level: Sequence[bytes]) -> Iterable[tuple[bytes, bytes]]:
    return zip(level[::2], level[1::2], strict=False)


def _leaf(content: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + content).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _canonical(content: Mapping[str, Any]) -> bytes:
    """JSON with its members sorted and no space (RFC 8785)."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.encode()


def _identifier(prefix: str, number: int) -> str:
    return f"{prefix}_" + "".join(ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


if __name__ == "__main__":
    try:
        found = check_days(sys.argv[1])
    except NotAnExport as trouble:
        sys.exit(str(trouble))
    sys.stdout.write(json.dumps(found.to_dict(), indent=2) + "\n")
    sys.exit(0 if found.ok else 1)
