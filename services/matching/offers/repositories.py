"""Lots and subsidy offers kept in MongoDB, one document each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pymongo import UpdateOne

from chassis.kernel.money import Money
from chassis.mongo import Row, collection
from services.matching.offers.domain import (
    Holding,
    LotNotFound,
    OfferedLot,
    OfferNotFound,
    Restrictions,
    SubsidyOffer,
)
from services.matching.offers.engine.facts import UNCAPPED, Caps, Demand, Held
from services.matching.offers.engine.ramp import Ramp, Step
from services.matching.offers.use_cases import (
    Closure,
    Commitment,
    PacksCounted,
    PacksMoved,
    PhotosChanged,
    Turn,
)
from sharing.eligibility import Clause

LOTS = "offers"
SUBSIDIES = "subsidy_offers"
TURNS = "lot_turns"


class MongoOfferBook:
    """The ``OfferBook`` port over the ``offers`` and ``subsidy_offers`` collections."""

    def lot(self, lot_id: str) -> OfferedLot:
        row = collection(LOTS).find_one({"_id": lot_id})
        if row is None:
            raise LotNotFound(f"no lot {lot_id}")
        return lot_of(row)

    def lots(self, lot_ids: Collection[str]) -> dict[str, OfferedLot]:
        found = collection(LOTS).find({"_id": {"$in": list(lot_ids)}}, {"holdings": 0})
        return {row["_id"]: lot_of(row) for row in found}

    def whole_lots(self, lot_ids: Collection[str]) -> dict[str, OfferedLot]:
        """Those of these lots that are known, by id, with their holdings."""
        found = collection(LOTS).find({"_id": {"$in": list(lot_ids)}})
        return {row["_id"]: lot_of(row) for row in found}

    def offer(self, offer_id: str) -> SubsidyOffer:
        row = collection(SUBSIDIES).find_one({"_id": offer_id})
        if row is None:
            raise OfferNotFound(f"no subsidy offer {offer_id}")
        return subsidy_of(row)

    def open_offers_of(self, brand_id: str) -> list[SubsidyOffer]:
        found = collection(SUBSIDIES).find({"brand_id": brand_id, "closed": None})
        return [subsidy_of(row) for row in found]


class MongoOfferNotes:
    """The ``OfferNotes`` port: one round trip for a run of facts, in their order."""

    def publish_lots(self, lots: Sequence[OfferedLot]) -> None:
        _write(LOTS, (_put(lot.id, _row_of_lot(lot)) for lot in lots))

    def close_lots(self, closures: Sequence[Closure]) -> None:
        _write(LOTS, map(_close, closures))

    def move_packs(self, moves: Sequence[PacksMoved]) -> None:
        _write(LOTS, map(_move, moves))

    def count_packs(self, counts: Sequence[PacksCounted]) -> None:
        _write(
            LOTS,
            (
                UpdateOne(
                    {"_id": count.lot_id},
                    {"$set": {"packs_free": count.packs_free, "packs_kept": count.packs_kept}},
                )
                for count in counts
            ),
        )

    def change_photos(self, changes: Sequence[PhotosChanged]) -> None:
        _write(
            LOTS,
            (
                UpdateOne({"_id": lot_id}, {"$set": {"has_actual_photo": has_one}})
                for lot_id, has_one in changes
            ),
        )

    def open_offers(self, offers: Sequence[SubsidyOffer]) -> None:
        _write(SUBSIDIES, (_put(offer.id, _row_of_subsidy(offer)) for offer in offers))

    def close_offers(self, closures: Sequence[Closure]) -> None:
        _write(SUBSIDIES, map(_close, closures))

    def commit_subsidies(self, commitments: Sequence[Commitment]) -> None:
        _write(
            SUBSIDIES,
            (
                UpdateOne({"_id": offer_id}, {"$inc": {"committed_minor": subsidy.minor}})
                for offer_id, subsidy in commitments
            ),
        )


class MongoShelf:
    """The ``Shelf`` port: what is held of lots lies on their own rows."""

    def announce(self, lot_ids: Collection[str], until: datetime) -> None:
        wanted = {"_id": {"$in": list(lot_ids)}}
        collection(LOTS).update_many(wanted, {"$max": {"turns_until": until}})

    def take_turn(self, lot_ids: Collection[str]) -> None:
        # A row of their own, for the facts that come in batches write those of the lots.
        turns = [
            UpdateOne({"_id": lot_id}, {"$inc": {"turn": 1}}, upsert=True)
            for lot_id in sorted(set(lot_ids))
        ]
        collection(TURNS).bulk_write(turns)

    def put(self, held: Mapping[str, Mapping[str, Held]]) -> None:
        _write(
            LOTS,
            (
                UpdateOne(
                    {"_id": lot_id},
                    {"$set": {f"held.{hold_id}": asdict(each) for hold_id, each in some.items()}},
                )
                for lot_id, some in held.items()
            ),
        )

    def take_away(self, hold_ids: Mapping[str, Collection[str]]) -> None:
        _write(
            LOTS,
            (
                UpdateOne({"_id": lot_id}, {"$unset": {f"held.{each}": "" for each in some}})
                for lot_id, some in hold_ids.items()
            ),
        )


class MongoDemands:
    """The ``Demands`` port: what a clearing found of a lot lies on the lot's own row."""

    def put(self, demands: Mapping[str, Demand | None]) -> None:
        if demands:
            _write(LOTS, (_demand(lot_id, each) for lot_id, each in demands.items()))


