"""What can be done with imports: take a file in, check it, confirm it, publish it bit by bit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from itertools import islice
from typing import BinaryIO, NamedTuple, Protocol

from chassis.kernel.decisions import Decision
from chassis.kernel.errors import RuleBroken
from chassis.kernel.ids import Ids
from chassis.kernel.time import Clock
from services.catalog.imports.domain import (
    ROWS_PER_CHUNK,
    Findings,
    ImportNotFound,
    LotImport,
    Outcome,
    judge,
    refusal_of_file,
    values_of,
)
from services.catalog.imports.engine.check import BadLine, GoodLine, columns_of, fault, lines_of
from services.catalog.imports.engine.table import FileFormat, FileKind, kind_of, records
from services.catalog.imports.engine.writers import written
from services.catalog.lots.use_cases import Lots, PublishLot, publish_lots

LOOSE_FOR = timedelta(hours=1)
"""How long a file may wait for its import; far longer than a request takes."""


class Imports(Protocol):
    """The imports with their files and lines, wherever they are kept."""

    def get(self, import_id: str) -> LotImport:
        """The import; raise ``ImportNotFound`` rather than return None."""
        ...

    def next_unchecked(self) -> LotImport | None:
        """An import that is still to be checked, if any: the one that was begun the longest ago.

        So one whose check fails lets all others go first.
        """
        ...

    def next_confirmed(self) -> LotImport | None:
        """The oldest import that is confirmed and not yet published, if any."""
        ...

    def file(self, import_id: str) -> BinaryIO:
        """The file of an import that is still to be checked, read bit by bit."""
        ...

    def chunk(self, import_id: str, number: int) -> Sequence[GoodLine]:
        """The lines of one chunk, counted from 0."""
        ...

    def keep(self, import_id: str, body: bytes, *, at: datetime) -> None:
        """Store the file of an import that is still to be added; in no transaction."""
        ...

    def add(self, batch: LotImport) -> LotImport:
        """Store a new import; raise ``Conflict`` when its file was swept meanwhile."""
        ...

    def sweep(self, before: datetime) -> int:
        """Forget a file kept before then whose import was never added; answer how many: 0 or 1.

        In no transaction.
        """
        ...

    def begin(self, decision: Decision[LotImport]) -> LotImport:
        """Store the state and forget what an earlier check of it had found."""
        ...

    def note(self, decision: Decision[LotImport], found: Findings) -> LotImport:
        """Store the state with what some lines came to, or raise ``Conflict``.

        The lines that would have an effect become its next chunk.
        """
        ...

    def save(self, decision: Decision[LotImport], bad: Sequence[BadLine] = ()) -> LotImport:
        """Store the state and lines that were found bad, or raise ``Conflict``.

        The file is forgotten as soon as it is checked.
        """
        ...


class KeptFile(NamedTuple):
    """A file that is stored for an import to come, and how it is to be read."""

    import_id: str
    kind: FileKind


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepFile:
    """A file that a brand sends."""

    body: bytes
    mimetype: str
    encoding: str = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeFile:
    """A brand's wish to know what a file would bring."""

    brand_id: str
    file: KeptFile


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmImport:
    """A brand's wish to have the good lines published."""

    import_id: str
    brand_id: str


def keep_file(command: KeepFile, *, imports: Imports, ids: Ids, now: datetime) -> KeptFile:
    """Store a file to be taken in; one without the right header is refused here.

    Takes long for a large one, and belongs in no transaction. A file that is not taken in
    within ``LOOSE_FOR`` is swept.
    """
    kind = kind_of(command.body, command.mimetype, command.encoding)
    columns_of(records(BytesIO(command.body), kind))
    kept = KeptFile(ids("imp"), kind)
    imports.keep(kept.import_id, command.body, at=now)
    return kept


def take_file(command: TakeFile, *, imports: Imports, now: datetime) -> LotImport:
    """Have a file that is kept checked by the worker."""
    import_id, kind = command.file
    return imports.add(
        LotImport(
            id=import_id,
            brand_id=command.brand_id,
            kind=kind,
            created_at=now,
            begun_at=now,
            moved_at=now,
        )
    )


