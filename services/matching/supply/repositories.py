"""Slots and cartridges kept in MongoDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from pymongo import UpdateOne

from chassis.kernel.money import WHOLE, Money
from chassis.mongo import Row, collection
from services.matching.supply.domain import (
    HOME_ZONE,
    Booking,
    CartridgeVersion,
    Closing,
    Holding,
    Kit,
    KitLine,
    OpenedSlot,
    Slot,
    SlotHold,
    Venue,
)


class MongoSlots:
    """The ``Slots`` port over the ``venues`` and ``slots`` collections."""

    def find(self, slot_id: str) -> Slot | None:
        row = collection("slots").find_one({"_id": slot_id})
        venue = row and collection("venues").find_one({"_id": row["venue_id"]})
        if not row or not venue:
            return None
        return to_slot(row, venue)

    def note_venues(self, venues: Sequence[Venue]) -> None:
        _put("venues", [_row(asdict(venue), "id") for venue in venues])

    def note_slots(self, slots: Sequence[OpenedSlot]) -> None:
        _put("slots", [_row(asdict(slot), "id") for slot in slots])

    def note_closings(self, slot_ids: Sequence[str]) -> None:
        collection("slots").delete_many({"_id": {"$in": list(slot_ids)}})

    def note_bookings(self, bookings: Sequence[Booking]) -> None:
        collection("slots").bulk_write(
            [
                UpdateOne(
                    {"_id": booking.slot_id},
                    {"$set": {"gathering_id": booking.gathering_id}, "$unset": {"hold": ""}},
                )
                for booking in bookings
            ]
        )

    def note_holdings(self, holdings: Sequence[Holding]) -> None:
        collection("slots").bulk_write(
            [
                UpdateOne(
                    {"_id": holding.slot_id},
                    {"$set": {"hold": holding.hold and asdict(holding.hold)}},
                )
                for holding in holdings
            ]
        )

    def note_acceptances(self, slot_ids: Sequence[str]) -> None:
        held = {"_id": {"$in": list(slot_ids)}, "hold": {"$type": "object"}}
        collection("slots").update_many(held, {"$set": {"hold.is_accepted": True}})


class MongoCartridges:
    """The ``Cartridges`` port over the ``cartridges`` collection."""

    def find(self, digest: str) -> CartridgeVersion | None:
        told = {"_id": digest, "author_id": {"$exists": True}}  # yanked alone is not published
        row = collection("cartridges").find_one(told)
        return None if row is None else to_version(row)

    def note(self, versions: Sequence[CartridgeVersion]) -> None:
        rows = [_row(asdict(version), "digest") for version in versions]
        for row in rows:
            del row["is_yanked"]  # published again, or late, it stays what it is
        _put("cartridges", rows)

    def note_yanked(self, digests: Sequence[str]) -> None:
        _put("cartridges", [{"_id": digest, "is_yanked": True} for digest in digests])


class MongoKits:
    """The ``Kits`` port over the ``kits`` collection."""

    def find(self, kit_id: str) -> Kit | None:
        told = {"_id": kit_id, "terms_digest": {"$exists": True}}  # closed alone is not published
        row = collection("kits").find_one(told)
        return None if row is None else to_kit(row["_id"], row)

    def note(self, kits: Sequence[Kit]) -> None:
        rows = [{"_id": kit.id, **kit_row(kit)} for kit in kits]
        for row in rows:
            del row["closed"]  # published again, or late, it stays what it is
        _put("kits", rows)

    def note_closed(self, closings: Sequence[Closing]) -> None:
        _put("kits", [{"_id": each.kit_id, "closed": each.reason} for each in closings])


def to_slot(row: Row, venue: Row) -> Slot:
    """The slot that a document of ``slots`` holds, with that of its venue."""
    rent, hold = row.get("rent"), row.get("hold")
    return Slot(
        id=row["_id"],
        venue_id=row["venue_id"],
        venue_org_id=venue["venue_org_id"],
        city=venue["city"],
        capacity=venue["capacity"],
        equipment=tuple(venue["equipment"]),
        indoor=venue.get("indoor", True),
        time_zone=venue.get("time_zone", HOME_ZONE),
        accepts_at_once=venue.get("accepts_at_once", True),
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        gathering_id=row.get("gathering_id"),
        rent=rent and Money(int(rent["minor"]), rent["currency"]),
        share_basis_points=row.get("share_basis_points"),
        naming=row.get("naming"),
        hold=hold and SlotHold(**hold),
    )


def to_version(row: Row) -> CartridgeVersion:
    """The version that a document of ``cartridges`` holds."""
    known = {name: value for name, value in row.items() if name != "_id"}
    known.setdefault("royalties", {row["author_id"]: WHOLE})
    return CartridgeVersion(digest=row["_id"], **known)


def kit_row(kit: Kit) -> Row:
    """A kit without its id, as it lies in MongoDB, here and frozen in claims."""
    return {name: value for name, value in asdict(kit).items() if name != "id"}


def to_kit(kit_id: str, row: Mapping[str, Any]) -> Kit:
    """The kit of such a row."""
    return Kit(
        id=kit_id,
        title=row["title"],
        lines=tuple(KitLine(**line) for line in row["lines"]),
        capacity=row["capacity"],
        equipment=tuple(row["equipment"]),
        cartridge_digest=row["cartridge_digest"],
        price=Money(int(row["price"]["minor"]), row["price"]["currency"]),
        terms=row["terms"],
        royalties=row["royalties"],
        terms_digest=row["terms_digest"],
        closed=row.get("closed"),
    )


def _row(values: Row, key: str) -> Row:
    return {"_id": values.pop(key), **values}


def _put(name: str, rows: Sequence[Row]) -> None:
    """Store rows by their id, in one round trip; fields that are not named stay."""
    collection(name).bulk_write(
        [UpdateOne({"_id": row["_id"]}, {"$set": _without_id(row)}, upsert=True) for row in rows]
    )


def _without_id(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "_id"}