def lot_of(row: Row) -> OfferedLot:
    """The lot that a document of ``offers`` holds."""
    return OfferedLot(
        id=row["_id"],
        brand_id=row["brand_id"],
        title=row["title"],
        category=row["category"],
        tags=tuple(row["tags"]),
        city=row["city"],
        condition=row["condition"],
        unit_price=Money(int(row["unit_price_minor"]), row["currency"]),
        units_per_pack=row["units_per_pack"],
        packs_total=row["packs_total"],
        packs_free=row["packs_free"],
        packs_kept=row.get("packs_kept", 0),
        newcomers_until=row.get("newcomers_until"),
        max_packs_per_host=row["max_packs_per_host"],
        min_community_size=row["min_community_size"],
        best_before=row["best_before"],
        closes_at=row["closes_at"],
        published_at=row["published_at"],
        restrictions=_restrictions_of(row.get("restrictions")),
        has_actual_photo=row.get("has_actual_photo", False),
        closed=row["closed"],
        holdings={
            claim_id: Holding(host_id=held["host_id"], packs=held["packs"])
            for claim_id, held in row.get("holdings", {}).items()
        },
        turns_until=row.get("turns_until"),
        held={hold_id: Held(**held) for hold_id, held in row.get("held", {}).items()},
        demand=_demand_of(row.get("demand")),
    )


def subsidy_of(row: Row) -> SubsidyOffer:
    """The subsidy offer that a document of ``subsidy_offers`` holds."""
    # Beyond 32 bits a number comes as an Int64, which is not Money's whole number.
    currency = row["currency"]
    return SubsidyOffer(
        id=row["_id"],
        brand_id=row["brand_id"],
        subsidy=Money(int(row["subsidy_minor"]), currency),
        min_checked_in=row["min_checked_in"],
        total_cap=Money(int(row["total_cap_minor"]), currency),
        terms=row["terms"],
        opens_at=row["opens_at"],
        closes_at=row["closes_at"],
        committed=Money(int(row["committed_minor"]), currency),
        ramp=_ramp_of(row.get("ramp")),
        caps=Caps(**row["caps"]) if row.get("caps") else UNCAPPED,
        eligibility=tuple(Clause(**clause) for clause in row.get("eligibility", ())),
        closed=row["closed"],
    )


def _demand_of(row: Row | None) -> Demand | None:
    return Demand(**row) if row else None


