"""What can be done with codes: make, write out, withdraw, scan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from chassis.kernel.decisions import Decision
from chassis.kernel.ids import Ids
from services.catalog.codes.domain import (
    MOST_SCANS_A_DAY,
    CodeBatch,
    CodeBatchNotFound,
    PacksNotHeld,
    Scan,
)
from services.catalog.codes.engine.spelling import Code, CodeKind
from services.catalog.lots.use_cases import Lots, own_lot
from services.catalog.stock.use_cases import Stock


class Reading(NamedTuple):
    """What a genuine code says, and which key signed it."""

    code: Code
    key_id: str


class CodeKeys(Protocol):
    """What signs codes and reads them. The public halves are published."""

    def key_id(self) -> str:
        """The key that signs what is made now."""
        ...

    def write(self, codes: Sequence[Code], key_id: str) -> list[str]:
        """The texts of codes, signed with this key: the same ones each time."""
        ...

    def read(self, text: str) -> Reading:
        """What a code says; raise ``CodeInvalid`` or ``CodeKeyUnknown``."""
        ...


class CodeBatches(Protocol):
    """The batches, wherever they are kept."""

    def get(self, batch_id: str) -> CodeBatch:
        """The batch; raise ``CodeBatchNotFound`` rather than return None."""
        ...

    def save(self, decision: Decision[CodeBatch]) -> CodeBatch:
        """Store the state, or raise ``Conflict``."""
        ...


class Scans(Protocol):
    """The record of scans: it only ever grows."""

    def on_day(self, scan: Scan, *, at_most: int) -> int:
        """How often the scan's code was scanned on its day, counting no further than that."""
        ...

    def add(self, scan: Scan) -> None:
        """Store a scan; one that is there already stays as it is."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeCodes:
    """A brand's or a host's wish for signed codes."""

    owner_id: str
    is_host: bool
    kind: CodeKind
    count: int
    lot_id: str | None = None
    host_id: str | None = None
    community_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanCode:
    """Somebody looked at a code. ``visitor`` is what her device calls itself.

    Who only asks whether it is there (HTTP's HEAD) is not counted.
    """

    text: str
    visitor: str
    is_counted: bool = True


@dataclass(frozen=True, slots=True)
class Seen:
    """What a visitor is shown: the code, its batch, what the lot is called."""

    code: Code
    batch: CodeBatch
    title: str


def make_codes(
    command: MakeCodes,
    *,
    batches: CodeBatches,
    lots: Lots,
    stock: Stock,
    keys: CodeKeys,
    ids: Ids,
    salt: str,
    now: datetime,
) -> CodeBatch:
    """Make a batch of codes, or raise the rule that forbids it.

    A brand names a lot of its own and, if it likes, a host who holds packs of it; a host
    makes codes in her own name, and for a lot only if she holds packs of it.
    """
    host_id = command.owner_id if command.is_host else command.host_id
    batch = CodeBatch(
        id=ids("cbt"),
        owner_id=command.owner_id,
        kind=command.kind,
        count=command.count,
        key_id=keys.key_id(),
        salt=salt,
        made_at=now,
        lot_id=command.lot_id,
        host_id=host_id,
        community_id=command.community_id,
    )
    decision = batch.make()
    if command.lot_id is not None:
        _check_lot(command, host_id, lots=lots, stock=stock)
    return batches.save(decision)


def withdraw_codes(
    batch_id: str, owner_id: str, *, batches: CodeBatches, now: datetime
) -> CodeBatch:
    """Let no code of a batch count any more."""
    return batches.save(own_batch(batch_id, owner_id, batches=batches).withdraw(at=now))


def written(batch: CodeBatch, serials: range, *, keys: CodeKeys) -> list[tuple[int, str]]:
    """Codes of a batch with their serials, as they are printed."""
    texts = keys.write([batch.code(serial) for serial in serials], batch.key_id)
    return list(zip(serials, texts, strict=True))


def scan_code(
    command: ScanCode,
    *,
    keys: CodeKeys,
    batches: CodeBatches,
    scans: Scans,
    lots: Lots,
    now: datetime,
) -> Seen:
    """Count a scan, once a visitor, code and day; what is not genuine leaves no trace."""
    code, key_id = keys.read(command.text)
    batch = batches.get(code.batch_id)
    scan = batch.scan(code, key_id=key_id, visitor=command.visitor, at=now)
    if command.is_counted and scans.on_day(scan, at_most=MOST_SCANS_A_DAY) < MOST_SCANS_A_DAY:
        scans.add(scan)
    lot = lots.find({code.lot_id}).get(code.lot_id) if code.lot_id else None
    return Seen(code, batch, lot.description.title if lot else "")


def own_batch(batch_id: str, owner_id: str, *, batches: CodeBatches) -> CodeBatch:
    """The owner's own batch; another's is as unknown as one that never was."""
    batch = batches.get(batch_id)
    if batch.owner_id != owner_id:
        raise CodeBatchNotFound(f"no batch {batch_id}")
    return batch


def _check_lot(command: MakeCodes, host_id: str | None, *, lots: Lots, stock: Stock) -> None:
    lot_id = str(command.lot_id)
    if command.is_host:
        lots.get(lot_id)
    else:
        own_lot(lot_id, command.owner_id, lots=lots)
    if host_id is not None and not stock.has_shipped(lot_id, host_id):
        raise PacksNotHeld(f"{host_id} holds none of {lot_id}")
