"""How lots stand with the hosts who asked lately, mended as lots change, not found anew.

What is kept is more than is shown, so that some lots may go before it is too little: as of a
materialized view of the first k rows (Yi, Yu, Yang, Xia and Chen, "Efficient Maintenance of
Materialized Top-k Views", ICDE 2003).
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from services.matching.offers.engine.bits import Bits, Rows
from services.matching.offers.engine.facts import HostFacts
from services.matching.offers.engine.search import Asked, Position
from services.matching.offers.engine.untried import Untried

NEEDED, KEPT = 101, 128
"""How many of the best lots a list looks at; how many are kept so that some may go."""
MOST_CHANGES = 128
"""After more of them it is quicker to search anew."""
MOST_HOSTS, MOST_UNTRIED = 200, 1_000
"""Some ten kilobytes each. In a young market nearly all lots are untried: too many to keep."""


class Changes:
    """The rows whose lots changed, of which the last are known."""

    def __init__(self) -> None:
        self._rows: deque[int] = deque(maxlen=MOST_CHANGES)
        self.count = 0

    def note(self, row: int) -> None:
        """The lot in a row came, went or is worth another score."""
        self._rows.append(row)
        self.count += 1

    def note_many(self, rows: Collection[int]) -> None:
        """The lots in these rows did."""
        self._rows.extend(rows)
        self.count += len(rows)

    def note_all(self) -> None:
        """Any lot may have, or the moment, or the weights."""
        self._rows.clear()
        self.count += 1

    def since(self, count: int) -> set[int] | None:
        """The rows of the changes since there were so many; None if they are not known."""
        missing = self.count - count
        if missing > len(self._rows):
            return None
        return set(islice(reversed(self._rows), missing))


class Scored(NamedTuple):
    """A lot that a host may have; sorts best first."""

    minus_score: int
    lot_id: str
    row: int

    @property
    def position(self) -> Position:
        """Its place in her ranking."""
        return Position(-self.minus_score, self.lot_id)


class Best(NamedTuple):
    """Rows in order, and their scores: a third of what they take as objects."""

    rows: Rows
    scores: NDArray[np.int64]


def best_of(scored: Sequence[Scored]) -> Best:
    """These, of which the best come first."""
    return Best(
        np.array([each.row for each in scored], np.intp),
        np.array([-each.minus_score for each in scored], np.int64),
    )


@dataclass(slots=True)
class Standing:
    """How lots stand with a host after so many changes.

    ``untried`` is None where there are too many of them to keep.

    Every lot she may have that is not among the ``best`` comes after the last of them; if they
    are ``all`` there is none. ``listed`` is how her list begins, as far as anybody asked.
    """

    host: HostFacts
    after: int
    best: Best
    are_all: bool
    untried: Untried | None
    listed: list[tuple[Position, int]] = field(default_factory=list)


class Ranks(Protocol):
    """An index of lots, as far as standings are made of it."""

    changes: Changes
    untried_rows: Bits

    def asked(self, host: HostFacts) -> Asked: ...

    def best(self, asked: Asked, limit: int, after: Position | None = None) -> list[Position]: ...

    def untried(self, asked: Asked) -> Untried: ...

    def scored(self, asked: Asked, rows: Collection[int]) -> list[Scored]: ...

    def row(self, lot_id: str) -> int: ...

    def lot_id(self, row: int) -> str: ...


class Standings:
    """Those of the hosts who asked last; not for several threads at once."""

    def __init__(self, ranks: Ranks) -> None:
        self._ranks = ranks
        self._known: OrderedDict[str, Standing] = OrderedDict()

    def of(self, host: HostFacts) -> Standing:
        """How lots stand with her now, exactly."""
        known = self._known.get(host.host_id)
        changed = None
        if known is not None and known.host is host:
            changed = self._ranks.changes.since(known.after)
        if known is None or changed is None or not self._mend(known, changed):
            known = self._known[host.host_id] = self._found(host)
        self._known.move_to_end(host.host_id)
        while len(self._known) > MOST_HOSTS:
            self._known.popitem(last=False)
        return known

    def _found(self, host: HostFacts) -> Standing:
        ranks = self._ranks
        asked = ranks.asked(host)
        found = [
            Scored(-score, lot_id, ranks.row(lot_id)) for score, lot_id in ranks.best(asked, KEPT)
        ]
        best, are_all = best_of(found), len(found) < KEPT
        return Standing(host, ranks.changes.count, best, are_all, _kept(ranks.untried(asked)))

    def _mend(self, known: Standing, changed: Collection[int]) -> bool:
        """Bring a standing up to these changes; False when too little is left of it."""
        if not changed:
            return True
        ranks = self._ranks
        asked = ranks.asked(known.host)
        come = ranks.scored(asked, changed)
        # Of rows that changed the ids may be others': they are not looked at.
        stay = [each for each in self._scored(known.best) if each.row not in changed]
        near = come if known.are_all else [each for each in come if stay and each <= stay[-1]]
        if near or len(stay) < len(known.best.rows):
            mended = sorted((*stay, *near))
            if not known.are_all and len(mended) < NEEDED:
                return False
            known.are_all = known.are_all and len(mended) < KEPT
            known.best, known.listed = best_of(mended[:KEPT]), []
        untried = known.untried
        if untried is not None and (
            untried.has_any_in(changed) or any(each.row in ranks.untried_rows for each in come)
        ):
            known.untried = _kept(ranks.untried(asked))
        known.after = ranks.changes.count
        return True

    def first(self, standing: Standing, limit: int) -> list[Position]:
        """The best lots of a standing that is as of now, at most ``KEPT``, in order."""
        return [each.position for each in self._scored(standing.best)[:limit]]

    def untried(self, standing: Standing) -> Untried:
        """The untried lots of a standing that is as of now."""
        if standing.untried is not None:
            return standing.untried
        return self._ranks.untried(self._ranks.asked(standing.host))

    def _scored(self, best: Best) -> list[Scored]:
        lot_id = self._ranks.lot_id
        pairs = zip(best.rows.tolist(), best.scores.tolist(), strict=True)
        return [Scored(-score, lot_id(row), row) for row, score in pairs]


def _kept(untried: Untried) -> Untried | None:
    return untried if len(untried.rows) <= MOST_UNTRIED else None
