"""What can be done with imports: check a file, confirm it, publish it bit by bit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chassis.kernel.decisions import Decision
from chassis.kernel.ids import Ids
from services.catalog.imports.domain import (
    ROWS_PER_CHUNK,
    Checked,
    ImportNotFound,
    LotImport,
    dry_run,
    lot_id,
    refusal_of,
)
from services.catalog.imports.engine.check import BadLine
from services.catalog.imports.engine.table import decode
from services.catalog.lots.domain import Goods
from services.catalog.lots.use_cases import Lots, PublishLot, publish_lots


class Imports(Protocol):
    """The imports with their lines, wherever they are kept."""

    def get(self, import_id: str) -> LotImport:
        """The import; raise ``ImportNotFound`` rather than return None."""
        ...

    def next_confirmed(self) -> LotImport | None:
        """The oldest import that is confirmed and not yet published, if any."""
        ...

    def chunk(self, import_id: str, number: int) -> Sequence[tuple[int, Goods]]:
        """The good lines of one chunk, each with its line number, counted from 0."""
        ...

    def add(self, batch: LotImport, checked: Checked) -> LotImport:
        """Store a new import with its good lines in chunks and its bad lines."""
        ...

    def save(self, decision: Decision[LotImport], lapsed: Sequence[BadLine] = ()) -> LotImport:
        """Store the state and lines that went bad since, or raise ``Conflict``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckFile:
    """A brand's wish to know what a file would bring."""

    brand_id: str
    body: bytes
    encoding: str = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmImport:
    """A brand's wish to have the good lines published."""

    import_id: str
    brand_id: str


def check_file(
    command: CheckFile, *, imports: Imports, ids: Ids, now: datetime, most_lines: int
) -> LotImport:
    """Check a file line by line and keep its good lines apart; nothing is published."""
    text, encoding = decode(command.body, command.encoding)
    checked = dry_run(text, at=now, most_lines=most_lines)
    batch = LotImport(
        id=ids("imp"),
        brand_id=command.brand_id,
        encoding=encoding,
        good=len(checked.good),
        bad=len(checked.bad),
        chunks=-(-len(checked.good) // ROWS_PER_CHUNK),
        created_at=now,
    )
    return imports.add(batch, checked)


def confirm_import(command: ConfirmImport, *, imports: Imports, now: datetime) -> LotImport:
    """Have the good lines published by the worker."""
    batch = own_import(command.import_id, command.brand_id, imports=imports)
    return imports.save(batch.confirm(at=now))


def publish_next_chunk(*, imports: Imports, lots: Lots, ids: Ids, now: datetime) -> int:
    """Publish some lines of the oldest confirmed import; answer how many chunks: 0 or 1.

    Meant to run in a transaction of its own, again and again until it answers 0.
    """
    batch = imports.next_confirmed()
    if batch is None:
        return 0
    commands, lapsed = [], []
    for line, goods in imports.chunk(batch.id, batch.next_chunk):
        refusal = refusal_of(goods, now)
        if refusal is not None:
            lapsed.append(BadLine(line, (refusal,)))
            continue
        commands.append(
            PublishLot(
                brand_id=batch.brand_id,
                goods=goods,
                lot_id=lot_id(batch.id, line),
                reference=batch.id,
            )
        )
    publish_lots(commands, lots=lots, ids=ids, now=now)
    imports.save(batch.advance(published=len(commands), lapsed=len(lapsed)), lapsed)
    return 1


def own_import(import_id: str, brand_id: str, *, imports: Imports) -> LotImport:
    """The brand's own import; another brand's is as unknown as one that never was."""
    batch = imports.get(import_id)
    if batch.brand_id != brand_id:
        raise ImportNotFound(f"no import {import_id}")
    return batch
