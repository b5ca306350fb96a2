"""The offer index of one process, kept in step with the stored offers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from pymongo.change_stream import ChangeStream
from pymongo.errors import NetworkTimeout, PyMongoError

from chassis import memory, metrics
from chassis.kernel.time import Clock
from chassis.logging import logger
from chassis.mongo import Row, database
from services.matching.communities.repositories import COMMUNITIES
from services.matching.offers.adapters.loading import index_of, load_index
from services.matching.offers.adapters.recent import RecentHosts, RecentLots
from services.matching.offers.adapters.snapshots import Origin, Snapshot, Snapshots, origin_of
from services.matching.offers.engine.breakdown import day
from services.matching.offers.engine.facts import HostFacts
from services.matching.offers.engine.index import OfferIndex
from services.matching.offers.engine.listing import Bookmark, page
from services.matching.offers.engine.search import Search
from services.matching.offers.repositories import (
    LOTS,
    SUBSIDIES,
    lot_of,
    subsidy_of,
)
from services.matching.offers.use_cases import (
    Listed,
    Listing,
    Ranked,
    RankingModel,
)
from services.matching.pictures.repositories import PICTURES

FIRST_LOAD_SECONDS = 3.0
RELOAD_PAUSE_SECONDS = 0.5
CATCH_UP_SECONDS = 5.0
NOWHERE = {"_data": ""}
OUT_OF_TURN = timedelta(seconds=1)
MANY_LOTS = 10_000
"""From so many on a whole collection of garbage stops all answers for a tenth of a second."""
LISTEN_MS = 250
"""How long one read of the stream waits at most; a stop is noticed within it."""


class LiveRanking:
    """The ``Ranking`` port over an index in memory that follows a change stream.

    It starts with its first use, so that it may be made before a fork. It opens the
    stream, loads what is stored, then applies every change; a change brings the whole
    document, so that seeing one twice does no harm. On any error of the stream it loads
    anew, and meanwhile answers from what it knew. ``promoted`` reads the model that ranks:
    at every loading, and whenever a document of the collection ``models`` changes. What is
    remembered of ``lots`` and ``hosts`` it has forgotten as they change.

    With ``snapshots`` it starts from the newest one, applies what changed since, and only
    then answers; where there is none, or any doubt about it, it loads. It keeps one a minute.
    """

    def __init__(
        self,
        clock: Clock,
        promoted: Callable[[], RankingModel],
        *,
        models: str,
        search: type[Search] = Search,
        lots: RecentLots,
        hosts: RecentHosts,
        snapshots: Snapshots | None = None,
    ) -> None:
        self._clock, self._promoted, self._models = clock, promoted, models
        self._lots, self._hosts = lots, hosts
        self._search, self._snapshots = search, snapshots
        self._may_be_warm = True
        self._origin: Origin | None = None
        self._model: RankingModel | None = None
        # The sandbox's clock asks the database, which must wait until after a fork.
        self._index: OfferIndex | None = None
        self._lock = threading.Lock()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._loaded = threading.Event()
        self._stopped = threading.Event()

    def model(self) -> RankingModel:
        """The model that ranks; raise ``NetworkTimeout`` while nothing could be read."""
        self._wait()
        with self._lock:
            if self._model is None:
                raise NetworkTimeout("the ranking model could not be read")
            return self._model

    def best(
        self,
        host: HostFacts,
        *,
        model: RankingModel,
        limit: int,
        listed: bool,
        now: datetime,
    ) -> list[Ranked]:
        """The exact best lots of a host's list, or of all that she may have.

        Raise ``NetworkTimeout`` while nothing could be read.
        """
        self._wait()
        with self._lock:
            index = self._at(now, model)
            return [
                Ranked(position, *index.lot(position.lot_id))
                for position in index.top(host, limit, listed=listed)
            ]

    def page(
        self,
        host: HostFacts,
        *,
        model: RankingModel,
        limit: int,
        seed: int,
        after: Bookmark | None,
        now: datetime,
    ) -> Listing:
        """What a host is shown; raise ``NetworkTimeout`` while nothing could be read."""
        self._wait()
        with self._lock:
            index = self._at(now, model)
            shown, more = page(index, host, limit=limit, seed=seed, after=after)
            listed = [Listed(each, *index.lot(each.position.lot_id)) for each in shown]
            drawn_at, until = index.now, index.next_change
        return Listing(after.seed if after else seed, listed, more, drawn_at, until)

    def is_ready(self) -> bool:
        """Whether the offers have been read and are being followed; starts that if need be."""
        self._start()
        return self._loaded.is_set() and self._thread is not None and self._thread.is_alive()

    def close(self) -> None:
        """Stop following; for tests and a clean end."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()
        if self._snapshots is not None:
            self._snapshots.close()

    def __len__(self) -> int:
        return 0 if self._index is None else len(self._index)

    def _wait(self) -> None:
        """Have the offers read, and give the first reading some seconds."""
        self._start()
        self._loaded.wait(FIRST_LOAD_SECONDS)

    def _at(self, now: datetime, model: RankingModel) -> OfferIndex:
        """The index at a moment, by a model, for whoever holds the lock."""
        if self._index is None:
            raise NetworkTimeout("the offers could not be read")
        self._index.advance(_not_back(now, self._index.now))
        # Another model may have been promoted since the host's picture was made with this.
        self._index.weigh(model.weights, model.version)
        return self._index

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="offer-index", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._follow()
            except PyMongoError as error:
                metrics.OFFER_INDEX_RELOADS.inc()
                logger("offers").warning("stream lost, loading anew", error=str(error))
                self._stopped.wait(RELOAD_PAUSE_SECONDS)

    def _follow(self) -> None:
        """Load, then apply changes until stopped; the stream is open before the loading."""
        heard_of = [LOTS, SUBSIDIES, COMMUNITIES, PICTURES, self._models]
        self._origin = self._found_origin()
        kept = self._kept()
        with (
            _changes(heard_of, kept and kept.token) as stream,
            self._lots.memory.followed(),
            self._hosts.memory.followed(),
        ):
            index, is_warm = self._load(kept), kept is not None
            # What changes from here on need not stay in memory as it was.
            kept = None
            if is_warm and not self._catch_up(index, stream):
                return
            self._show(index)
            while not self._stopped.is_set():
                change = stream.try_next()
                if change is not None:
                    self._hear(index, change)
                # A stream whose collection was dropped ends without an error.
                elif not stream.alive:
                    return
                self._keep(index, stream.resume_token)

    def _kept(self) -> Snapshot | None:
        """What to start from, asked once: whoever lost the stream after it loads."""
        if self._snapshots is None or self._origin is None or not self._may_be_warm:
            return None
        self._may_be_warm = False
        return self._snapshots.read(self._origin)

    def _found_origin(self) -> Origin | None:
        """Which collections are followed; None where that is not to be known, nor needed."""
        if self._snapshots is None:
            return None
        try:
            return origin()
        except PyMongoError as error:
            logger("offers").warning("no snapshots", why=str(error)[:200])
            return None

    def _catch_up(self, index: OfferIndex, stream: ChangeStream[Row]) -> bool:
        """Apply what changed until now; False where that would take longer than loading."""
        now = _place_of_now()
        give_up = time.monotonic() + CATCH_UP_SECONDS
        while time.monotonic() < give_up:
            change = stream.try_next()
            if change is not None:
                self._hear(index, change)
            elif not stream.alive or self._stopped.is_set():
                return False
            # Silence alone tells nothing, for the server also falls silent while it still
            # reads; nor does the first of several changes of one moment.
            place = (stream.resume_token or NOWHERE)["_data"][: len(now)]
            if place > now or (place == now and change is None):
                return True
        logger("offers").warning("snapshot not used", why="too much has changed since")
        return False

    def _keep(self, index: OfferIndex, token: Mapping[str, Any] | None) -> None:
        if self._snapshots and self._origin and token and self._snapshots.is_due(token):
            subsidies, lots = index.facts()
            self._snapshots.keep_soon(self._origin, Snapshot(token, subsidies, lots))

    def _hear(self, index: OfferIndex, change: Mapping[str, Any]) -> None:
        name, key = change["ns"]["coll"], change["documentKey"]["_id"]
        if name == self._models:
            self._hear_of_models(index)
        elif name == PICTURES:
            self._hosts.forget(key)
        elif name == COMMUNITIES:
            row = change.get("fullDocument")
            self._hosts.forget(row["host_id"]) if row else self._hosts.memory.forget_all()
        else:
            if name == LOTS:
                self._hear_of_lot(index, key, change.get("fullDocument"))
            else:
                self._hear_of_subsidy(index, key, change.get("fullDocument"))
            metrics.OFFER_INDEX_LOTS.set(len(index))

    def _hear_of_lot(self, index: OfferIndex, lot_id: str, row: Row | None) -> None:
        """One document's news of a lot; one that was deleted leaves the index."""
        lot = lot_of(row) if row else None
        facts = lot.facts() if lot else None
        if lot and facts:
            self._lots.hear_of(lot, facts, day(self._clock()))
        else:
            self._lots.memory.forget(lot_id)
        with self._lock:
            if facts is None:
                index.remove(lot_id)
            else:
                index.put(facts)

    def _hear_of_subsidy(self, index: OfferIndex, offer_id: str, row: Row | None) -> None:
        """One document's news of a subsidy; one closed or deleted leaves the index."""
        with self._lock:
            if row is None or row["closed"]:
                index.remove_subsidy(offer_id)
            else:
                index.put_subsidy(subsidy_of(row).facts())

    def _hear_of_models(self, index: OfferIndex) -> None:
        model = self._promoted()
        with self._lock:
            # The same one stays the same object: hosts are remembered with what is alike by it.
            if model != self._model:
                self._model = model
            index.weigh(model.weights, model.version)

    def _load(self, kept: Snapshot | None) -> OfferIndex:
        model, now = self._promoted(), self._clock()
        with self._lock:
            self._model = model
        if kept is None:
            return load_index(now, model.weights, self._search, hear_of=self._lots.hear_of)
        return index_of(kept.subsidies, kept.lots, now, model.weights, self._search)

    def _show(self, index: OfferIndex) -> None:
        with self._lock:
            self._index = index
        if len(index) >= MANY_LOTS:
            memory.settle()
        metrics.OFFER_INDEX_LOTS.set(len(index))
        self._loaded.set()


