"""What can be done with lots: publish, correct, close."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chassis.kernel.decisions import Decision
from chassis.kernel.ids import Ids
from services.catalog.lots.domain import (
    ClosingReason,
    Goods,
    LotNotFound,
    LotNumberTaken,
    StockLot,
    is_given_number,
)


class Lots(Protocol):
    """The lots, wherever they are kept, with their journals."""

    def get(self, lot_id: str) -> StockLot:
        """The lot; raise ``LotNotFound`` rather than return None."""
        ...

    def find(self, lot_ids: Collection[str]) -> dict[str, StockLot]:
        """Those of these lots that exist, by id."""
        ...

    def numbered(self, brand_id: str, numbers: Collection[str]) -> dict[str, StockLot]:
        """The brand's lots of these numbers, its own or those given here, by number."""
        ...

    def of_brand(self, brand_id: str) -> Iterator[StockLot]:
        """All lots of a brand, the oldest first, read as they are asked for."""
        ...

    def due(self, at: datetime, *, limit: int) -> list[StockLot]:
        """Open lots whose time is over, the longest overdue first."""
        ...

    def save(self, decision: Decision[StockLot]) -> StockLot:
        """Store state, journal and events together, or raise ``Conflict``."""
        ...

    def save_all(self, decisions: Sequence[Decision[StockLot]]) -> None:
        """``save`` for many different lots at once; all or, with ``Conflict``, none."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishLot:
    """A brand's wish to offer goods."""

    brand_id: str
    goods: Goods
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectCount:
    """What counting the goods found: so many packs more, or fewer."""

    lot_id: str
    brand_id: str
    packs: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseLot:
    """A brand's wish to withdraw a lot."""

    lot_id: str
    brand_id: str


def publish_lot(command: PublishLot, *, lots: Lots, ids: Ids, now: datetime) -> StockLot:
    """Offer goods to hosts; raise ``LotNumberTaken`` when the brand has one of this number."""
    number = command.goods.number
    if is_given_number(number) or (number and lots.numbered(command.brand_id, [number])):
        raise LotNumberTaken(f"number {number}")
    return lots.save(_published(command, ids, now))


def publish_lots(
    commands: Sequence[PublishLot], *, lots: Lots, ids: Ids, now: datetime
) -> list[StockLot]:
    """Offer many lots at once; any that breaks a rule refuses them all."""
    decisions = [_published(command, ids, now) for command in commands]
    lots.save_all(decisions)
    return [decision.state for decision in decisions]


def correct_count(command: CorrectCount, *, lots: Lots, now: datetime) -> StockLot:
    """Book what counting found."""
    lot = own_lot(command.lot_id, command.brand_id, lots=lots)
    return lots.save(lot.correct(command.packs, why=command.why, at=now))


def close_lot(command: CloseLot, *, lots: Lots, now: datetime) -> StockLot:
    """Withdraw a lot; what hosts have reserved stays theirs."""
    lot = own_lot(command.lot_id, command.brand_id, lots=lots)
    return lots.save(lot.close(ClosingReason.WITHDRAWN, at=now))


def close_due_lots(*, lots: Lots, now: datetime, limit: int = 200) -> int:
    """Close lots whose best-before date or closing time has come; answer how many."""
    decisions = [lot.close(lot.terms.ending, at=now) for lot in lots.due(now, limit=limit)]
    lots.save_all(decisions)
    return len(decisions)


def own_lot(lot_id: str, brand_id: str, *, lots: Lots) -> StockLot:
    """The brand's own lot; another brand's is as unknown as one that never was."""
    lot = lots.get(lot_id)
    if lot.brand_id != brand_id:
        raise LotNotFound(f"no lot {lot_id}")
    return lot


def _published(command: PublishLot, ids: Ids, now: datetime) -> Decision[StockLot]:
    return StockLot.publish(
        ids("lot"),
        command.brand_id,
        goods=command.goods,
        at=now,
        reference=command.reference,
    )
