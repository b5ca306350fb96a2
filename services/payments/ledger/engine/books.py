"""The state that the log adds up to: balances, holds, reversals, known ids, the head."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable

import numpy as np

from services.payments.ledger.engine.accounts import Accounts, Words, check_numbers
from services.payments.ledger.engine.columns import U64, Entries, Kind, wide
from services.payments.ledger.engine.holds import Holds
from services.payments.ledger.engine.identity import IdIndex, Place
from services.payments.ledger.engine.reading import Entry, entries_at, entry_at
from services.payments.ledger.engine.reversals import Original, Reversals
from services.payments.ledger.engine.segments import (
    ChainBroken,
    Segment,
    check_link,
    digest,
    genesis,
)

SHELF = 32  # segments; what is repeated is mostly recent


class Books:
    """The books of one market, up to ``next_sequence`` exclusive.

    Only ``apply`` changes them, and it takes sealed segments only: what is in memory is
    always what the log says. ``read`` fetches an older segment by its sequence. Not safe
    for several threads.
    """

    def __init__(self, market: str, read: Callable[[int], Segment]) -> None:
        self.market = market
        self.next_sequence = 0
        self.head = genesis(market)
        self.at = 0
        self.closed_until = 0  # milliseconds; what takes effect earlier comes too late
        self.entry_count = 0
        self.accounts = Accounts()
        self.words = Words()
        self.holds = Holds()
        self.reversals = Reversals()
        self.ids = IdIndex(self._ids_of)
        self._fetch = read
        self._shelf: OrderedDict[int, Segment] = OrderedDict()

    def apply(self, segment: Segment) -> None:
        """Take in the next segment; raise ``ChainBroken`` when it is not that.

        After a raise the books are of no more use.
        """
        check_link(segment, sequence=self.next_sequence, previous=self.head)
        entries = segment.entries
        try:
            self.accounts.open(segment.accounts)
            self.accounts.move(entries)
            if entries.kind.any():
                self._take_in_more(entries, segment.at)
            self.words.learn(segment.words)
            check_numbers(entries.code, len(self.words))
            check_numbers(entries.reference_prefix, len(self.words))
        except (ValueError, KeyError, IndexError) as impossible:
            raise ChainBroken(f"segment {segment.sequence}: {impossible}") from impossible
        self.ids.remember(segment.sequence, entries.id_high, entries.id_low)
        self.next_sequence += 1
        self.head = segment.hash
        self.at = segment.at
        self.entry_count += len(entries)
        self._keep(segment)

    def read(self, sequence: int) -> Segment:
        """A segment of the log, kept at hand for a while; raise ``ChainBroken`` if changed."""
        segment = self._shelf.get(sequence)
        if segment is None:
            segment = self._fetch(sequence)
            if digest(segment) != segment.hash:
                raise ChainBroken(f"segment {sequence} is not what was sealed")
            self._keep(segment)
        return segment

    def entry(self, place: Place) -> Entry:
        """The entry at this place of the log."""
        return entry_at(self.read(place.segment).entries, place.index)

    def entries(self, places: Iterable[Place]) -> dict[Place, Entry]:
        """The entries at these places, each segment read once."""
        indexes: defaultdict[int, list[int]] = defaultdict(list)
        for place in places:
            indexes[place.segment].append(place.index)
        return {
            Place(sequence, index): entry
            for sequence, wanted in indexes.items()
            for index, entry in entries_at(self.read(sequence).entries, wanted).items()
        }

    def find(self, number: int) -> Entry | None:
        """The entry of this id, if the log has it."""
        place = self.ids.find_one(number)
        return None if place is None else self.entry(place)

    def originals(self, entries: Entries) -> dict[int, Original]:
        """What the reversals among the entries name, as far as the log has it."""
        if not (entries.kind == Kind.REVERSE).any():
            return {}
        named = np.flatnonzero(entries.kind[entries.naming()] == Kind.REVERSE)
        high, low = entries.pending_high[named], entries.pending_low[named]
        numbers = wide(high, low)
        return {
            numbers[position]: self.reversals.original(self.entry(place))
            for position, place in self.ids.find(high, low).items()
        }

    def _take_in_more(self, entries: Entries, at: int) -> None:
        self.accounts.promise(*self.holds.take_in(entries, at=at))
        self.reversals.take_in(entries)
        self.accounts.limit(entries)
        closed = entries.effective_at[entries.kind == Kind.CLOSE]
        if len(closed):
            self.closed_until = int(closed.max())

    def _keep(self, segment: Segment) -> None:
        self._shelf[segment.sequence] = segment
        if len(self._shelf) > SHELF:
            self._shelf.popitem(last=False)

    def _ids_of(self, sequence: int) -> tuple[U64, U64]:
        entries = self.read(sequence).entries
        return entries.id_high, entries.id_low
