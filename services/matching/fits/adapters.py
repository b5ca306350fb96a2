"""In which order hosts stood for brands lately, as this process weighed them."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import NamedTuple

from services.matching.fits.use_cases import Lineup

KEPT_FOR = timedelta(minutes=5)
MOST_BRANDS = 50
"""A lineup of a thousand hosts takes 200 kilobytes."""


class _Kept(NamedTuple):
    lineup: Lineup
    until: datetime


class RecentLineups:
    """The ``Lineups`` port: those of the brands that asked last, for five minutes each."""

    def __init__(self, most: int = MOST_BRANDS) -> None:
        self._most = most
        self._known: dict[str, _Kept] = {}
        self._lock = threading.Lock()

    def get(self, brand_id: str, *, now: datetime) -> Lineup | None:
        with self._lock:
            kept = self._known.get(brand_id)
        return kept.lineup if kept and now < kept.until else None

    def keep(self, brand_id: str, lineup: Lineup, *, now: datetime) -> None:
        with self._lock:
            # Taken out first, so that it is the latest again.
            self._known.pop(brand_id, None)
            self._known[brand_id] = _Kept(lineup, now + KEPT_FOR)
            while len(self._known) > self._most:
                del self._known[next(iter(self._known))]
