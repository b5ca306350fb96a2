"""The ``LotFinder`` port as a plain scan: what a search must find, said without an index."""

from __future__ import annotations

import itertools
import math
import unicodedata

from services.catalog.listings.domain import Field
from services.catalog.listings.engine.names import name_key
from services.catalog.listings.engine.words import fields_of, matches, tokens_of
from services.catalog.lots.domain import Condition
from services.catalog.lots.repositories import listing_of
from services.catalog.offers.domain import SubsidyOffer
from services.catalog.search.domain import LotSearch, Order, Position
from services.catalog.search.engine.facets import facets_of
from services.catalog.search.engine.relevance import Match, relevance_of
from services.catalog.search.queries import Found

EARTH_METRES = 6_371_008.8


class FakeLotFinder:
    """Looks at every lot for every search."""

    def __init__(self, lots=(), offers=()) -> None:
        self._lots = list(lots)
        self._offers: list[SubsidyOffer] = list(offers)

    def find(self, search: LotSearch, *, after: Position | None, limit: int, at):
        fitting = [lot for lot in self._lots if self._fits(lot, search, at)]
        rows = sorted((self._row(lot, search, at) for lot in fitting), key=_standing(search.order))
        if after is not None:
            begin = _standing(search.order)({"value": after.value, "id": after.lot_id})
            rows = [row for row in rows if _standing(search.order)(row) > begin]
        subsidies = {lot.brand_id: self._subsidy(lot, at) for lot in fitting}
        plain = [row | {"pack_price": row["pack_price"].minor} for row in rows]
        facets = None if after else facets_of(plain, subsidies)
        return Found(rows[:limit], facets)

    def _fits(self, lot, search, at) -> bool:
        listing = listing_of(lot)
        tokens = tokens_of("\n".join(listing.texts))
        return all(
            (
                lot.closed is None,
                lot.packs.free > 0,
                lot.terms.ends_at > max(at, search.closes_after or at),
                all(matches(term, tokens) for term in search.terms),
                search.category in {None, listing.category},
                search.city is None or listing.city in {"", search.city},
                search.city is None or not listing.regions or search.city in listing.regions,
                search.condition in _this_or_worse(lot.manifest.condition),
                _is_good_on(lot.terms.best_before, search.best_before_from),
                listing.pack_price >= (search.pack_price_from or 0),
                search.pack_price_to is None or listing.pack_price <= search.pack_price_to,
                self._subsidy(lot, at) >= (search.subsidy_from or 0),
                search.surroundings is None or _metres(lot, search) <= search.surroundings.metres,
            )
        )

    def _subsidy(self, lot, at) -> int:
        mine = (one for one in self._offers if one.brand_id == lot.brand_id and one.is_open(at))
        return max((offer.subsidy.minor for offer in mine), default=0)

    def _row(self, lot, search, at) -> dict:
        price = lot.manifest.unit_price * lot.terms.units_per_pack
        metres = None if search.surroundings is None else _metres(lot, search)
        subsidy = self._subsidy(lot, at)
        matched = list(_matched(lot, search.terms))
        value = {
            Order.CLOSING: round(lot.terms.ends_at.timestamp() * 1000),
            Order.NEWEST: round(lot.published_at.timestamp() * 1000),
            Order.CHEAPEST: price.minor,
            Order.NEAREST: metres,
            Order.NAME: name_key(lot.description.title),
            Order.RELEVANCE: relevance_of(matched),
        }[search.order]
        return {
            "id": lot.id,
            "brand_id": lot.brand_id,
            "title": lot.description.title,
            "category": lot.description.category,
            "city": lot.description.city,
            "condition": str(lot.manifest.condition),
            "units_per_pack": lot.terms.units_per_pack,
            "free": lot.packs.free,
            "pack_price": price,
            "subsidy": type(price)(subsidy, price.currency) if subsidy else None,
            "metres": metres,
            "best_before": lot.terms.best_before,
            "closes_at": lot.terms.closes_at,
            "published_at": lot.published_at,
            "matched": matched,
            "value": value,
        }


def plainly_matches(term: str, text: str, readings) -> bool:
    """The rule for words once more, letter by letter; ``readings`` are of one character."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    for place in range(len(plain)):
        before = plain[place - 1] if place else " "
        if plain.startswith(term, place) and (_is_han(term[0]) or not _is_wordy(before)):
            return True
        run = plain[place : place + len(term)]
        spelt = zip(term, run, strict=False)
        if len(run) == len(term) and all(_is_han(one) and x in readings(one) for x, one in spelt):
            return True
    return False


def _is_han(character: str) -> bool:
    return unicodedata.name(character, "").startswith("CJK UNIFIED") or character == "\u3007"


def _is_wordy(character: str) -> bool:
    return character.isalnum() and not _is_han(character)


def _this_or_worse(condition):
    scale = list(Condition)
    return {None, *scale[scale.index(condition) :]}


def _is_good_on(best_before, day) -> bool:
    return day is None or best_before is None or best_before >= day


def _matched(lot, terms):
    """The first field of each term, of those that count together up to the text's length."""
    fields = dict(zip(Field, fields_of(listing_of(lot).texts), strict=True))
    for term in terms:
        yield from itertools.islice(
            (Match(term, field) for field, tokens in fields.items() if matches(term, tokens)), 1
        )


def _standing(order):
    if order is Order.NAME:
        return lambda row: (row["value"], row["id"])
    backwards = -1 if order in {Order.NEWEST, Order.RELEVANCE} else 1
    return lambda row: (backwards * row["value"], row["id"])


def _metres(lot, search) -> float:
    place, here = lot.description.place, search.surroundings.place
    if place is None:
        return math.inf
    south, north = math.radians(here.latitude), math.radians(place.latitude)
    east = math.radians(place.longitude) - math.radians(here.longitude)
    across = math.cos(south) * math.cos(north) * math.sin(east / 2) ** 2
    angle = math.asin(min(1.0, math.sqrt(math.sin((north - south) / 2) ** 2 + across)))
    return math.floor(2 * EARTH_METRES * angle)
