"""Re-read an exported ledger and check everything again, with the standard library alone.

This file shares no line with the service that wrote the log: one JSON object a line,
columns as little-endian numbers, absent ones zeros.
``python -m teahouse.ledger.verify EXPORT`` runs it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import struct
import sys
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from teahouse.ledger.replay import LIMIT, POST, REVERSE, Entry, Replay

FORMAT = 1
MAX_PROBLEMS = 100


class NotAnExport(Exception):
    """The file cannot be read as an exported ledger."""


@dataclass(slots=True)
class Report:
    """What was found; ``ok`` when it is complete and nothing is wrong.

    ``complete`` is False when the file breaks off before its end and None when it has no
    such mark, as a plain database export has none: compare ``head`` with one you trust.
    """

    path: str
    market: str | None = None
    segments: int = 0
    entries: int = 0
    legs: int = 0
    accounts: int = 0
    open_holds: int = 0
    head: str = ""
    complete: bool | None = None
    trial_balance: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether the books are right as far as the file tells."""
        return not self.problems and self.complete is not False

    def to_dict(self) -> dict[str, Any]:
        """The report as one JSON object."""
        return {"ok": self.ok, **asdict(self)}


class Segment(NamedTuple):
    """One line of the export."""

    sequence: int
    at: int
    epoch: int
    entries: int
    legs: int
    previous: bytes
    hash: bytes
    columns: Mapping[str, bytes]


def verify(path: str | Path, *, head: str | None = None, market: str | None = None) -> Report:
    """Check an export from its first to its last line; raise ``NotAnExport``.

    ``head`` is the hash that the log is known to end with, for instance from a printed
    trial balance: without it, a file cut short by somebody who also mended its last line
    passes. ``market`` names the log when the file does not.
    """
    report = Report(str(path), market=market)
    auditor = Auditor(report, _reversed(Path(path)))
    for line, row in _rows(Path(path)):
        kind = row.get("kind", "segment")
        if kind == "teahouse-ledger-export":
            report.market = report.market or row["market"]
            report.complete = False
        elif kind == "end":
            auditor.end(row)
        elif kind not in {"keys", "day"}:  # which proof.py checks
            auditor.take(_segment(row, line))
    if report.complete is None and not report.segments:
        raise NotAnExport("the file is empty")
    auditor.close(head)
    return report


class Auditor:
    """Takes segments in their order, checks their links, and keeps books of its own."""

    def __init__(self, report: Report, reversed_ids: set[int]) -> None:
        self.report = report
        self.books = Replay(self.complain, reversed_ids)
        self.expected: bytes | None = None
        self.at = 0
        self.where = "the file"

    def take(self, segment: Segment) -> None:
        """Check one segment: its link, then its entries, one after the other."""
        self.where = f"segment {segment.sequence}"
        self._link(segment)
        self.report.segments += 1
        try:
            self._open(segment.columns)
            entries = list(_entries(segment))
        except ValueError as unreadable:
            self.complain(str(unreadable))
            return
        for index, entry in enumerate(entries):
            self.where = f"segment {segment.sequence} entry {index}"
            self.books.take(entry, segment.at, is_last=index == len(entries) - 1)
            self.report.entries += 1
            self.report.legs += len(entry.legs)

    def end(self, row: Mapping[str, Any]) -> None:
        """Compare what was read with what the last line says there is."""
        self.where = "the last line"
        report = self.report
        report.complete = True
        counted = (report.segments, report.entries, (self.expected or b"").hex())
        if report.segments and (row["segments"], row["entries"], row["head"]) != counted:
            self.complain(f"names other counts or another head than {counted}")

    def close(self, head: str | None) -> None:
        """Add everything up."""
        self.where = "the whole"
        report = self.report
        report.head = (self.expected or b"").hex()
        report.accounts = len(self.books.accounts)
        report.open_holds = len(self.books.holds)
        if head is not None and head != report.head:
            self.complain(f"the log ends with {report.head or 'nothing'}, not with {head}")
        report.trial_balance = self.books.close()
        for currency, total in report.trial_balance.items():
            if total:
                self.complain(f"all {currency} balances together are {total}, not 0")

    def complain(self, trouble: str) -> None:
        """Note a problem; the first hundred are enough."""
        if len(self.report.problems) < MAX_PROBLEMS:
            self.report.problems.append(f"{self.where}: {trouble}")

    def _link(self, segment: Segment) -> None:
        if segment.sequence != self.report.segments:
            self.complain(f"stands where {self.report.segments} belongs")
        if self.expected is None and self.report.market is not None:
            genesis = f"teahouse-ledger:{self.report.market}"
            self.expected = hashlib.sha256(genesis.encode()).digest()
        if self.expected not in {None, segment.previous}:
            self.complain("does not follow the one before it")
        if _digest(segment) != segment.hash:
            self.complain("is not what was sealed: its hash differs")
        if segment.at < self.at:
            self.complain("is older than the one before it")
        self.expected, self.at = segment.hash, max(self.at, segment.at)

    def _open(self, columns: Mapping[str, bytes]) -> None:
        lines = columns["accounts"].decode().split("\n") if "accounts" in columns else []
        floors = _Columns(columns).read("account_floor", "q", len(lines))
        for line, floor in zip(lines, floors, strict=True):
            currency, _, path = line.partition(" ")
            self.books.open(path, currency, floor)


def _digest(segment: Segment) -> bytes:
    running = hashlib.sha256(segment.previous)
    numbers = (segment.sequence, segment.at, segment.epoch, segment.entries, segment.legs)
    running.update(struct.pack("<HQQQII", FORMAT, *numbers))
    for name in sorted(segment.columns):
        column = segment.columns[name]
        running.update(struct.pack("<HI", len(name), len(column)) + name.encode() + column)
    return running.digest()


