"""Seal the days of the log, one after the other, each once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from chassis.kernel.decisions import Decision
from chassis.kernel.errors import Conflict
from services.payments.ledger.domain.times import from_milliseconds
from services.payments.ledger.engine.accounts import Accounts
from services.payments.ledger.engine.segments import Segment, check_link, genesis
from services.payments.ledger.use_cases import Log
from services.payments.proofs.domain import (
    GRACE,
    Balance,
    SealedDay,
    balances_by_kind,
    day_of,
    end_of,
)
from services.payments.proofs.engine.leaves import contents, hashed
from services.payments.proofs.engine.tree import leaf_hash, root_of

Sign = Callable[[bytes], str]
"""Signs the payload of a day; the same payload and key, the same token."""


class Days(Protocol):
    """The sealed days of one market."""

    def last(self) -> SealedDay | None:
        """The latest, if there is any."""
        ...

    def add(self, decision: Decision[SealedDay]) -> None:
        """Keep a day for ever, with its fact; raise ``Conflict`` when it is there already."""
        ...


class DaySealer:
    """Follows the log and seals each day that is over.

    A day is over when the log goes on in a later one, or a while after midnight. All it
    knows is told by the log and the days already sealed, so that it may stop at any moment
    and be started anywhere; of two at once one is second and starts again. Raises
    ``ChainBroken`` rather than seal a log that does not hold together.
    """

    def __init__(self, market: str, zone: ZoneInfo, log: Log, days: Days, sign: Sign) -> None:
        self._market, self._zone = market, zone
        self._log, self._days, self._sign = log, days, sign
        self._open: _OpenDay | None = None

    def run(self, now: datetime) -> int:
        """Seal every day that is over; answer how many those were."""
        try:
            return self._run(now)
        except BaseException:
            # What was taken in may not be what is stored: begin again from what is.
            self._open = None
            raise

    def _run(self, now: datetime) -> int:
        sealed = 0
        day = self._open or self._resumed()
        self._open = day
        for segment in self._log.since(day.end):
            check_link(segment, sequence=day.end, previous=day.head)
            reached = day_of(from_milliseconds(segment.at), self._zone)
            sealed += self._seal_before(day, reached, now)
            day.take_in(segment, reached)
        if day.date is not None:
            sealed += self._seal_before(day, day_of(now - GRACE, self._zone), now)
        return sealed

    def _seal_before(self, day: _OpenDay, reached: date, now: datetime) -> int:
        """Seal the open day, and those without entries after it, up to ``reached``."""
        count = 0
        while day.date is not None and day.date < reached:
            found = day.sealed(self._market, self._zone)
            at = max(end_of(day.date, self._zone), now)
            try:
                self._days.add(found.sealed(self._sign(found.payload()), at=at))
            except Conflict:
                # Another was first. Whatever it sealed is the truth from now on.
                self._open = None
                return count
            day.next()
            count += 1
        return count

    def _resumed(self) -> _OpenDay:
        """What the log says up to the end of the last sealed day."""
        last = self._days.last()
        day = _OpenDay(genesis(self._market))
        if last is None:
            return day
        for segment in self._log.since(0):
            if segment.sequence == last.end:
                break
            check_link(segment, sequence=day.end, previous=day.head)
            day.pass_over(segment)
        day.date = last.day
        day.next()
        return day


class _OpenDay:
    """The state of the books where the log was read to, and the roots of the day so far."""

    def __init__(self, head: bytes) -> None:
        self.head = head
        self.date: date | None = None
        self.first = self.end = self.entries = 0
        self.roots: list[bytes] = []
        self._accounts = Accounts()
        self._words = [""]

    def pass_over(self, segment: Segment) -> None:
        """Take in a segment of a day that is sealed."""
        self._accounts.open(segment.accounts)
        self._accounts.move(segment.entries)
        self._words.extend(segment.words)
        self.end, self.head = segment.sequence + 1, segment.hash

    def take_in(self, segment: Segment, reached: date) -> None:
        """Take in a segment of the open day, or of the very first one."""
        self.date = self.date or reached
        self.pass_over(segment)
        self.entries += segment.entry_count
        self.roots.append(
            root_of(map(hashed, contents(segment, self._accounts.names, self._words)))
        )

    def next(self) -> None:
        """Begin the day after."""
        if self.date is not None:
            self.date += timedelta(days=1)
        self.first, self.entries, self.roots = self.end, 0, []

    def sealed(self, market: str, zone: ZoneInfo) -> SealedDay:
        """The day as it is now, not yet signed."""
        if self.date is None:
            raise ValueError("the log has no day yet")
        return SealedDay(
            market=market,
            day=self.date,
            zone=zone.key,
            first=self.first,
            end=self.end,
            entries=self.entries,
            root=root_of(map(leaf_hash, self.roots)),
            head=self.head,
            balances=self._balances(),
            segment_roots=tuple(self.roots),
        )

    def _balances(self) -> tuple[Balance, ...]:
        names, posted = self._accounts.names, self._accounts.posted.tolist()
        return balances_by_kind(
            (path, currency, minor) for (path, currency), minor in zip(names, posted, strict=False)
        )
