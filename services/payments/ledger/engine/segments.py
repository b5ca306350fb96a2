"""One stored segment of the log: its bytes, its hash, its link to the one before."""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from services.payments.ledger.engine.columns import Entries, pack, unpack

FORMAT = 1
_HEADER = struct.Struct("<HQQQII")


class ChainBroken(Exception):
    """A segment does not follow from the one before it, or is not what was sealed."""


class OpenedAccount(NamedTuple):
    """An account that a segment opens; the log numbers accounts in this order."""

    path: str
    currency: str
    floor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Entries to decide, with the accounts and words they would bring into the log.

    New accounts and words are numbered on from those the log has. ``reasons`` holds, by
    position, explanations that are already JSON.
    """

    entries: Entries
    accounts: Sequence[OpenedAccount] = ()
    words: Sequence[str] = ()
    reasons: Mapping[int, bytes] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A sealed part of the log. ``at`` is milliseconds since 1970, never falling."""

    sequence: int
    at: int
    epoch: int
    entry_count: int
    leg_count: int
    previous: bytes
    hash: bytes
    columns: Mapping[str, bytes]

    @cached_property
    def entries(self) -> Entries:
        """The entries as arrays; raise ``ChainBroken`` when the columns do not fit."""
        try:
            return unpack(self.columns, entries=self.entry_count, legs=self.leg_count)
        except ValueError as unfit:
            raise ChainBroken(f"segment {self.sequence}: {unfit}") from unfit

    @cached_property
    def accounts(self) -> tuple[OpenedAccount, ...]:
        """The accounts it opens."""
        lines = _lines(self.columns.get("accounts", b""))
        floors = np.frombuffer(self.columns.get("account_floor", bytes(8 * len(lines))), "<i8")
        names = (line.split(" ", 1) for line in lines)
        return tuple(
            OpenedAccount(path, currency, floor)
            for (currency, path), floor in zip(names, floors.tolist(), strict=True)
        )

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words it brings into the log: codes and prefixes of references."""
        return tuple(_lines(self.columns.get("words", b"")))

    @cached_property
    def reasons(self) -> dict[int, Any]:
        """The explanations of its entries, by their position."""
        stored = self.columns.get("reasons")
        if stored is None:
            return {}
        return {
            int(index): reason for index, reason in json.loads(zlib.decompress(stored)).items()
        }


def genesis(market: str) -> bytes:
    """What the first segment of a market's log follows."""
    return hashlib.sha256(f"teahouse-ledger:{market}".encode()).digest()


def seal(batch: Batch, *, sequence: int, at: int, epoch: int, previous: bytes) -> Segment:
    """Turn decided entries into the segment that follows ``previous``."""
    unsealed = Segment(
        sequence=sequence,
        at=at,
        epoch=epoch,
        entry_count=len(batch.entries),
        leg_count=len(batch.entries.account),
        previous=previous,
        hash=b"",
        columns=pack(batch.entries) | _side_columns(batch),
    )
    sealed = replace(unsealed, hash=digest(unsealed))
    vars(sealed)["entries"] = batch.entries  # what was just packed need not be unpacked
    return sealed


def digest(segment: Segment) -> bytes:
    """SHA-256 over the previous hash, the header and every column by name."""
    running = hashlib.sha256(segment.previous)
    header = (segment.sequence, segment.at, segment.epoch, segment.entry_count, segment.leg_count)
    running.update(_HEADER.pack(FORMAT, *header))
    for name in sorted(segment.columns):
        column = segment.columns[name]
        running.update(struct.pack("<HI", len(name), len(column)) + name.encode())
        running.update(column)
    return running.digest()


def check_link(segment: Segment, *, sequence: int, previous: bytes) -> None:
    """Raise ``ChainBroken`` unless the segment is whole and follows ``previous``."""
    if segment.sequence != sequence:
        raise ChainBroken(f"segment {segment.sequence} stands where {sequence} belongs")
    if segment.previous != previous:
        raise ChainBroken(f"segment {sequence} does not follow the one before it")
    if digest(segment) != segment.hash:
        raise ChainBroken(f"segment {sequence} is not what was sealed")


def _side_columns(batch: Batch) -> dict[str, bytes]:
    side: dict[str, bytes] = {}
    if batch.accounts:
        lines = "\n".join(f"{account.currency} {account.path}" for account in batch.accounts)
        side["accounts"] = lines.encode()
        floors = np.array([account.floor for account in batch.accounts], "<i8")
        if floors.any():
            side["account_floor"] = floors.tobytes()
    if batch.words:
        side["words"] = "\n".join(batch.words).encode()
    if batch.reasons:
        members = (b'"%d":%b' % item for item in sorted(batch.reasons.items()))
        side["reasons"] = zlib.compress(b"{" + b",".join(members) + b"}")
    return side


def _lines(stored: bytes) -> list[str]:
    return stored.decode().split("\n") if stored else []
