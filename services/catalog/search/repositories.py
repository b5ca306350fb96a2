"""Listings made anew from the lots in MongoDB."""

from __future__ import annotations

from pymongo import DeleteOne, ReplaceOne

from chassis.kernel.decisions import Decision
from chassis.mongo import Row, atomically, collection
from services.catalog.listings.repositories import NAME, listing_row
from services.catalog.lots.repositories import MongoLots, is_listed, listing_of
from services.catalog.search.use_cases import Remade


class MongoListings:
    """The ``Listings`` port over ``listings`` and ``stock_lots``."""

    def __init__(self, lots: MongoLots) -> None:
        self._lots = lots

    def make_anew(self, after: str, *, limit: int) -> Remade:
        total = collection("stock_lots").estimated_document_count()
        return atomically(lambda: self._remade(after, limit, total))

    def _remade(self, after: str, limit: int, total: int) -> Remade:
        lots = self._lots.after(after, limit=limit)
        last = lots[-1].id if len(lots) == limit else None
        wanted = {lot.id: listing_row(listing_of(lot)) for lot in lots if is_listed(lot)}
        between = {"$gt": after} if last is None else {"$gt": after, "$lte": last}
        kept = {row["_id"]: row for row in collection(NAME).find({"_id": between})}
        # A listing that is there already tells whether its lot was sold out meanwhile. Where
        # there is none the lot must tell, so it is saved, unchanged, as its next version.
        self._lots.save_all(
            [Decision(lot) for lot in lots if lot.id in wanted and lot.id not in kept]
        )
        writes: list[DeleteOne | ReplaceOne[Row]] = [
            ReplaceOne({"_id": lot_id}, row, upsert=True)
            for lot_id, row in wanted.items()
            if row != kept.get(lot_id)
        ]
        writes += [DeleteOne({"_id": lot_id}) for lot_id in kept if lot_id not in wanted]
        if writes:
            collection(NAME).bulk_write(writes)
        return Remade(after=last, lots=len(lots), changed=len(writes), total=total)