def sweep_files(*, imports: Imports, now: datetime) -> int:
    """Forget a file that no import was made of in time; answer how many: 0 or 1."""
    return imports.sweep(now - LOOSE_FOR)


def check_next_file(*, imports: Imports, lots: Lots, clock: Clock, most_lines: int) -> int:
    """Check a file that waits, from its first line to its last; answer how many: 0 or 1.

    Each chunk is stored in a transaction of its own. A worker that dies leaves the check to
    the next one, which starts again; of two at once the later to store raises ``Conflict``.
    """
    waiting = imports.next_unchecked()
    if waiting is None:
        return 0
    batch = imports.begin(waiting.begin_check(at=clock()))
    try:
        lines = lines_of(records(imports.file(batch.id), batch.kind), most=most_lines)
        for some in _in_chunks(lines):
            found = _judged(batch, some, lots=lots, at=clock())
            batch = imports.note(batch.note(found, at=clock()), found)
    except RuleBroken as broken:
        imports.save(batch.refuse(at=clock()), [refusal_of_file(broken)])
    else:
        imports.save(batch.end_check(at=clock()))
    return 1


def confirm_import(command: ConfirmImport, *, imports: Imports, now: datetime) -> LotImport:
    """Have the good lines published by the worker."""
    batch = own_import(command.import_id, command.brand_id, imports=imports)
    return imports.save(batch.confirm(at=now))


def publish_next_chunk(*, imports: Imports, lots: Lots, ids: Ids, now: datetime) -> int:
    """Publish some lines of the oldest confirmed import; answer how many chunks: 0 or 1.

    Meant to run in a transaction of its own, again and again until it answers 0. The lines
    are judged once more by the lots there are by now. Of two workers at the same chunk the
    later to store raises ``Conflict``, so each line is a lot once, with an id of now: named
    after their lines, in no order, all lots of a file would lie all over every index.
    """
    batch = imports.next_confirmed()
    if batch is None:
        return 0
    done = _judged(batch, imports.chunk(batch.id, batch.next_chunk), lots=lots, at=now)
    commands = [
        PublishLot(brand_id=batch.brand_id, goods=one.goods, reference=batch.id)
        for one in done.new
    ]
    publish_lots(commands, lots=lots, ids=ids, now=now)
    lots.save_all([change.decision for change in done.changed])
    imports.save(batch.advance(done, at=now), done.bad)
    return 1


def export_lots(brand_id: str, form: FileFormat, *, lots: Lots) -> Iterator[bytes]:
    """All lots of a brand as a file that an import finds unchanged, piece by piece."""
    return written(map(values_of, lots.of_brand(brand_id)), form)


def own_import(import_id: str, brand_id: str, *, imports: Imports) -> LotImport:
    """The brand's own import; another brand's is as unknown as one that never was."""
    batch = imports.get(import_id)
    if batch.brand_id != brand_id:
        raise ImportNotFound(f"no import {import_id}")
    return batch


def _judged(
    batch: LotImport, lines: Sequence[GoodLine | BadLine], *, lots: Lots, at: datetime
) -> Findings:
    numbers = {_number(line) for line in lines if isinstance(line, GoodLine)} - {""}
    known = lots.numbered(batch.brand_id, numbers)
    why, told = f"import {batch.id}", set[str]()
    judged: list[Outcome] = []
    for line in lines:
        lot = None if isinstance(line, BadLine) else known.get(_number(line))
        if isinstance(line, BadLine):
            judged.append(line)
        elif lot is not None and lot.id in told:  # once by our number, once by the brand's own
            judged.append(BadLine(line.line, (fault("lot_number", "duplicate"),)))
        else:
            told |= {lot.id} if lot is not None else set()
            judged.append(judge(line, lot, why=why, at=at))
    return Findings.of(judged)


def _number(line: GoodLine) -> str:
    number: str = line.values.get("lot_number", "")
    return number


def _in_chunks(
    lines: Iterable[GoodLine | BadLine],
) -> Iterator[list[GoodLine | BadLine]]:
    remaining = iter(lines)
    while some := list(islice(remaining, ROWS_PER_CHUNK)):
        yield some