def _demand(lot_id: str, demand: Demand | None) -> UpdateOne:
    change = {"$set": {"demand": asdict(demand)}} if demand else {"$unset": {"demand": ""}}
    return UpdateOne({"_id": lot_id}, change)


def _row_of_lot(lot: OfferedLot) -> Row:
    return {
        "brand_id": lot.brand_id,
        "title": lot.title,
        "category": lot.category,
        "tags": list(lot.tags),
        "city": lot.city,
        "condition": lot.condition,
        "unit_price_minor": lot.unit_price.minor,
        "currency": lot.unit_price.currency,
        "units_per_pack": lot.units_per_pack,
        "packs_total": lot.packs_total,
        "packs_free": lot.packs_free,
        "packs_kept": lot.packs_kept,
        "newcomers_until": lot.newcomers_until,
        "max_packs_per_host": lot.max_packs_per_host,
        "min_community_size": lot.min_community_size,
        "best_before": lot.best_before,
        "closes_at": lot.closes_at,
        "published_at": lot.published_at,
        "restrictions": _row_of_restrictions(lot.restrictions),
        "closed": lot.closed,
    }


def _row_of_restrictions(restrictions: Restrictions) -> Row:
    price = restrictions.lowest_resale_price
    return {
        "regions": list(restrictions.regions),
        "channels": list(restrictions.channels),
        "resale_allowed": restrictions.resale_allowed,
        "price_minor": price and price.minor,
        "currency": price and price.currency,
    }


def _restrictions_of(row: Row | None) -> Restrictions:
    if row is None:
        return Restrictions()
    has_price = row["price_minor"] is not None
    return Restrictions(
        regions=tuple(row["regions"]),
        channels=tuple(row["channels"]),
        resale_allowed=row["resale_allowed"],
        lowest_resale_price=Money(int(row["price_minor"]), row["currency"]) if has_price else None,
    )


def _row_of_subsidy(offer: SubsidyOffer) -> Row:
    return {
        "brand_id": offer.brand_id,
        "subsidy_minor": offer.subsidy.minor,
        "total_cap_minor": offer.total_cap.minor,
        "committed_minor": offer.committed.minor,
        "currency": offer.subsidy.currency,
        "min_checked_in": offer.min_checked_in,
        "terms": dict(offer.terms),
        "ramp": offer.ramp
        and {
            "steps": [step._asdict() for step in offer.ramp.steps],
            "most_minor": offer.ramp.most,
        },
        "caps": asdict(offer.caps),
        "eligibility": [asdict(clause) for clause in offer.eligibility],
        "opens_at": offer.opens_at,
        "closes_at": offer.closes_at,
        "closed": offer.closed,
    }


def _ramp_of(row: Row | None) -> Ramp | None:
    if row is None:
        return None
    return Ramp(tuple(Step(**step) for step in row["steps"]), int(row["most_minor"]))


def _put(key: str, row: Row) -> UpdateOne:
    return UpdateOne({"_id": key}, {"$set": row}, upsert=True)


def _close(closure: Closure) -> UpdateOne:
    return UpdateOne({"_id": closure.id}, {"$set": {"closed": closure.reason}})


def _move(move: PacksMoved) -> UpdateOne:
    place = f"holdings.{move.claim_id}"
    kept = {"packs_free": move.packs_free, "packs_kept": move.packs_kept}
    changes: dict[Turn, Callable[[], dict[str, Any]]] = {
        Turn.TAKEN: lambda: {
            "$set": kept | {place: {"host_id": move.host_id, "packs": move.packs}}
        },
        Turn.GIVEN_BACK: lambda: {"$set": kept, "$unset": {place: ""}},
        Turn.RETURNED: lambda: {"$set": kept, "$inc": {f"{place}.packs": -move.packs}},
    }
    return UpdateOne({"_id": move.lot_id}, changes[move.turn]())


def _write(name: str, operations: Iterable[UpdateOne]) -> None:
    """One ordered round trip: a later fact about the same lot lands on the earlier one."""
    collection(name).bulk_write(list(operations))
