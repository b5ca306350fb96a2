"""Reads for searches: MongoDB to plain rows, no domain.

A search walks one index, chosen here and not by MongoDB: it keeps the plan that suited a
rare word and would use it for a common one. The rarest term leads when it is rare enough;
else the category, the surroundings or the order does, and words are checked in the trail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Protocol

from bson.regex import Regex

from chassis.kernel.money import Money
from chassis.mongo import Row, collection
from services.catalog.listings.domain import Field
from services.catalog.listings.engine.words import (
    is_settled,
    lookups_of,
    pattern_in,
    pattern_of,
)
from services.catalog.lots.domain import Condition
from services.catalog.offers.queries import OfferLists
from services.catalog.search.domain import LotSearch, Order, Position, Surroundings
from services.catalog.search.engine.facets import MOST_COUNTED, Facets, facets_of
from services.catalog.search.engine.relevance import POINTS, Match

NAME = "listings"
EARTH_METRES = 6_371_008.8  # the mean radius (IUGG)
RARE, RARE_ENOUGH = 4_000, 20_000  # lots that are read in 20 ms, in 100 ms
# Of 100,000: as many are read to find all that have one word as to find the first thousand.
AS_RARE = 10_000
NEARER = (8, 4, 2)  # of how far one looks; each circle has four times the room of the one before
LATEST_MILLISECONDS = 32_503_680_000_000  # the year 3000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SORTS = {
    Order.CLOSING: ("ends_at", 1),
    Order.NEWEST: ("published_at", -1),
    Order.CHEAPEST: ("pack_price", 1),
    Order.NEAREST: ("metres", 1),
    Order.NAME: ("name", 1),
    Order.RELEVANCE: ("relevance", -1),
}
# True of every listing: without a word on what it sorts by, an index filters nothing.
_ANY_OF: dict[Order, Row] = {
    Order.CLOSING: {"ends_at": {"$gt": _EPOCH}},
    Order.NEWEST: {"published_at": {"$gt": _EPOCH}},
    Order.CHEAPEST: {"pack_price": {"$gte": 0}},
    Order.NAME: {"name": {"$gte": ""}},
    Order.RELEVANCE: {"_id": {"$gt": ""}},
}
_PLACES = {field: place for place, field in enumerate(Field)}  # of each in the trail
_BY_ID = "_id_"  # MongoDB's own name for that index
_ORDERED_BY = {Order.RELEVANCE: _BY_ID}  # where the index has not the name of the order
_CONDITIONS = [str(condition) for condition in Condition]
_OF_LISTING = ("brand_id", "category", "city", "condition", "pack_price")
_OF_LOT = (
    *("title", "manifest.currency", "units_per_pack", "free"),
    *("best_before", "closes_at", "published_at"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """Lots in the order asked for; facets of all that was found, on a first page."""

    rows: list[dict[str, Any]]
    facets: Facets | None


class LotFinder(Protocol):
    """Where lots are found."""

    def find(
        self, search: LotSearch, *, after: Position | None, limit: int, at: datetime
    ) -> Found:
        """The lots on offer at this moment that fit, after a position, at most ``limit``.

        A row's ``value`` is that of its position.
        """
        ...


class _Walk(NamedTuple):
    """The name of an index, and what to ask of every listing in it besides.

    Where all have the same ``points``, the order of the index is that of the search.
    """

    along: str
    asking: list[Row]
    within: Surroundings | None
    points: int | None = None


class MongoLotFinder:
    """The ``LotFinder`` port over ``listings``, ``stock_lots`` and offers."""

    def __init__(self, offers: OfferLists) -> None:
        self._offers = offers

    def find(
        self, search: LotSearch, *, after: Position | None, limit: int, at: datetime
    ) -> Found:
        most = limit if after else max(limit, MOST_COUNTED + 1)
        listings = self._listings(search, after=after, limit=most, at=at)
        brands = {row["brand_id"] for row in listings}
        subsidies = self._offers.best_subsidies(brands, at=at)
        facets = None if after else facets_of(listings, subsidies)
        return Found(_shown(listings[:limit], search, subsidies), facets)

    def _listings(
        self, search: LotSearch, *, after: Position | None, limit: int, at: datetime
    ) -> list[Row]:
        wanted = _conditions(search, at)
        if search.subsidy_from:
            paying = self._offers.brands_paying(search.subsidy_from, at=at)
            wanted.append({"brand_id": {"$in": sorted(paying)}})
        rows: list[Row] = []
        for walk in _walks(search, after):
            rows = _walked(walk, wanted, search, after=after, limit=limit)
            if len(rows) == limit:
                break
        return [row | {"condition": _CONDITIONS[row["condition"]]} for row in rows]


def _walked(
    walk: _Walk, wanted: list[Row], search: LotSearch, *, after: Position | None, limit: int
) -> list[Row]:
    asking, stages = [*wanted, *walk.asking], list[Mapping[str, Any]]()
    if walk.within is not None:
        asking.append(_circle(walk.within))
        stages.append({"$set": {"metres": _metres(walk.within)}})
        stages.append({"$match": {"metres": {"$lte": walk.within.metres}}})
    field, direction = _SORTS[search.order]
    if search.order is Order.RELEVANCE and walk.points is None:
        stages.append({"$set": {field: _relevance(search.terms)}})
    beyond = _beyond(search.order, after) if walk.points is None else None
    stages += [{"$match": beyond}] if beyond else []
    shown = dict.fromkeys(
        (*_OF_LISTING, field, "metres", *(("trail",) if search.terms else ())), 1
    )
    stages = [
        {"$match": {"$and": asking}},
        *stages,
        {"$sort": {field: direction, "_id": 1} if walk.points is None else {"_id": 1}},
        {"$limit": limit},
        {"$project": shown},
    ]
    rows = list(collection(NAME).aggregate(stages, hint=walk.along))
    return rows if walk.points is None else [row | {field: walk.points} for row in rows]


def _conditions(search: LotSearch, at: datetime) -> list[Row]:
    """What is asked of a listing besides words and subsidy."""
    wanted: list[Row] = [{"ends_at": {"$gt": max(at, search.closes_after or at)}}]
    if search.category is not None:
        wanted.append({"category": search.category})
    if search.city is not None:
        wanted.append({"city": {"$in": ["", search.city]}})
        wanted.append({"$or": [{"regions": {"$exists": False}}, {"regions": search.city}]})
    if search.condition is not None:
        wanted.append({"condition": {"$lte": search.condition.rank}})
    if search.best_before_from is not None:
        wanted.append({"keeps_until": {"$gte": search.best_before_from}})
    if search.pack_price_from is not None:
        wanted.append({"pack_price": {"$gte": search.pack_price_from}})
    if search.pack_price_to is not None:
        wanted.append({"pack_price": {"$lte": search.pack_price_to}})
    return wanted


def _walks(search: LotSearch, after: Position | None) -> Iterator[_Walk]:
    """Where to look, one after the other until a page is full: the last is everywhere.

    Those before it hold only the best in the order: the nearest, or lots with all words in
    their titles. Each is an exact answer as far as it goes.
    """
    whole = _Walk(*_lead(search), search.surroundings)
    if whole.along == "place" and search.order is Order.NEAREST and search.surroundings:
        place, metres = search.surroundings.place, search.surroundings.metres
        for part in NEARER:
            yield whole._replace(within=Surroundings(place, metres // part))
    most = len(search.terms) * POINTS[Field.TITLE]
    if whole.along == _BY_ID and (after is None or after.value == most):
        titles: list[Row] = [_in_field(term, Field.TITLE) for term in search.terms]
        later = {"_id": {"$gt": after.lot_id if after else ""}}
        yield whole._replace(asking=[*titles, later], points=most)
    yield whole


def _lead(search: LotSearch) -> tuple[str, list[Row]]:
    """The index that leads to what is asked for with the fewest listings read in vain."""
    confined = search.category is not None or search.surroundings is not None
    most = RARE if confined else AS_RARE if _asks_one_word_alone(search) else RARE_ENOUGH
    leading, fewest = "", most
    for term in sorted(search.terms, key=len, reverse=True):
        count = collection(NAME).count_documents(_lookup(term), limit=fewest, hint="keys")
        if count < fewest:
            leading, fewest = term, count
        if not fewest:
            break
    patterns: list[Row] = [
        {"trail": Regex(pattern_of(term))}
        for term in search.terms
        if term != leading or not is_settled(term)
    ]
    if leading:
        return "keys", [_lookup(leading), *patterns]
    if search.surroundings is not None and search.order is Order.NEAREST:
        return "place", patterns
    if search.category is not None:
        return "category", patterns
    if search.surroundings is not None:
        return "place", patterns
    return _ORDERED_BY.get(search.order, str(search.order)), [*patterns, _ANY_OF[search.order]]


def _asks_one_word_alone(search: LotSearch) -> bool:
    alone = replace(search, terms=(), order=Order.CLOSING) == LotSearch()
    return alone and len(search.terms) == 1


def _lookup(term: str) -> Row:
    """Keys that begin so: one range of the index, or a range and a point."""
    beginning, *whole = lookups_of(term)
    begins = Regex(f"^{beginning}")
    return {"keys": {"$in": [begins, *whole]} if whole else begins}


def _beyond(order: Order, after: Position | None) -> Row | None:
    """What comes after a position; said once more in a way that an index understands."""
    if after is None:
        return None
    field, direction = _SORTS[order]
    further = "$gt" if direction > 0 else "$lt"
    value: int | str | datetime = after.value
    if order in {Order.CLOSING, Order.NEWEST}:
        value = _EPOCH + timedelta(milliseconds=min(int(after.value), LATEST_MILLISECONDS))
    return {
        field: {f"{further}e": value},
        "$or": [{field: {further: value}}, {"_id": {"$gt": after.lot_id}}],
    }


def _circle(surroundings: Surroundings) -> Row:
    """A metre more than is asked for: the distance is reckoned once more, and exactly."""
    place = surroundings.place
    circle = [[place.longitude, place.latitude], (surroundings.metres + 1) / EARTH_METRES]
    return {"place": {"$geoWithin": {"$centerSphere": circle}}}


def _in_field(term: str, field: Field) -> Row:
    return {"trail": Regex(pattern_in(_PLACES[field], term))}


def _relevance(terms: Sequence[str]) -> Row:
    """The points of a listing (``engine/relevance.py``), each term in the first field it is in."""
    return {"$add": [_points(term) for term in terms] or [0]}


def _points(term: str) -> Row:
    branches = [
        {
            "case": {"$regexMatch": {"input": "$trail", "regex": pattern_in(place, term)}},
            "then": POINTS[field],
        }
        for field, place in _PLACES.items()
    ]
    return {"$switch": {"branches": branches[:-1], "default": POINTS[Field.ARTICLES]}}


def _metres(surroundings: Surroundings) -> Row:
    """Whole metres to a listing, by the haversine formula."""
    place = surroundings.place
    longitude = {"$degreesToRadians": {"$arrayElemAt": ["$place.coordinates", 0]}}
    latitude = {"$degreesToRadians": {"$arrayElemAt": ["$place.coordinates", 1]}}
    here = {"$degreesToRadians": place.latitude}
    east = {"$subtract": [longitude, {"$degreesToRadians": place.longitude}]}
    across = {"$multiply": [{"$cos": here}, {"$cos": latitude}, _haversine(east)]}
    whole = {"$add": [_haversine({"$subtract": [latitude, here]}), across]}
    angle = {"$asin": {"$min": [1, {"$sqrt": whole}]}}
    return {"$toLong": {"$floor": {"$multiply": [2 * EARTH_METRES, angle]}}}


def _haversine(angle: Row) -> Row:
    return {"$pow": [{"$sin": {"$divide": [angle, 2]}}, 2]}


def _shown(
    listings: Sequence[Row], search: LotSearch, subsidies: Mapping[str, int]
) -> list[dict[str, Any]]:
    """Listings with what their lots say at this moment."""
    ids = [row["_id"] for row in listings]
    found = collection("stock_lots").find({"_id": {"$in": ids}}, dict.fromkeys(_OF_LOT, 1))
    lots = {row["_id"]: row for row in found}
    field, _ = _SORTS[search.order]
    matching = _Matching(search.terms)
    return [
        _named(row, lots[row["_id"]], field, subsidies)
        | {"matched": matching.of(row.get("trail", ""))}
        for row in listings
    ]


def _named(listing: Row, lot: Row, field: str, subsidies: Mapping[str, int]) -> dict[str, Any]:
    currency, subsidy = lot["manifest"][0]["currency"], subsidies.get(listing["brand_id"])
    return {
        "best_before": None,
        "metres": None,
        **lot,
        **listing,
        "id": listing["_id"],
        "value": _number(listing[field]),
        "pack_price": Money(int(listing["pack_price"]), currency),
        "subsidy": None if subsidy is None else Money(subsidy, currency),
    }


class _Matching:
    """Tells in which field of a listing each term stands first."""

    def __init__(self, terms: Sequence[str]) -> None:
        self._patterns = [
            (Match(term, field), re.compile(pattern_in(place, term)))
            for term in terms
            for field, place in _PLACES.items()
        ]

    def of(self, trail: str) -> list[Match]:
        first: dict[str, Match] = {}
        for match, pattern in self._patterns:
            if match.term not in first and pattern.match(trail):
                first[match.term] = match
        return list(first.values())


def _number(value: int | str | datetime) -> int | str:
    return (value - _EPOCH) // timedelta(milliseconds=1) if isinstance(value, datetime) else value
