"""Lots and hosts that were read lately, as long as somebody follows their changes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from services.matching.communities.use_cases import Communities
from services.matching.offers.domain import OfferedLot
from services.matching.offers.engine.facts import LotFacts
from services.matching.offers.engine.untried import is_untried
from services.matching.offers.repositories import MongoOfferBook
from services.matching.offers.use_cases import KnownHost
from services.matching.pictures.use_cases import Pictures

Value = TypeVar("Value")

MOST_REMEMBERED, MOST_LOTS = 4_000, 6_000
"""A lot takes three kilobytes."""


class Remembered(Generic[Value]):
    """What was read lately, by id; what is not known is read with ``read``.

    Only while somebody follows the changes and says what to forget: otherwise everything is
    read. What was read while anything was forgotten is not kept, for it may be of before that.
    """

    def __init__(
        self,
        read: Callable[[Collection[str]], dict[str, Value]],
        most: int = MOST_REMEMBERED,
    ) -> None:
        self._read, self._most = read, most
        self._known: dict[str, Value] = {}
        self._forgotten = 0
        self._is_followed = False
        self._lock = threading.Lock()

    def these(self, ids: Collection[str]) -> dict[str, Value]:
        """Those of them that there are, by id."""
        with self._lock:
            known = {each: self._known[each] for each in ids if each in self._known}
            forgotten = self._forgotten
        if len(known) == len(ids):
            return known
        read = self._read([each for each in ids if each not in known])
        with self._lock:
            if self._is_followed and forgotten == self._forgotten:
                self._known |= read
            self._forget_the_oldest()
        return known | read

    def learn(self, key: str, value: Value) -> None:
        """Know this one as it is now: it need not be read."""
        with self._lock:
            self._forgotten += 1
            if self._is_followed:
                self._known[key] = value
                self._forget_the_oldest()

    def forget(self, key: str) -> None:
        """Have this one read anew."""
        with self._lock:
            self._forgotten += 1
            self._known.pop(key, None)

    def forget_all(self) -> None:
        """Have everything read anew."""
        with self._lock:
            self._forgotten += 1
            self._known.clear()

    def _forget_the_oldest(self) -> None:
        while len(self._known) > self._most:
            del self._known[next(iter(self._known))]

    @contextmanager
    def followed(self) -> Iterator[None]:
        """Remember as long as the caller follows the changes, and nothing of before or after."""
        self.forget_all()
        self._is_followed = True
        try:
            yield
        finally:
            self._is_followed = False
            self.forget_all()


class RecentLots(MongoOfferBook):
    """The ``OfferBook`` port; lots that were listed lately are not read again.

    Nor are untried ones that were heard of: lists draw another one each time.
    """

    def __init__(self) -> None:
        self.memory = Remembered[OfferedLot](self._read, MOST_LOTS)

    def hear_of(self, lot: OfferedLot, facts: LotFacts, today: int) -> None:
        """Know a lot as it is now."""
        if is_untried(facts, today):
            self.memory.learn(lot.id, lot)
        else:
            self.memory.forget(lot.id)

    def lots(self, lot_ids: Collection[str]) -> dict[str, OfferedLot]:
        return self.memory.these(lot_ids)

    def _read(self, lot_ids: Collection[str]) -> dict[str, OfferedLot]:
        return super().lots(lot_ids)


class RecentHosts:
    """The ``Hosts`` port; hosts who asked lately are not read again.

    Whoever writes a community in this process says at once to ``forget`` its host.
    """

    def __init__(self, communities: Communities, pictures: Pictures) -> None:
        self._communities, self._pictures = communities, pictures
        self.memory = Remembered[KnownHost](self._known)

    def known(self, host_id: str) -> KnownHost:
        return self.memory.these([host_id])[host_id]

    def forget(self, host_id: str) -> None:
        """Have this host read anew."""
        self.memory.forget(host_id)

    def _known(self, host_ids: Collection[str]) -> dict[str, KnownHost]:
        return {
            each: KnownHost(
                each,
                tuple(self._communities.of_host(each)),
                self._pictures.conduct_of(each),
            )
            for each in host_ids
        }
