"""Lots kept in MongoDB, each saved together with its new journal lines and events."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from chassis import outbox
from chassis.kernel.decisions import Decision
from chassis.kernel.money import Money
from chassis.mongo import AggregateRow, Row, collection
from services.catalog.listings.domain import Listing
from services.catalog.listings.repositories import relist
from services.catalog.lots.documents import StockLotDocument
from services.catalog.lots.domain import (
    ClosingReason,
    Condition,
    Description,
    LotNotFound,
    Manifest,
    ManifestLine,
    Place,
    StockLot,
    Terms,
    is_given_number,
    tidy,
    tidy_tags,
)
from services.catalog.lots.engine.journal import Packs, StockEntry
from services.catalog.lots.engine.photos import Album, Photo, PhotoKind
from services.catalog.lots.engine.restrictions import UNRESTRICTED, Channel, Restrictions
from services.catalog.lots.events import LotClosed

GREATEST_PRICE = 10**15  # any above are listed as this: the product might not fit 64 bits

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

    def after(self, lot_id: str, *, limit: int) -> list[StockLot]:
        """Lots of all brands after an id, open or closed, in the order of their ids."""
        found = StockLotDocument.objects(pk__gt=lot_id).order_by("id").limit(limit)
        return [_to_domain(document) for document in found]

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
        turned = [one.state for one in decisions if _was_listed(one) != is_listed(one.state)]
        relist(
            appeared=[listing_of(lot) for lot in turned if is_listed(lot)],
            gone=[lot.id for lot in turned if not is_listed(lot)],
        )


def is_listed(lot: StockLot) -> bool:
    """Whether hosts can find it: whether it is open and has free packs."""
    return lot.closed is None and lot.packs.free > 0


def listing_of(lot: StockLot) -> Listing:
    """What hosts can find of a lot."""
    description = lot.description
    articles = (f"{line.name}\n{line.sku}" for line in lot.manifest.lines)
    place = description.place
    return Listing(
        lot_id=lot.id,
        brand_id=lot.brand_id,
        title=description.title,
        tags="\n".join((description.category, *description.tags)),
        articles="\n".join(articles),
        category=description.category,
        city=tidy(description.city),
        regions=tidy_tags(lot.terms.restrictions.regions),
        condition=lot.manifest.condition.rank,
        pack_price=min(lot.manifest.unit_price.minor * lot.terms.units_per_pack, GREATEST_PRICE),
        published_at=lot.published_at,
        ends_at=lot.terms.ends_at,
        best_before=lot.terms.best_before,
        place=(place.longitude, place.latitude) if place else None,
    )


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
        has_actual_photo=lot.album.has_actual_photo,
        photos=[_photo_row(photo) for photo in lot.album.photos],
        place=_place_row(lot.description.place),
        manifest=[line_row(line) for line in lot.manifest.lines],
        condition=lot.manifest.condition.value,
        units_per_pack=lot.terms.units_per_pack,
        max_packs_per_host=lot.terms.max_packs_per_host,
        min_community_size=lot.terms.min_community_size,
        newcomers_basis_points=lot.terms.newcomers_basis_points,
        newcomers_held=lot.newcomers_held,
        restrictions=restrictions_row(lot.terms.restrictions),
        best_before=lot.terms.best_before,
        ships_after_gatherings=lot.terms.ships_after_gatherings,
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


def restrictions_row(restrictions: Restrictions) -> Row | None:
    """How restrictions lie in MongoDB; None for goods that are free to go."""
    if restrictions == UNRESTRICTED:
        return None
    price = restrictions.lowest_resale_price
    return {
        "regions": list(restrictions.regions),
        "channels": [channel.value for channel in restrictions.channels],
        "resale_allowed": restrictions.resale_allowed,
        "price_minor": price and price.minor,
        "currency": price and price.currency,
    }


def restrictions_of(row: Mapping[str, Any] | None) -> Restrictions:
    """The inverse of ``restrictions_row``."""
    if row is None:
        return UNRESTRICTED
    has_price = row["price_minor"] is not None
    return Restrictions(
        regions=tuple(row["regions"]),
        channels=tuple(map(Channel, row["channels"])),
        resale_allowed=row["resale_allowed"],
        lowest_resale_price=Money(int(row["price_minor"]), row["currency"]) if has_price else None,
    )


def _was_listed(decision: Decision[StockLot]) -> bool:
    """Whether it was before this decision, which tells: nothing need be read."""
    lot, events, _ = decision
    was_open = lot.closed is None or any(isinstance(event, LotClosed) for event in events)
    return was_open and lot.packs.free > sum(entry.free for entry in lot.fresh)


def _place_row(place: Place | None) -> list[float] | None:
    return [place.longitude, place.latitude] if place else None


def _to_domain(document: StockLotDocument) -> StockLot:
    return StockLot(
        id=document.id,
        brand_id=document.brand_id,
        description=Description(
            title=document.title,
            category=document.category,
            tags=tuple(document.tags),
            city=document.city or "",
            place=Place(*document.place) if document.place else None,
        ),
        manifest=Manifest(tuple(line_of(row) for row in document.manifest)),
        terms=Terms(
            units_per_pack=document.units_per_pack,
            closes_at=document.closes_at,
            max_packs_per_host=document.max_packs_per_host,
            min_community_size=document.min_community_size,
            best_before=document.best_before,
            restrictions=restrictions_of(document.restrictions),
            # Lots that were published before newcomers had a share keep none.
            newcomers_basis_points=document.newcomers_basis_points or 0,
            ships_after_gatherings=document.ships_after_gatherings,
        ),
        published_at=document.published_at,
        packs=Packs(document.free, document.reserved, document.shipped),
        entries=document.entries,
        closed=ClosingReason(document.closed) if document.closed else None,
        newcomers_held=document.newcomers_held or 0,
        album=Album(tuple(_photo_of(row) for row in document.photos or ())),
        number=document.number or "",
        revision=document.revision(),
    )


def _photo_row(photo: Photo) -> Row:
    return asdict(photo) | {"kind": photo.kind.value}


def _photo_of(row: Mapping[str, Any]) -> Photo:
    return Photo(**{**row, "kind": PhotoKind(row["kind"])})


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
