"""The rules about lots as packed bits, one set a reason, and the places lots may go."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from services.matching.offers.engine.bits import Bits, Rows, Words
from services.matching.offers.engine.facts import ANYWHERE, HostFacts, LotFacts
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
    """Which rows each rule bars. The size of a community is a number and checked later.

    ``now`` is moved by the index; it says which holds stand.
    """

    def __init__(self, capacity: int, now: datetime) -> None:
        self.now = now
        self._capacity = capacity
        self.barred = {reason: Bits(capacity) for reason in LOT_REASONS}
        self._place_codes = {ANYWHERE: 0}
        self._codes_in: dict[str, list[int]] = {}
        self._in_places = [Bits(capacity)]
        self._capped: dict[str, set[int]] = {}
        self._kept, self._shut = Bits(capacity), Bits(capacity)
        self._holders: dict[str, dict[int, datetime]] = {}
        self._open: Words | None = None

    def grow(self, capacity: int) -> None:
        """Make room for more rows."""
        self._capacity = capacity
        self._open = None
        for bits in (*self.barred.values(), *self._in_places, self._kept, self._shut):
            bits.grow(capacity)

    def place_code(self, places: frozenset[str]) -> int:
        """The small number of these places, 0 for anywhere; new ones get a set of their own."""
        code = self._place_codes.get(places)
        if code is None:
            code = self._place_codes[places] = len(self._in_places)
            self._in_places.append(Bits(self._capacity))
            for city in places:
                self._codes_in.setdefault(city, []).append(code)
        return code

    def reach_by_place(self, host: HostFacts) -> NDArray[np.int64]:
        """By code, the people of her largest community that lots for those places may go to."""
        reach = np.zeros(len(self._in_places), np.int64)
        reach[0] = host.largest
        for city, size in host.reach.items():
            for code in self._codes_in.get(city, ()):
                reach[code] = max(reach[code], size)
        return reach

    def enter(self, row: int, lot: LotFacts, reasons: Collection[Reason | None]) -> None:
        """Set the bits of a lot that only these of the reasons bar, and who holds packs of it."""
        self._in_places[self.place_code(lot.places)].put(row, present=True)
        for reason, bits in self.barred.items():
            bits.put(row, present=reason in reasons)
        self._count(row, lot)

    def recount(self, row: int, known: LotFacts, lot: LotFacts) -> None:
        """Set the bits of a lot of which only packs have moved since it was known."""
        self._forget_hosts(row, known)
        self.barred[Reason.SOLD_OUT].put(row, present=lot.packs_free <= 0)
        self._count(row, lot)

    def enter_all(self, lots: Sequence[LotFacts], codes: Rows) -> None:
        """Enter lots whose places have these codes, into rows from the first on without bits.

        Bits that hang on time or on a subsidy are the index's to set.
        """
        sold_out = [row for row, lot in enumerate(lots) if lot.packs_free <= 0]
        self.barred[Reason.SOLD_OUT].put_many(np.array(sold_out, np.intp), present=True)
        in_order = np.argsort(codes, kind="stable")
        ends = np.searchsorted(codes[in_order], np.arange(1, len(self._in_places)))
        for bits, rows in zip(self._in_places, np.split(in_order, ends), strict=True):
            bits.put_many(rows, present=True)
        for row, lot in enumerate(lots):
            if lot.held or lot.capped_hosts:
                self._note_hosts(row, lot)
        self._open = None

    def _count(self, row: int, lot: LotFacts) -> None:
        self._kept.put(row, present=self._is_ahead(lot.all_kept_until))
        self._shut.put(row, present=self._is_ahead(lot.shut_until))
        self._note_hosts(row, lot)
        self._open = None

    def _note_hosts(self, row: int, lot: LotFacts) -> None:
        for held in lot.held:
            rows = self._holders.setdefault(held.host_id, {})
            rows[row] = max(held.until, rows.get(row, held.until))
        for host_id in lot.capped_hosts:
            self._capped.setdefault(host_id, set()).add(row)

    def leave(self, row: int, lot: LotFacts) -> None:
        """Take the row out of every place and from every capped host: no host sees it."""
        self._in_places[self.place_code(lot.places)].put(row, present=False)
        self._forget_hosts(row, lot)

    def _forget_hosts(self, row: int, lot: LotFacts) -> None:
        for host_id in lot.capped_hosts:
            rows = self._capped[host_id]
            rows.remove(row)
            if not rows:
                del self._capped[host_id]
        for host_id in {held.host_id for held in lot.held}:
            held_rows = self._holders[host_id]
            del held_rows[row]
            if not held_rows:
                del self._holders[host_id]

    def set_subsidy_reason(self, rows: Rows, reason: Reason | None) -> None:
        """Bar rows for the reason their brand gives no subsidy, or for none."""
        for each in SUBSIDY_REASONS:
            self.barred[each].put_many(rows, present=each is reason)
        self._open = None

    def set_expired(self, members: NDArray[np.bool_]) -> None:
        """Say of every row at once whether its lot has run out of time."""
        self.barred[Reason.LOT_EXPIRED].replace(members)
        self._open = None

    def set_kept(self, kept: NDArray[np.bool_], shut: NDArray[np.bool_]) -> None:
        """Say of every row at once whether it has nothing for hosts with a record, or for all.

        For all but those for whom packs of it are held.
        """
        self._kept.replace(kept)
        self._shut.replace(shut)

    def next_end_of_hold(self) -> datetime | None:
        """When the next hold ends that is known; None without one."""
        held = (until for rows in self._holders.values() for until in rows.values())
        return min((until for until in held if until > self.now), default=None)

    def passing(self, host: HostFacts) -> Words:
        """The rows no rule bars for this host, her communities' sizes apart."""
        allowed = self._somewhere(host.reach)
        np.bitwise_and(allowed, self._open_to_all(), out=allowed)
        held = [row for row in self.held_for(host) if int(allowed[row >> 6]) >> (row & 63) & 1]
        taken = self._kept if host.has_record else self._shut
        np.bitwise_and(allowed, ~taken.words, out=allowed)
        for row in held:
            allowed[row >> 6] |= np.uint64(1 << (row & 63))
        for row in self._capped.get(host.host_id, ()):
            allowed[row >> 6] &= ~np.uint64(1 << (row & 63))
        return allowed

    def held_for(self, host: HostFacts) -> list[int]:
        """The rows of which packs are held for her."""
        rows = self._holders.get(host.host_id, {})
        return [row for row, until in rows.items() if self.now < until]

    def _is_ahead(self, until: datetime | None) -> bool:
        return until is not None and self.now < until

    def _somewhere(self, cities: Iterable[str]) -> Words:
        """The rows of lots that may go anywhere, or to one of these cities."""
        allowed = self._in_places[0].words.copy()
        for code in {code for city in cities for code in self._codes_in.get(city, ())}:
            np.bitwise_or(allowed, self._in_places[code].words, out=allowed)
        return allowed

    def _open_to_all(self) -> Words:
        """The rows no rule bars for everyone, worked out once after each change."""
        if self._open is None:
            self._open = ~np.bitwise_or.reduce([bits.words for bits in self.barred.values()])
        return self._open
