"""Reads for the figures of cartridges and for lists of ratings."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Protocol

from chassis.mongo import Row, collection
from services.catalog.ratings.engine.means import (
    PRIOR_HUNDREDTHS,
    PRIOR_WEIGHT,
    bayesian_mean,
    mean,
)
from services.catalog.ratings.repositories import (
    RATING_SUMS,
    RATINGS,
    RUNS,
    STANDINGS,
    summed,
)


class Figures(Protocol):
    """What became of the runs of cartridges."""

    def of_cartridge(self, cartridge_id: str) -> dict[str, Any]:
        """``rating`` of the whole, and ``by_digest`` the figures of each version with any."""
        ...

    def best(self, *, after: tuple[int, str] | None, limit: int) -> list[tuple[int, str]]:
        """Cartridges that were rated, best first: Bayesian mean in hundredths, and id."""
        ...

    def ratings(self, cartridge_id: str, *, after: str | None, limit: int) -> list[dict[str, Any]]:
        """What hosts wrote of a cartridge, those of the latest gatherings first."""
        ...


class MongoFigures:
    """The ``Figures`` port over runs, ratings and standings."""

    def of_cartridge(self, cartridge_id: str) -> dict[str, Any]:
        runs = {row["_id"]: row for row in summed(RUNS, cartridge_id, _RUN_SUMS)}
        given: defaultdict[str, Row] = defaultdict(lambda: {"stars": 0, "ratings": 0})
        given |= {row["_id"]: row for row in summed(RATINGS, cartridge_id, RATING_SUMS)}
        stars = sum(row["stars"] for row in given.values())
        count = sum(row["ratings"] for row in given.values())
        return {
            "rating": _rating(stars, count),
            "by_digest": {digest: _figures(row, given[digest]) for digest, row in runs.items()},
        }

    def best(self, *, after: tuple[int, str] | None, limit: int) -> list[tuple[int, str]]:
        where: Row = {}
        if after is not None:
            mean_before, last = after
            where = {
                "$or": [
                    {"bayesian": {"$lt": mean_before}},
                    {"bayesian": mean_before, "_id": {"$gt": last}},
                ]
            }
        found = collection(STANDINGS).find(where)
        rows = found.sort([("bayesian", -1), ("_id", 1)]).limit(limit)
        return [(row["bayesian"], row["_id"]) for row in rows]

    def ratings(self, cartridge_id: str, *, after: str | None, limit: int) -> list[dict[str, Any]]:
        where: Row = {"cartridge_id": cartridge_id}
        if after is not None:
            where["_id"] = {"$lt": after}
        found = collection(RATINGS).find(where).sort("_id", -1).limit(limit)
        return [{**row, "id": row["_id"]} for row in found]


_RUN_SUMS: Row = {
    "runs": {"$sum": 1},
    "checked_in": {"$sum": "$checked_in"},
    "guest_stars": {"$sum": "$guest_stars"},
    "guest_ratings": {"$sum": "$guest_ratings"},
    "packs_returned": {"$sum": "$packs_returned"},
}


def _rating(stars: int, count: int) -> dict[str, Any]:
    return {
        "count": count,
        "mean_hundredths": mean(stars, count),
        "bayesian_hundredths": bayesian_mean(stars, count),
        "prior_hundredths": PRIOR_HUNDREDTHS,
        "prior_weight": PRIOR_WEIGHT,
    }


def _figures(runs: Row, given: Row) -> dict[str, Any]:
    return {
        "runs": runs["runs"],
        "checked_in": runs["checked_in"],
        "guest_ratings": runs["guest_ratings"],
        "guest_mean_hundredths": mean(runs["guest_stars"], runs["guest_ratings"]),
        "packs_returned": runs["packs_returned"],
        "ratings": given["ratings"],
        "mean_hundredths": mean(given["stars"], given["ratings"]),
    }
