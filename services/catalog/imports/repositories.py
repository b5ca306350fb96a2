"""Imports kept in MongoDB with their files in parts, good lines in chunks, and bad lines."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from chassis import outbox
from chassis.kernel.decisions import Decision
from chassis.kernel.errors import Conflict
from chassis.mongo import Row, atomically, collection
from services.catalog.imports.documents import LotImportDocument
from services.catalog.imports.domain import (
    CONFIRM_WITHIN,
    MOST_KEPT,
    Findings,
    ImportNotFound,
    ImportState,
    LotImport,
)
from services.catalog.imports.engine.check import BadLine, GoodLine
from services.catalog.imports.engine.table import FileFormat, FileKind
from services.catalog.lots.domain import Condition, Place
from services.catalog.lots.engine.restrictions import Channel

# What is confirmed in time has weeks to be published, whatever happens to the worker.
KEPT = CONFIRM_WITHIN + timedelta(days=30)
PART_BYTES = 1_048_576
_FASTEST = 1  # of zlib's levels: it packs a sheet to a quarter, the highest to a fifth


class MongoImports:
    """The ``Imports`` port over ``imports`` and the four collections beside it."""

    def get(self, import_id: str) -> LotImport:
        document = LotImportDocument.objects(pk=import_id).first()
        if document is None:
            raise ImportNotFound(f"no import {import_id}")
        return _to_domain(document)

    def next_unchecked(self) -> LotImport | None:
        return _first(ImportState.CHECKING, "begun_at")

    def next_confirmed(self) -> LotImport | None:
        return _first(ImportState.CONFIRMED, "id")

    def file(self, import_id: str) -> BinaryIO:
        return io.BufferedReader(_Parts(import_id))

    def chunk(self, import_id: str, number: int) -> Sequence[GoodLine]:
        found = collection("import_chunks").find_one({"_id": _name(import_id, number)})
        return [_line(row) for row in found["rows"]] if found else []

    def keep(self, import_id: str, body: bytes, *, at: datetime) -> None:
        for number, start in enumerate(range(0, len(body), PART_BYTES)):
            packed = zlib.compress(body[start : start + PART_BYTES], _FASTEST)
            row = _row(import_id, number, at) | {"number": number, "body": packed}
            loose = {} if number else {"loose_since": at}
            collection("import_parts").insert_one(row | loose)

    def add(self, batch: LotImport) -> LotImport:
        def work() -> LotImport:
            revision = outbox.save(_to_document(batch), batch.revision)
            held = collection("import_parts").update_one(
                {"_id": _name(batch.id, 0)}, {"$unset": {"loose_since": ""}}
            )
            if not held.matched_count:
                raise Conflict(f"the file of {batch.id} was swept away meanwhile")
            return replace(batch, revision=revision)

        return atomically(work)

    def sweep(self, before: datetime) -> int:
        parts = collection("import_parts")
        # Its first part first: from there on no import can have the file.
        found = parts.find_one_and_delete({"loose_since": {"$lte": before}})
        if found is None:
            return 0
        parts.delete_many({"import_id": found["import_id"]})
        return 1

    def begin(self, decision: Decision[LotImport]) -> LotImport:
        def work() -> LotImport:
            for name in ("import_chunks", "import_errors", "import_changes"):
                collection(name).delete_many({"import_id": decision.state.id})
            return self.save(decision)

        return atomically(work)

    def note(self, decision: Decision[LotImport], found: Findings) -> LotImport:
        def work() -> LotImport:
            batch = decision.state
            if found.wanted:
                rows = [{"line": line.line, **line.values} for line in found.wanted]
                chunk = _row(batch.id, batch.chunks - 1, batch.created_at) | {
                    "rows": [_plain(row) for row in rows]
                }
                collection("import_chunks").insert_one(chunk)
            kept = max(0, MOST_KEPT - (batch.changed - len(found.changed)))
            changes = [
                _row(batch.id, line.line, batch.created_at)
                | {
                    "line": line.line,
                    "lot_id": changed.state.id,
                    "differences": [asdict(one) for one in differences],
                }
                for line, differences, changed in found.changed[:kept]
            ]
            if changes:
                collection("import_changes").insert_many(changes)
            return self.save(decision, found.bad)

        return atomically(work)

    def save(self, decision: Decision[LotImport], bad: Sequence[BadLine] = ()) -> LotImport:
        def work() -> LotImport:
            batch = decision.state
            revision = outbox.save(_to_document(batch), batch.revision)
            _insert_bad(batch, bad)
            if batch.state in (ImportState.CHECKED, ImportState.REFUSED):
                collection("import_parts").delete_many({"import_id": batch.id})
            return replace(batch, revision=revision)

        return atomically(work)


class _Parts(io.RawIOBase):
    """The bytes of an import's file, of which one part is in memory at a time."""

    def __init__(self, import_id: str) -> None:
        super().__init__()
        self._parts = _bodies(import_id)
        self._held = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any writable buffer
        if not self._held:
            self._held = memoryview(next(self._parts, b""))
        count = min(len(buffer), len(self._held))
        buffer[:count] = self._held[:count]
        self._held = self._held[count:]
        return count


