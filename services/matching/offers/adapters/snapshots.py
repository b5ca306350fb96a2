"""The facts of an index kept in a file, so that the next process reads only what changed since."""

from __future__ import annotations

import contextlib
import os
import struct
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import is_dataclass
from hashlib import blake2b
from operator import attrgetter
from pathlib import Path
from sys import intern
from typing import Any, BinaryIO, NamedTuple, get_type_hints

import msgspec

from chassis.logging import logger
from services.matching.offers.engine.facts import LotFacts, SubsidyFacts

FORMAT = 1
"""To be raised whenever the same fields come to mean something else."""
NAME = "offers.snapshot"
EVERY_SECONDS = 60.0
ABANDONED_SECONDS = 3_600.0
LOTS_A_PART = 1_000
LARGEST_PART = 64 * 1024 * 1024
DIGEST_BYTES = 32
OWNER_ONLY = 0o600

_SIZE = struct.Struct(">I")
_FIELDS = tuple(get_type_hints(LotFacts))
_row_of = attrgetter(*_FIELDS)
_write = msgspec.msgpack.Encoder().encode


class Unsound(Exception):
    """The file is no snapshot of these offers; the text says why."""


class Origin(msgspec.Struct, frozen=True):
    """Which collections the facts are of, and what the code took facts to be."""

    collections: dict[str, str]
    format: int = FORMAT
    shape: str = ""


class _Head(msgspec.Struct):
    origin: Origin
    token: dict[str, Any]
    subsidies: list[SubsidyFacts]
    lots: int


class Snapshot(NamedTuple):
    """The facts of all lots and subsidies that are not closed, as of a place in the stream.

    Changes after ``token`` are not in it; that some of them are does no harm.
    """

    token: Mapping[str, Any]
    subsidies: Sequence[SubsidyFacts]
    lots: Sequence[LotFacts]


class Snapshots:
    """The newest snapshot in a folder, which all processes of a machine may share.

    A file appears whole or not at all, on the disk before it has its name; of several
    writers the last one counts. It holds hosts' ids: only its owner may read it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / NAME
        self._looked_at = time.monotonic()
        self._kept: Mapping[str, Any] | None = None
        self._writer: threading.Thread | None = None

    def read(self, origin: Origin) -> Snapshot | None:
        """The snapshot, if there is a sound one of these collections; no error but a log."""
        try:
            with self._path.open("rb") as file:
                return _read(file, origin)
        except FileNotFoundError:
            return None
        except (OSError, Unsound, msgspec.MsgspecError, struct.error) as error:
            logger("offers").warning("snapshot not used", why=str(error)[:200])
            return None

    def is_due(self, token: Mapping[str, Any] | None) -> bool:
        """Whether it is time to keep one of this place; asked often, it looks seldom."""
        now = time.monotonic()
        if token is None or now - self._looked_at < EVERY_SECONDS:
            return False
        self._looked_at = now
        return token != self._kept and not self._is_fresh() and not self._is_writing()

    def keep_soon(self, origin: Origin, snapshot: Snapshot) -> None:
        """Have it written by a thread; nobody waits, and what goes wrong is only logged."""
        self._kept = snapshot.token
        self._writer = threading.Thread(
            target=self._keep_or_log, args=(origin, snapshot), name="offer-snapshot", daemon=True
        )
        self._writer.start()

    def keep(self, origin: Origin, snapshot: Snapshot) -> None:
        """Write it; raise ``OSError`` where that fails, which leaves the one before."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._tidy()
        draft = self._folder / f"{NAME}.{os.getpid()}.{threading.get_native_id()}.draft"
        try:
            with open(draft, "wb", opener=_owner_only) as file:
                _store(file, origin, snapshot)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._path)
        finally:
            draft.unlink(missing_ok=True)

    def close(self) -> None:
        """Wait for what is being written."""
        if self._writer is not None:
            self._writer.join()

    def _keep_or_log(self, origin: Origin, snapshot: Snapshot) -> None:
        try:
            self.keep(origin, snapshot)
        except OSError as error:
            logger("offers").warning("snapshot not kept", why=str(error)[:200])

    def _is_writing(self) -> bool:
        return self._writer is not None and self._writer.is_alive()

    def _is_fresh(self) -> bool:
        """Whether another process has just kept one."""
        return _age(self._path) < EVERY_SECONDS / 2

    def _tidy(self) -> None:
        """Remove what writers left that were killed."""
        for draft in self._folder.glob(f"{NAME}.*.draft"):
            if _age(draft) > ABANDONED_SECONDS:
                draft.unlink(missing_ok=True)