def _not_back(now: datetime, reached: datetime) -> datetime:
    """The later of the two, unless the clock was set back.

    Threads come in another order than they have read the clock.
    """
    return reached if timedelta() < reached - now < OUT_OF_TURN else now


def origin() -> Origin:
    """The collections as they are told apart: made anew or restored, they are others."""
    found = database().list_collections(filter={"name": {"$in": [LOTS, SUBSIDIES]}})
    return origin_of({each["name"]: str(each["info"]["uuid"]) for each in found})


def _place_of_now() -> str:
    """How the data of the stream's tokens begins that stand at the last write of all.

    A token is a key whose order is that of time: the octet of its type, then a timestamp.
    """
    now = database().command("ping")["operationTime"]
    return f"82{now.time:08X}{now.inc:08X}"


def _changes(collections: list[str], after: Mapping[str, Any] | None = None) -> ChangeStream[Row]:
    """Every change in these collections, with the whole document as it is now.

    From now on, or after a place in the stream; raise ``OperationFailure`` when the server
    does not know it any more.
    """
    return database().watch(
        [
            {
                "$match": {
                    "ns.coll": {"$in": collections},
                    "operationType": {"$in": ["insert", "update", "replace", "delete"]},
                }
            }
        ],
        resume_after=after,
        full_document="updateLookup",
        max_await_time_ms=LISTEN_MS,
    )