def _bodies(import_id: str) -> Iterator[bytes]:
    number = 0
    while found := collection("import_parts").find_one({"_id": _name(import_id, number)}):
        yield zlib.decompress(found["body"])
        number += 1


def _first(state: ImportState, order: str) -> LotImport | None:
    document = LotImportDocument.objects(state=state.value).order_by(order).first()
    return None if document is None else _to_domain(document)


def _insert_bad(batch: LotImport, bad: Sequence[BadLine]) -> None:
    known = batch.bad + batch.lapsed - len(bad)
    rows = [
        _row(batch.id, line.line, batch.created_at)
        | {"line": line.line, "faults": [asdict(fault) for fault in line.faults]}
        for line in bad[: max(0, MOST_KEPT - known)]
    ]
    if rows:
        collection("import_errors").insert_many(rows)


def _row(import_id: str, number: int, at: datetime) -> Row:
    return {
        "_id": _name(import_id, number),
        "import_id": import_id,
        "expires_at": at + KEPT,
    }


def _name(import_id: str, number: int) -> str:
    return f"{import_id}:{number}"


def _plain(row: Row) -> Row:
    return {name: _BARE[name](value) if name in _BARE else value for name, value in row.items()}


def _line(row: Row) -> GoodLine:
    values = {name: value for name, value in row.items() if name != "line"}
    for name in _READ.keys() & values.keys():
        values[name] = _READ[name](values[name])
    return GoodLine(row["line"], values)


# What BSON does not hold as it is: first how it lies there, then how it is read again.
_BARE: dict[str, Callable[[Any], Any]] = {
    "condition": lambda condition: condition.value,
    "channels": lambda channels: [channel.value for channel in channels],
    "place": lambda place: [place.longitude, place.latitude],
}
_READ: dict[str, Callable[[Any], Any]] = {
    "condition": Condition,
    "unit_price": int,  # beyond 32 bits it comes as an Int64
    "lowest_resale_price": int,
    "tags": tuple,
    "regions": tuple,
    "channels": lambda names: tuple(map(Channel, names)),
    "place": lambda degrees: Place(*degrees),
}


def _to_domain(document: LotImportDocument) -> LotImport:
    return LotImport(
        id=document.id,
        brand_id=document.brand_id,
        kind=FileKind(FileFormat(document.format), document.encoding, document.expected_lines),
        created_at=document.created_at,
        begun_at=document.begun_at,
        moved_at=document.moved_at,
        state=ImportState(document.state),
        new=document.new,
        changed=document.changed,
        unchanged=document.unchanged,
        bad=document.bad,
        chunks=document.chunks,
        next_chunk=document.next_chunk,
        published=document.published,
        corrected=document.corrected,
        lapsed=document.lapsed,
        revision=document.revision(),
    )


def _to_document(batch: LotImport) -> LotImportDocument:
    return LotImportDocument(
        id=batch.id,
        brand_id=batch.brand_id,
        format=batch.kind.format.value,
        encoding=batch.kind.encoding,
        expected_lines=batch.kind.expected_lines,
        state=batch.state.value,
        new=batch.new,
        changed=batch.changed,
        unchanged=batch.unchanged,
        bad=batch.bad,
        chunks=batch.chunks,
        next_chunk=batch.next_chunk,
        published=batch.published,
        corrected=batch.corrected,
        lapsed=batch.lapsed,
        created_at=batch.created_at,
        begun_at=batch.begun_at,
        moved_at=batch.moved_at,
    )