def origin_of(collections: Mapping[str, str]) -> Origin:
    """The origin of facts that this code takes from the collections with these identities."""
    return Origin(dict(collections), FORMAT, _shape((LotFacts, SubsidyFacts)))


def _shape(kinds: Iterable[type]) -> str:
    """A digest of the names and types of all fields, those inside of them too."""
    told: dict[str, list[str]] = {}
    waiting = list(kinds)
    while waiting:
        kind = waiting.pop()
        hints = get_type_hints(kind)
        told[kind.__qualname__] = [f"{name}: {hint}" for name, hint in hints.items()]
        inside = {part for hint in hints.values() for part in _parts(hint)}
        waiting += [part for part in inside if part.__qualname__ not in told]
    return blake2b(repr(sorted(told.items())).encode(), digest_size=16).hexdigest()


def _parts(hint: Any) -> Iterator[type]:  # noqa: ANN401 - any type there is
    if is_dataclass(hint) or hasattr(hint, "_fields"):
        yield hint
    for part in getattr(hint, "__args__", ()):
        yield from _parts(part)


def _store(file: BinaryIO, origin: Origin, snapshot: Snapshot) -> None:
    """A head, then lots by the thousand, each part after its size; then a digest of it all.

    In parts, for encoding lets no other thread run.
    """
    digest, lots = blake2b(digest_size=DIGEST_BYTES), snapshot.lots
    head = _Head(origin, dict(snapshot.token), list(snapshot.subsidies), len(lots))
    starts = range(0, len(lots), LOTS_A_PART)
    parts = ([_row_of(lot) for lot in lots[start : start + LOTS_A_PART]] for start in starts)
    for part in (head, *parts):
        octets = _write(part)
        for each in (_SIZE.pack(len(octets)), octets):
            digest.update(each)
            file.write(each)
    file.write(digest.digest())


def _read(file: BinaryIO, origin: Origin) -> Snapshot:
    digest = blake2b(digest_size=DIGEST_BYTES)
    head = msgspec.msgpack.decode(_part(file, digest), type=_Head)
    if head.origin != origin:
        raise Unsound("it is of other offers, or was written by another version")
    decoder = msgspec.msgpack.Decoder(list[_row_type()])  # type: ignore[misc] # known when it runs
    lots: list[LotFacts] = []
    while len(lots) < head.lots:
        lots += map(_lot_of, decoder.decode(_part(file, digest)))
    if file.read() != digest.digest():
        raise Unsound("its digest is another")
    return Snapshot(head.token, head.subsidies, lots)


def _part(file: BinaryIO, digest: Any) -> bytes:  # noqa: ANN401 - hashlib does not name its type
    size = file.read(_SIZE.size)
    (length,) = _SIZE.unpack(size)
    octets = file.read(min(length, LARGEST_PART))
    if len(octets) != length:
        raise Unsound("it ends too soon")
    digest.update(size)
    digest.update(octets)
    return octets


def _row_type() -> Any:  # noqa: ANN401 - a type made of the fields there are
    hints = get_type_hints(LotFacts)
    return tuple[tuple(hints[name] for name in _FIELDS)]  # type: ignore[misc] # known when it runs


def _lot_of(row: Sequence[Any]) -> LotFacts:
    facts = dict(zip(_FIELDS, row, strict=True))
    # Thousands of lots share a few words: each is kept once.
    facts["brand_id"], facts["city"] = intern(facts["brand_id"]), intern(facts["city"])
    facts["tags"] = tuple(map(intern, facts["tags"]))
    facts["regions"] = frozenset(map(intern, facts["regions"]))
    return LotFacts(**facts)


def _owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, OWNER_ONLY)


def _age(path: Path) -> float:
    """Seconds since a file was written; endless when there is none."""
    with contextlib.suppress(FileNotFoundError):
        return time.time() - path.stat().st_mtime
    return float("inf")
