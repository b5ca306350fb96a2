"""Reads for lists of models, and of what hosts were shown and claimed."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, Protocol

import numpy as np

from chassis.mongo import Row, collection
from services.matching.exposures.repositories import EXPOSURES
from services.matching.models.documents import MODELS
from services.matching.models.domain import BUILT_IN, IN_TIME, Model, is_held_out
from services.matching.models.engine.shown import ShownRows
from services.matching.models.repositories import to_model
from services.matching.offers.engine.breakdown import Term
from services.matching.offers.engine.kinships import NONE_KINDRED, Kindred, Kinships
from services.matching.offers.engine.points import DEFAULT, MILLION, Weights
from services.matching.pictures.domain import Claimed
from services.matching.pictures.queries import (
    CLAIMED,
    GOODS,
    Kind,
    claimed_of,
    kinds_of,
    lots_of,
)
from services.matching.pictures.use_cases import MOST_CLAIMS

_AT_ONCE = 500
_PARTS = ("lot_id", "place", "terms", "explored")
_FIELDS = {"host_id": 1, "at": 1, "model": 1} | {f"shown.{part}": 1 for part in _PARTS}
_ALL_KINDRED = DEFAULT._replace(kindred=MILLION)
_NO_KIND = "", ""


class _History(NamedTuple):
    """What hosts claimed, and of what kind it and what they were shown is.

    ``claims`` are by host and lot, ``lots`` by host, with when each was claimed, in order.
    """

    claims: Mapping[tuple[str, str], Sequence[datetime]]
    lots: Mapping[str, Sequence[tuple[datetime, str]]]
    kinds: Mapping[str, Kind]

    def lots_before(self, host_id: str, at: datetime) -> Iterable[str]:
        """The lots that a host had claimed before a moment, the latest claims of them."""
        claimed = self.lots.get(host_id, ())
        end = bisect_left(claimed, (at, ""))
        return (lot_id for _, lot_id in claimed[max(0, end - MOST_CLAIMS) : end])


class ModelLists(Protocol):
    """What can be listed of models."""

    def latest(self, *, before: str | None, limit: int) -> list[Model]:
        """Models, latest first, without what is alike by them; the built-in one is the last."""
        ...


class MongoModelLists:
    """The ``ModelLists`` port over the ``ranking_models`` collection."""

    def latest(self, *, before: str | None, limit: int) -> list[Model]:
        wanted = {} if before is None else {"_id": {"$lt": before}}
        found = collection(MODELS).find(wanted, {"kinships": 0}).sort("_id", -1).limit(limit)
        models = [to_model(row) for row in found]
        if len(models) < limit and (before is None or before > BUILT_IN.id):
            # It is stored only once another was promoted.
            models += [BUILT_IN] if not models or models[-1].id != BUILT_IN.id else []
        return models


class MongoExposureLog:
    """The ``ExposureLog`` port over the ``exposures`` and ``claims`` collections."""

    def read(
        self,
        since: datetime,
        until: datetime,
        *,
        weights: Mapping[str, Weights],
        kinships: Callable[[str], Kinships],
        held_out: bool,
        most: int,
    ) -> ShownRows:
        """Read pages in portions; a claim counts that was made in time and confirmed."""
        table, pages = _Table(weights, cache(kinships)), 0
        ranked = {"model": {"$in": list(weights)}} | _within(since, until)
        for portion in _portions(_latest(ranked)):
            mine = [page for page in portion if is_held_out(page["host_id"]) is held_out]
            mine = mine[: most - pages]
            history = _history(mine)
            for page in mine:
                table.add(page, history)
            pages += len(mine)
            if pages >= most:
                break
        return table.shown()

    def claimed(self, *, most: int) -> Mapping[str, Claimed]:
        wanted = {"status": {"$in": CLAIMED}}
        found = collection("claims").find(wanted, GOODS | {"host_id": 1})
        lots: defaultdict[str, list[str]] = defaultdict(list)
        for row in found.sort("_id", -1).limit(most):
            if not is_held_out(row["host_id"]):
                lots[row["host_id"]] += lots_of(row)
        kinds = kinds_of({lot_id for each in lots.values() for lot_id in each})
        return {
            host_id: claimed_of(kinds[lot_id] for lot_id in each if lot_id in kinds)
            for host_id, each in lots.items()
        }

    def unread(self, since: datetime, until: datetime, *, versions: Collection[str]) -> int:
        others = {"model": {"$nin": list(versions)}} | _within(since, until)
        return collection(EXPOSURES).count_documents(others)


class _Table:
    """The columns of ``ShownRows`` as they grow: numbers only, for there are many."""

    def __init__(
        self, weights: Mapping[str, Weights], kinships: Callable[[str], Kinships]
    ) -> None:
        self._weights, self._kinships = weights, kinships
        self._hosts: dict[str, int] = {}
        self._pages = 0
        # Host, page, place, explored and claimed of each row, one after another.
        self._whole, self._shares, self._demand = array("q"), array("d"), array("d")
        self._kindred_then = array("d")

    def add(self, page: Row, history: _History) -> None:
        """Add the rows of a page; a term that is not told counts as none of it."""
        host = self._hosts.setdefault(page["host_id"], len(self._hosts))
        weights = self._weights[page["model"]]._asdict()
        kindred = self._kindred(page, history)
        for lot in page["shown"]:
            times = history.claims.get((page["host_id"], lot["lot_id"]), ())
            claimed, terms = _in_time(times, page["at"]), lot["terms"]
            self._whole.extend((host, self._pages, lot["place"], lot["explored"], claimed))
            self._demand.append(terms.get(Term.DEMAND.value, 0) / MILLION)
            *shares, then = (
                terms.get(term, 0) / most if most else 0.0 for term, most in weights.items()
            )
            worth = sum(kindred.of(*history.kinds.get(lot["lot_id"], _NO_KIND)))
            self._shares.extend((*shares, min(1.0, worth / MILLION)))
            self._kindred_then.append(then)
        self._pages += 1

    def _kindred(self, page: Row, history: _History) -> Kindred:
        """What was kindred to the host of a page when she saw it, in millionths of the most."""
        kinships = self._kinships(page["host_id"])
        if not kinships:
            return NONE_KINDRED
        earlier = history.lots_before(page["host_id"], page["at"])
        kinds = (history.kinds[lot_id] for lot_id in earlier if lot_id in history.kinds)
        return kinships.kindred(*claimed_of(kinds), _ALL_KINDRED)

    def shown(self) -> ShownRows:
        """All of them."""
        host, page, place, explored, claimed = np.array(self._whole, np.int64).reshape(-1, 5).T
        shares = np.array(self._shares, np.float64).reshape(-1, len(Weights._fields))
        flags = explored.astype(bool), claimed.astype(bool)
        others = np.array(self._demand, np.float64), np.array(self._kindred_then, np.float64)
        return ShownRows(host, page, place, shares, *flags, *others)


def _within(since: datetime, until: datetime) -> Row:
    return {"at": {"$gte": since, "$lt": until}}


def _latest(wanted: Row) -> Iterable[Row]:
    return collection(EXPOSURES).find(wanted, _FIELDS).sort("at", -1).batch_size(_AT_ONCE)


def _portions(pages: Iterable[Row]) -> Iterator[list[Row]]:
    portion: list[Row] = []
    for page in pages:
        portion.append(page)
        if len(portion) == _AT_ONCE:
            yield portion
            portion = []
    if portion:
        yield portion


def _history(pages: Sequence[Row]) -> _History:
    """What the hosts of these pages claimed until the time of the latest page is over."""
    hosts = sorted({page["host_id"] for page in pages})
    if not hosts:
        return _History({}, {}, {})
    last = max(page["at"] for page in pages) + IN_TIME
    wanted: dict[str, Any] = {"host_id": {"$in": hosts}, "status": {"$in": CLAIMED}}
    wanted["requested_at"] = {"$lte": last}
    fields = GOODS | {"host_id": 1, "requested_at": 1}
    claims: defaultdict[tuple[str, str], list[datetime]] = defaultdict(list)
    lots: defaultdict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for claim in collection("claims").find(wanted, fields).sort("requested_at", 1):
        host_id, at = claim["host_id"], claim["requested_at"]
        for lot_id in lots_of(claim):
            claims[host_id, lot_id].append(at)
            lots[host_id].append((at, lot_id))
    shown = {lot["lot_id"] for page in pages for lot in page["shown"]}
    return _History(claims, lots, kinds_of(shown | {lot_id for _, lot_id in claims}))


def _in_time(claimed: Sequence[datetime], shown: datetime) -> bool:
    """Whether any claim came after the page, and soon enough."""
    place = bisect_left(claimed, shown)
    return place < len(claimed) and claimed[place] - shown <= IN_TIME
