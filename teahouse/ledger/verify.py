"""Re-read an exported ledger and check everything again, with the standard library alone.

This file shares no line with the service that wrote the log: one JSON object a line,
columns as little-endian numbers, absent ones zeros. ``python verify.py EXPORT`` runs it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import struct
import sys
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

FORMAT = 1
PLAIN, HOLD, POST, VOID, EXPIRE = range(5)
MAX_PROBLEMS = 100
MAX_LEGS = 200

Legs = list[tuple[int, int]]


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


class Entry(NamedTuple):
    """One entry of a segment; ``releases`` is what a partial post let go of each leg."""

    number: int
    kind: int
    expires_at: int
    legs: Legs
    pending: int
    releases: list[int]


@dataclass(slots=True)
class Account:
    """An account and what it has."""

    path: str
    currency: str
    floor: int
    posted: int = 0
    available: int = 0


def verify(path: str | Path, *, head: str | None = None, market: str | None = None) -> Report:
    """Check an export from its first to its last line; raise ``NotAnExport``.

    ``head`` is the hash that the log is known to end with, for instance from a printed
    trial balance: without it, a file cut short by somebody who also mended its last line
    passes. ``market`` names the log when the file does not.
    """
    report = Report(str(path), market=market)
    auditor = Auditor(report)
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
    """Takes segments in their order and keeps books of its own."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.accounts: list[Account] = []
        self.names: set[tuple[str, str]] = set()
        self.ids: set[int] = set()
        self.holds: dict[int, Entry] = {}
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
            self._check(entry, segment.at)
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
        report.accounts = len(self.accounts)
        report.open_holds = len(self.holds)
        if head is not None and head != report.head:
            self.complain(f"the log ends with {report.head or 'nothing'}, not with {head}")
        sums: defaultdict[str, int] = defaultdict(int)
        for account in self.accounts:
            sums[account.currency] += account.posted
        report.trial_balance = dict(sorted(sums.items()))
        for currency, total in report.trial_balance.items():
            if total:
                self.complain(f"all {currency} balances together are {total}, not 0")
        held = self._held()
        for number, account in enumerate(self.accounts):
            if account.posted - account.available != held[number]:
                self.complain(f"{account.path}: {held[number]} is on hold, its balances differ")

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
            if (path, currency) in self.names:
                self.complain(f"opens {path} in {currency} again")
            if floor < 0 and not path.startswith("external:"):
                self.complain(f"lets {path} fall below zero")
            self.names.add((path, currency))
            self.accounts.append(Account(path, currency, floor))

    def _check(self, entry: Entry, at: int) -> None:
        if entry.number in self.ids:
            self.complain("has the id of an earlier entry")
        self.ids.add(entry.number)
        if entry.kind > EXPIRE or not 0 < len(entry.legs) <= MAX_LEGS:
            self.complain("has an unknown kind, no legs or too many")
            return
        if any(number >= len(self.accounts) for number, _ in entry.legs):
            self.complain("has a leg on an account that was never opened")
            return
        self._check_sums(entry)
        if entry.kind == HOLD:
            self.holds[entry.number] = entry
        elif entry.kind in {POST, VOID, EXPIRE}:
            self._check_ending(entry, at)
        elif any(entry.releases):
            self.complain("releases what it never held")
        self._move(entry)

    def _check_sums(self, entry: Entry) -> None:
        sums: defaultdict[str, int] = defaultdict(int)
        for number, minor in entry.legs:
            sums[self.accounts[number].currency] += minor
        for currency, total in sums.items():
            if total:
                self.complain(f"its {currency} legs add up to {total}, not 0")

    def _check_ending(self, entry: Entry, at: int) -> None:
        held = self.holds.pop(entry.pending, None)
        if held is None:
            self.complain("ends a hold that is not open")
            return
        over = 0 < held.expires_at <= at
        if entry.kind == POST and over:
            self.complain("posts a hold whose time was over")
        if entry.kind == EXPIRE and not over:
            self.complain("lets a hold expire before its time")
        if entry.kind != POST and entry.legs != held.legs:
            self.complain("lets go of something else than was held")
        if entry.kind == POST:
            self._check_post(entry, held)

    def _check_post(self, entry: Entry, held: Entry) -> None:
        if [number for number, _ in entry.legs] != [number for number, _ in held.legs]:
            self.complain("posts to other accounts than the hold's")
            return
        for (_, minor), (_, of), release in zip(
            entry.legs, held.legs, entry.releases, strict=True
        ):
            if minor * of < 0 or abs(minor) > abs(of):
                self.complain(f"posts {minor} of {of} held")
            if release != min(minor, 0) - min(of, 0):
                self.complain(f"releases {release} after posting {minor} of {of}")

    def _move(self, entry: Entry) -> None:
        net: defaultdict[int, int] = defaultdict(int)
        for (number, minor), release in zip(entry.legs, entry.releases, strict=True):
            account = self.accounts[number]
            if entry.kind in {PLAIN, POST}:
                account.posted += minor
            net[number] += _available(entry.kind, minor) + release
        for number, change in net.items():
            account = self.accounts[number]
            account.available += change
            if change < 0 and account.available < account.floor:
                self.complain(f"takes {account.path} to {account.available}, below its floor")

    def _held(self) -> Mapping[int, int]:
        held: defaultdict[int, int] = defaultdict(int)
        for hold in self.holds.values():
            for number, minor in hold.legs:
                held[number] -= min(minor, 0)
        return held


def _available(kind: int, minor: int) -> int:
    return {PLAIN: minor, HOLD: min(minor, 0), POST: max(minor, 0)}.get(kind, -min(minor, 0))


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
    expires = column.read("expires_at", "Q", count)
    accounts, amounts = column.read("account", "I", legs), column.read("amount", "q", legs)
    ends = sum(kind >= POST for kind in kinds)
    pending = iter(
        _wide(column.read("pending_high", "Q", ends), column.read("pending_low", "Q", ends))
    )
    released = len(segment.columns.get("release_amount", b"")) // 8
    places = column.read("release_leg", "I", released)
    releases = dict(zip(places, column.read("release_amount", "q", released), strict=True))
    if sum(counts) != legs:
        raise ValueError(f"its entries have {sum(counts)} legs, not {legs}")
    start = 0
    for number, kind, leg_count, ends_at in zip(ids, kinds, counts, expires, strict=True):
        place = range(start, start + leg_count)
        start += leg_count
        yield Entry(
            number=number,
            kind=kind,
            expires_at=ends_at,
            legs=[(accounts[leg], amounts[leg]) for leg in place],
            pending=next(pending) if kind >= POST else 0,
            releases=[releases.get(leg, 0) for leg in place],
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


def _wide(high: Sequence[int], low: Sequence[int]) -> list[int]:
    return [top << 64 | rest for top, rest in zip(high, low, strict=True)]


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
