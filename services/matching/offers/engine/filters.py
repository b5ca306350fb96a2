"""The rules about lots as packed bits, one set a reason, and the places lots may go."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np
from numpy.typing import NDArray

from services.matching.offers.engine.bits import Bits, Rows, Words
from services.matching.offers.engine.facts import NATIONAL, HostFacts, LotFacts
from services.matching.offers.engine.rules import Reason

LOT_REASONS = (
    Reason.LOT_EXPIRED,
    Reason.SOLD_OUT,
    Reason.OFFER_NOT_OPEN,
    Reason.SUBSIDY_EXHAUSTED,
)
"""The reasons that hold for every host alike. Closed lots are not in the index."""

SUBSIDY_REASONS = (Reason.OFFER_NOT_OPEN, Reason.SUBSIDY_EXHAUSTED)


class Filters:
    """Which rows each rule bars. The size of a community is a number and checked later."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self.barred = {reason: Bits(capacity) for reason in LOT_REASONS}
        self.city_codes = {NATIONAL: 0}
        self._in_city = [Bits(capacity)]
        self._capped: dict[str, set[int]] = {}
        self._open: Words | None = None

    def grow(self, capacity: int) -> None:
        """Make room for more rows."""
        self._capacity = capacity
        self._open = None
        for bits in (*self.barred.values(), *self._in_city):
            bits.grow(capacity)

    def city_code(self, city: str) -> int:
        """The small number of a city, 0 for national; a new one gets a set of its own."""
        code = self.city_codes.get(city)
        if code is None:
            code = self.city_codes[city] = len(self._in_city)
            self._in_city.append(Bits(self._capacity))
        return code

    def enter(self, row: int, lot: LotFacts, reasons: Collection[Reason | None]) -> None:
        """Set the bits of a lot that only these of the reasons bar."""
        self._in_city[self.city_code(lot.city)].put(row, present=True)
        for reason, bits in self.barred.items():
            bits.put(row, present=reason in reasons)
        self._open = None
        for host_id in lot.capped_hosts:
            self._capped.setdefault(host_id, set()).add(row)

    def leave(self, row: int, lot: LotFacts) -> None:
        """Take the row out of every city and from every capped host: no host sees it."""
        self._in_city[self.city_code(lot.city)].put(row, present=False)
        for host_id in lot.capped_hosts:
            rows = self._capped[host_id]
            rows.remove(row)
            if not rows:
                del self._capped[host_id]

    def set_subsidy_reason(self, rows: Rows, reason: Reason | None) -> None:
        """Bar rows for the reason their brand gives no subsidy, or for none."""
        for each in SUBSIDY_REASONS:
            self.barred[each].put_many(rows, present=each is reason)
        self._open = None

    def set_expired(self, members: NDArray[np.bool_]) -> None:
        """Say of every row at once whether its lot has run out of time."""
        self.barred[Reason.LOT_EXPIRED].replace(members)
        self._open = None

    def passing(self, host: HostFacts) -> Words:
        """The rows no rule bars for this host, her communities' sizes apart."""
        allowed = self._somewhere(host.reach)
        np.bitwise_and(allowed, self._open_to_all(), out=allowed)
        for row in self._capped.get(host.host_id, ()):
            allowed[row >> 6] &= ~np.uint64(1 << (row & 63))
        return allowed

    def _somewhere(self, cities: Iterable[str]) -> Words:
        """The rows of national lots and of lots bound to one of these cities."""
        allowed = self._in_city[0].words.copy()
        for city in cities:
            code = self.city_codes.get(city)
            if code is not None:
                np.bitwise_or(allowed, self._in_city[code].words, out=allowed)
        return allowed

    def _open_to_all(self) -> Words:
        """The rows no rule bars for everyone, worked out once after each change."""
        if self._open is None:
            self._open = ~np.bitwise_or.reduce([bits.words for bits in self.barred.values()])
        return self._open