def _entries(segment: Segment) -> Iterator[Entry]:
    """Read the columns of a segment; raise ``ValueError`` when they do not fit."""
    column = _Columns(segment.columns)
    count, legs = segment.entries, segment.legs
    ids = _wide(column.read("id_high", "Q", count), column.read("id_low", "Q", count))
    kinds, counts = column.read("kind", "B", count), column.read("leg_count", "B", count)
    flags = column.read("flags", "B", count)
    expires, effective = (column.read(name, "Q", count) for name in ("expires_at", "effective_at"))
    accounts, amounts = column.read("account", "I", legs), column.read("amount", "q", legs)
    pending = iter(column.pending(kinds))
    limits = iter(column.limits(sum(kind == LIMIT for kind in kinds)))
    released = len(segment.columns.get("release_amount", b"")) // 8
    places = column.read("release_leg", "I", released)
    releases = dict(zip(places, column.read("release_amount", "q", released), strict=True))
    if sum(counts) != legs:
        raise ValueError(f"its entries have {sum(counts)} legs, not {legs}")
    start = 0
    for index, (number, kind, leg_count) in enumerate(zip(ids, kinds, counts, strict=True)):
        place = range(start, start + leg_count)
        start += leg_count
        yield Entry(
            number=number,
            kind=kind,
            flags=flags[index],
            expires_at=expires[index],
            effective_at=effective[index],
            legs=[(accounts[leg], amounts[leg]) for leg in place],
            pending=next(pending) if POST <= kind <= REVERSE else 0,
            releases=[releases.get(leg, 0) for leg in place],
            limits=next(limits) if kind == LIMIT else None,
        )


class _Columns:
    def __init__(self, stored: Mapping[str, bytes]) -> None:
        self._stored = stored

    def read(self, name: str, code: str, length: int) -> Sequence[int]:
        stored = self._stored.get(name)
        if stored is None:
            return [0] * length
        numbers = array(code)
        if len(stored) != length * numbers.itemsize:
            raise ValueError(f"column {name} has {len(stored)} bytes for {length} numbers")
        numbers.frombytes(stored)
        if sys.byteorder == "big":
            numbers.byteswap()
        return numbers

    def bytes(self, name: str) -> bytes:
        """A column of bytes, empty when it is absent."""
        return self._stored.get(name, b"")

    def pending(self, kinds: Sequence[int]) -> list[int]:
        """The ids that entries of these kinds name."""
        naming = sum(POST <= kind <= REVERSE for kind in kinds)
        halves = (self.read(f"pending_{half}", "Q", naming) for half in ("high", "low"))
        return _wide(*halves)

    def limits(self, count: int) -> list[tuple[int, int, int, int]]:
        """Account, floor, ceiling and version of so many changes of limits."""
        account, version = (self.read(f"limit_{of}", "I", count) for of in ("account", "version"))
        floor, ceiling = (self.read(f"limit_{of}", "q", count) for of in ("floor", "ceiling"))
        return list(zip(account, floor, ceiling, version, strict=True))


def _wide(high: Sequence[int], low: Sequence[int]) -> list[int]:
    return [top << 64 | rest for top, rest in zip(high, low, strict=True)]


def _reversed(path: Path) -> set[int]:
    """The ids of all entries that later ones take back."""
    found: set[int] = set()
    for line, row in _rows(path):
        if row.get("kind", "segment") != "segment":
            continue
        column = _Columns(_segment(row, line).columns)
        kinds = column.bytes("kind")
        if REVERSE in kinds:
            with suppress(ValueError):  # told when the segment is taken
                named = zip(column.pending(kinds), _naming(kinds), strict=True)
                found |= {number for number, kind in named if kind == REVERSE}
    return found


def _naming(kinds: Sequence[int]) -> list[int]:
    return [kind for kind in kinds if POST <= kind <= REVERSE]


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The lines of the file, read as JSON or as MongoDB's extended JSON."""
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                row = dict(_plain(json.loads(line)))
            except (TypeError, ValueError, RecursionError) as error:
                raise NotAnExport(f"line {number} is no JSON object: {error}") from error
            yield number, row


def _plain(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Undo MongoDB's extended JSON: numbers and binaries wrapped in an object."""
    if not isinstance(value, dict):
        return value
    if "$numberLong" in value or "$numberInt" in value:
        return int(next(iter(value.values())))
    if "$binary" in value:
        return base64.b64decode(value["$binary"]["base64"])
    return {name: _plain(inner) for name, inner in value.items()}


def _segment(row: Mapping[str, Any], line: int) -> Segment:
    try:
        return Segment(
            sequence=int(row["_id"] if "_id" in row else row["sequence"]),
            at=int(row["at"]),
            epoch=int(row["epoch"]),
            entries=int(row["entries"]),
            legs=int(row["legs"]),
            previous=_raw(row["previous"], bytes.fromhex),
            hash=_raw(row["hash"], bytes.fromhex),
            columns={name: _raw(text, base64.b64decode) for name, text in row["columns"].items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotAnExport(f"line {line} is not a segment: {error!r}") from error


def _raw(value: str | bytes, decode: Callable[[str], bytes]) -> bytes:
    return value if isinstance(value, bytes) else decode(value)


if __name__ == "__main__":
    found = verify(sys.argv[1])
    sys.stdout.write(json.dumps(found.to_dict(), indent=2, ensure_ascii=False) + "\n")
    sys.exit(0 if found.ok else 1)
