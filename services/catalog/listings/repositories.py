"""Listings kept in MongoDB, in the transaction that changes their lots."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime

from pymongo import InsertOne

from chassis import outbox
from chassis.mongo import Row, collection
from services.catalog.listings.domain import Listing
from services.catalog.listings.engine.names import name_key
from services.catalog.listings.engine.words import fields_of, keys_of, trail_of

NAME = "listings"
FOR_EVER = datetime(9999, 12, 31, tzinfo=UTC)


def relist(*, appeared: Sequence[Listing], gone: Sequence[str]) -> None:
    """Show these listings, and no longer those of these lots.

    Part of the caller's transaction; the version of each lot guards its listing.
    """
    if gone:
        collection(NAME).delete_many({"_id": {"$in": list(gone)}})
    if appeared:
        outbox.write(NAME, [InsertOne(listing_row(listing)) for listing in appeared])


def listing_row(listing: Listing) -> Row:
    """How a listing lies in ``listings``."""
    fields = fields_of(listing.texts)
    row: Row = {
        "_id": listing.lot_id,
        "brand_id": listing.brand_id,
        "keys": keys_of(itertools.chain.from_iterable(fields)),
        "trail": trail_of(fields),
        "name": name_key(listing.title),
        "category": listing.category,
        "city": listing.city,
        "condition": listing.condition,
        "pack_price": listing.pack_price,
        "published_at": listing.published_at,
        "ends_at": listing.ends_at,
        "keeps_until": listing.best_before or FOR_EVER,
    }
    if listing.regions:
        row["regions"] = list(listing.regions)
    if listing.place is not None:
        row["place"] = {"type": "Point", "coordinates": list(listing.place)}
    return row
