"""Reads for lists of models, and of what hosts were shown and claimed."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import numpy as np

from chassis.mongo import Row, collection
from services.matching.claims.domain import Status
from services.matching.exposures.repositories import EXPOSURES
from services.matching.models.documents import MODELS
from services.matching.models.domain import BUILT_IN, IN_TIME, Model, is_held_out
from services.matching.models.engine.shown import Shown
from services.matching.models.repositories import to_model
from services.matching.offers.engine.breakdown import Term
from services.matching.offers.engine.points import MILLION, Weights

_AT_ONCE = 500
_PARTS = ("lot_id", "place", "terms", "explored")
_FIELDS = {"host_id": 1, "at": 1, "model": 1} | {f"shown.{part}": 1 for part in _PARTS}
_COUNT = [Status.CONFIRMED.value, Status.SETTLED.value]
_Claims = Mapping[tuple[str, str], Sequence[datetime]]


class ModelLists(Protocol):
    """What can be listed of models."""

    def latest(self, *, before: str | None, limit: int) -> list[Model]:
        """Models, latest first; the built-in one is the last."""
        ...


class MongoModelLists:
    """The ``ModelLists`` port over the ``ranking_models`` collection."""

    def latest(self, *, before: str | None, limit: int) -> list[Model]:
        wanted = {} if before is None else {"_id": {"$lt": before}}
        found = collection(MODELS).find(wanted).sort("_id", -1).limit(limit)
        models = [to_model(row) for row in found]
        if len(models) < limit and (before is None or before > BUILT_IN.id):
            # It is stored only once another was promoted.
            models += [BUILT_IN] if not models or models[-1].id != BUILT_IN.id else []
        return models


class MongoExposures:
    """The ``Exposures`` port over the ``exposures`` and ``claims`` collections."""

    def read(
        self,
        since: datetime,
        until: datetime,
        *,
        weights: Mapping[str, Weights],
        held_out: bool,
        most: int,
    ) -> Shown:
        """Read pages in portions; a claim counts that was made in time and confirmed."""
        table, pages = _Table(weights), 0
        ranked = {"model": {"$in": list(weights)}} | _within(since, until)
        for portion in _portions(_latest(ranked)):
            mine = [page for page in portion if is_held_out(page["host_id"]) is held_out]
            mine = mine[: most - pages]
            claims = _claims(mine)
            for page in mine:
                table.add(page, claims)
            pages += len(mine)
            if pages >= most:
                break
        return table.shown()

    def unread(self, since: datetime, until: datetime, *, versions: Collection[str]) -> int:
        others = {"model": {"$nin": list(versions)}} | _within(since, until)
        return collection(EXPOSURES).count_documents(others)


class _Table:
    """The columns of ``Shown`` as they grow: numbers only, for there are many."""

    def __init__(self, weights: Mapping[str, Weights]) -> None:
        self._weights = weights
        self._hosts: dict[str, int] = {}
        self._pages = 0
        # Host, page, place, explored and claimed of each row, one after another.
        self._whole, self._shares, self._demand = array("q"), array("d"), array("d")

    def add(self, page: Row, claims: _Claims) -> None:
        """Add the rows of a page; a term that is not told counts as none of it."""
        host = self._hosts.setdefault(page["host_id"], len(self._hosts))
        weights = self._weights[page["model"]]._asdict()
        for lot in page["shown"]:
            times = claims.get((page["host_id"], lot["lot_id"]), ())
            claimed, terms = _in_time(times, page["at"]), lot["terms"]
            self._whole.extend((host, self._pages, lot["place"], lot["explored"], claimed))
            self._demand.append(terms.get(Term.DEMAND.value, 0) / MILLION)
            self._shares.extend(
                terms.get(term, 0) / most if most else 0.0 for term, most in weights.items()
            )
        self._pages += 1

    def shown(self) -> Shown:
        """All of them."""
        host, page, place, explored, claimed = np.array(self._whole, np.int64).reshape(-1, 5).T
        shares = np.array(self._shares, np.float64).reshape(-1, len(Weights._fields))
        flags = explored.astype(bool), claimed.astype(bool)
        return Shown(host, page, place, shares, *flags, np.array(self._demand, np.float64))


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


def _claims(pages: Sequence[Row]) -> _Claims:
    """When the hosts of these pages claimed each lot, in order.

    Claims of before there were kits are older than any page, and are left out.
    """
    hosts = sorted({page["host_id"] for page in pages})
    if not hosts:
        return {}
    times = [page["at"] for page in pages]
    wanted: dict[str, Any] = {"host_id": {"$in": hosts}, "status": {"$in": _COUNT}}
    wanted["requested_at"] = {"$gte": min(times), "$lte": max(times) + IN_TIME}
    fields = {"host_id": 1, "goods.lot_id": 1, "requested_at": 1}
    found: defaultdict[tuple[str, str], list[datetime]] = defaultdict(list)
    for claim in collection("claims").find(wanted, fields).sort("requested_at", 1):
        for goods in claim.get("goods", ()):
            found[claim["host_id"], goods["lot_id"]].append(claim["requested_at"])
    return found


def _in_time(claimed: Sequence[datetime], shown: datetime) -> bool:
    """Whether any claim came after the page, and soon enough."""
    place = bisect_left(claimed, shown)
    return place < len(claimed) and claimed[place] - shown <= IN_TIME
