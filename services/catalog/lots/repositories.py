"""Lots kept in MongoDB, each saved together with its new journal lines and events."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from chassis import outbox
from chassis.kernel.decisions import Decision
from chassis.kernel.money import Money
from chassis.mongo import AggregateRow, Row, collection
from services.catalog.lots.documents import StockLotDocument
from services.catalog.lots.domain import (
    ClosingReason,
    Condition,
    Description,
    LotNotFound,
    Manifest,
    ManifestLine,
    Packs,
    StockEntry,
    StockLot,
    Terms,
    is_given_number,
)

LOTS_AT_ONCE = 500


class MongoLots:
    """The ``Lots`` port over ``stock_lots`` and ``stock_entries``."""

    def get(self, lot_id: str) -> StockLot:
        document = StockLotDocument.objects(pk=lot_id).first()
        if document is None:
            raise LotNotFound(f"no lot {lot_id}")
        return _to_domain(document)

    def find(self, lot_ids: Collection[str]) -> dict[str, StockLot]:
        found = StockLotDocument.objects(pk__in=sorted(lot_ids))
        return {document.id: _to_domain(document) for document in found}

    def numbered(self, brand_id: str, numbers: Collection[str]) -> dict[str, StockLot]:
        given = sorted(number for number in numbers if is_given_number(number))
        own = sorted(set(numbers).difference(given))
        found: dict[str, StockLot] = {}
        if own:
            documents = StockLotDocument.objects(brand_id=brand_id, number__in=own)
            found |= {document.number: _to_domain(document) for document in documents}
        if given:
            documents = StockLotDocument.objects(brand_id=brand_id, pk__in=given)
            found |= {document.id: _to_domain(document) for document in documents}
        return found

    def of_brand(self, brand_id: str) -> Iterator[StockLot]:
        found = StockLotDocument.objects(brand_id=brand_id).order_by("id").no_cache()
        # Left to itself MongoDB sends 16 MiB at a time: tens of thousands of lots.
        return map(_to_domain, found.batch_size(LOTS_AT_ONCE))

    def due(self, at: datetime, *, limit: int) -> list[StockLot]:
        found = StockLotDocument.objects(is_open=True, ends_at__lte=at)
        return [_to_domain(document) for document in found.order_by("ends_at").limit(limit)]

    def save(self, decision: Decision[StockLot]) -> StockLot:
        self.save_all([decision])
        lot = decision.state
        return replace(lot, revision=lot.revision.after(len(decision.events)), fresh=())

    def save_all(self, decisions: Sequence[Decision[StockLot]]) -> None:
        outbox.save_all(
            (to_document(lot), lot.revision, events, messages)
            for lot, events, messages in decisions
        )
        entries = [_entry_row(entry) for lot, _, _ in decisions for entry in lot.fresh]
        if entries:
            collection("stock_entries").insert_many(entries)


def to_document(lot: StockLot) -> AggregateRow:
    """How a lot lies in ``stock_lots``."""
    return AggregateRow(
        StockLotDocument,
        id=lot.id,
        brand_id=lot.brand_id,
        number=lot.number or None,
        title=lot.description.title,
        category=lot.description.category,
        tags=list(lot.description.tags),
        city=lot.description.city,
        actual_photos=lot.description.actual_photos,
        manifest=[line_row(line) for line in lot.manifest.lines],
        condition=lot.manifest.condition.value,
        units_per_pack=lot.terms.units_per_pack,
        max_packs_per_host=lot.terms.max_packs_per_host,
        min_community_size=lot.terms.min_community_size,
        best_before=lot.terms.best_before,
        closes_at=lot.terms.closes_at,
        ends_at=lot.terms.ends_at,
        published_at=lot.published_at,
        free=lot.packs.free,
        reserved=lot.packs.reserved,
        shipped=lot.packs.shipped,
        entries=lot.entries,
        is_open=lot.closed is None,
        closed=lot.closed.value if lot.closed else None,
    )


def line_row(line: ManifestLine) -> Row:
    """How a manifest line lies in MongoDB."""
    return {
        "sku": line.sku,
        "name": line.name,
        "units": line.units,
        "price_minor": line.unit_price.minor,
        "currency": line.unit_price.currency,
        "condition": line.condition.value,
    }


def line_of(row: Mapping[str, Any]) -> ManifestLine:
    """The inverse of ``line_row``."""
    return ManifestLine(
        sku=row["sku"],
        name=row["name"],
        units=int(row["units"]),
        unit_price=Money(int(row["price_minor"]), row["currency"]),
        condition=Condition(row["condition"]),
    )


def _to_domain(document: StockLotDocument) -> StockLot:
    return StockLot(
        id=document.id,
        brand_id=document.brand_id,
        description=Description(
            title=document.title,
            category=document.category,
            tags=tuple(document.tags),
            city=document.city or "",
            actual_photos=document.actual_photos,
        ),
        manifest=Manifest(tuple(line_of(row) for row in document.manifest)),
        terms=Terms(
            units_per_pack=document.units_per_pack,
            closes_at=document.closes_at,
            max_packs_per_host=document.max_packs_per_host,
            min_community_size=document.min_community_size,
            best_before=document.best_before,
        ),
        published_at=document.published_at,
        packs=Packs(document.free, document.reserved, document.shipped),
        entries=document.entries,
        closed=ClosingReason(document.closed) if document.closed else None,
        number=document.number or "",
        revision=document.revision(),
    )


def _entry_row(entry: StockEntry) -> Row:
    return {
        "_id": entry.id,
        "lot_id": entry.lot_id,
        "number": entry.number,
        "kind": entry.kind.value,
        "free": entry.free,
        "reserved": entry.reserved,
        "shipped": entry.shipped,
        "reference": entry.reference,
        "why": entry.why,
        "at": entry.at,
    }
