"""The list a host is shown: the best lots, varied, with one place for an untried lot.

The first hundred of the exact ranking are varied: each lot loses points for those of its
brand and of its category above it. A varied score never falls as low as that of the first lot
outside, so varied and exact scores make one order, by which a list can be left and gone on
with. One of the first places goes to a new lot that nobody has claimed, drawn by a seed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from heapq import heappop, heappush, heapreplace
from itertools import islice
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from services.matching.offers.engine.facts import HostFacts, LotFacts
from services.matching.offers.engine.rules import BrandSubsidy
from services.matching.offers.engine.search import Position
from services.matching.offers.engine.standing import NEEDED, Standing
from services.matching.offers.engine.untried import Untried

VARIED = NEEDED - 1
"""How many of the best are varied."""
SAME_BRAND, SAME_CATEGORY, MOST_LOST = 30_000, 10_000, 120_000
"""Points lost for each lot above of the same brand, of the same category, and at most."""
EXPLORED_AMONG = 10
"""The place of the untried lot is one of so many first ones; a page of fewer has none."""


class Shown(NamedTuple):
    """A lot at its place.

    ``position`` has the score that is shown, of which ``variety`` are the points it lost,
    zero or less; ``propensity`` is the probability that this lot was shown at this place.
    """

    position: Position
    place: int
    variety: int = 0
    propensity: float = 1.0
    explored: bool = False


class Bookmark(NamedTuple):
    """Where a list was left: after which lot and how many, and what was drawn for it."""

    position: Position
    shown: int
    seed: int
    explored: str = ""


class Page(NamedTuple):
    """Lots in order, and where to go on; None at the end of the list."""

    shown: list[Shown]
    next: Bookmark | None


class Ranks(Protocol):
    """All lots, ranked exactly."""

    def standing(self, host: HostFacts) -> Standing: ...

    def first(self, standing: Standing, limit: int) -> list[Position]: ...

    def top(
        self, host: HostFacts, limit: int, after: Position | None = None
    ) -> list[Position]: ...

    def lot(self, lot_id: str) -> tuple[LotFacts, BrandSubsidy]: ...

    def lot_id(self, row: int) -> str: ...

    def untried_of(self, standing: Standing) -> Untried: ...

    @property
    def keys(self) -> NDArray[np.int64]: ...

    def row(self, lot_id: str) -> int: ...


def page(ranks: Ranks, host: HostFacts, *, limit: int, seed: int, after: Bookmark | None) -> Page:
    """The first lots of a host's list, or those after a bookmark, whose seed then counts.

    While nothing changes the pages of a list hold every lot once. The same lots, host and seed
    give the same list, in whatever order the lots came.
    """
    known = after.explored if after else ""
    wanted, standing = limit + 1 + bool(known), ranks.standing(host)
    if after:
        listed = list(islice(_listed(ranks, standing, after.position, wanted), wanted))
    else:
        listed = _begun(ranks, standing, wanted)
    found = [each for each in listed if each[0].lot_id != known]
    has_more, found = len(found) > limit, found[:limit]
    begun, seed = (after.shown, after.seed) if after else (0, seed)
    if not has_more:
        return Page(_placed(found, begun), None)
    if after:
        return Page(
            _placed(found, begun), after._replace(position=found[-1][0], shown=begun + limit)
        )
    others = ranks.keys.take([ranks.row(each.lot_id) for each, _ in found[:-1]])
    chosen = ranks.untried_of(standing).drawn(others, seed) if limit >= EXPLORED_AMONG else None
    if chosen is None:
        return Page(_placed(found, 0), Bookmark(found[-1][0], limit, seed))
    untried = Position(chosen.score, ranks.lot_id(chosen.row))
    # The last one makes way, and comes next.
    shown = _with_explored(found[:-1], untried, chosen.chance, seed)
    return Page(shown, Bookmark(found[-2][0], limit, seed, untried.lot_id))


def _placed(found: Sequence[tuple[Position, int]], begun: int) -> list[Shown]:
    return [
        Shown(position, place, variety)
        for place, (position, variety) in enumerate(found, begun + 1)
    ]


def _with_explored(
    ranked: Sequence[tuple[Position, int]], untried: Position, chance: float, seed: int
) -> list[Shown]:
    """Put what was drawn at one of the first places; ranked lots behind it move on by one.

    A lot of rank ``r`` stays with the chance that the place drawn is behind it.
    """
    among = EXPLORED_AMONG
    place = seed % among + 1
    before = [
        Shown(position, rank, variety, (among - rank) / among)
        for rank, (position, variety) in enumerate(ranked[: place - 1], 1)
    ]
    behind = [
        Shown(position, rank + 1, variety, min(rank, among) / among)
        for rank, (position, variety) in enumerate(ranked[place - 1 :], place)
    ]
    explored = Shown(untried, place, propensity=chance / among, explored=True)
    return [*before, explored, *behind]


def _begun(ranks: Ranks, standing: Standing, wanted: int) -> list[tuple[Position, int]]:
    """How a list begins; what hangs on the best alone is kept with them."""
    if wanted > VARIED:
        return list(islice(_listed(ranks, standing, None, wanted), wanted))
    if len(standing.listed) < wanted:
        standing.listed = list(islice(_listed(ranks, standing, None, wanted), wanted))
    return standing.listed[:wanted]


def _listed(
    ranks: Ranks, standing: Standing, after: Position | None, count: int
) -> Iterator[tuple[Position, int]]:
    """The lots after a position with the points they lost, ``count`` of them if there are."""
    best = ranks.first(standing, VARIED + 1)
    first, outside = best[:VARIED], best[VARIED:]
    behind = after if after and outside and after.order >= outside[0].order else None
    if behind is None:
        floor = outside[0].score + 1 if outside else 0
        for position, lost in _varied(first, floor, ranks.lot):
            if after is None or position.order > after.order:
                yield position, lost
    if outside:
        for position in ranks.top(standing.host, count, behind or first[-1]):
            yield position, 0


def _varied(
    first: Sequence[Position], floor: int, known: Callable[[str], tuple[LotFacts, object]]
) -> Iterator[tuple[Position, int]]:
    """Lots best first by what is left of their scores, which is never below the floor.

    Only taking a lot costs others points, so what was taken is in order of the scores left.
    """
    brands, categories = Counter[str](), Counter[str]()
    # Of those that were not looked at yet only the best waits: a page looks at few.
    ahead = ((position.order, position) for position in first)
    waiting = list(islice(ahead, 1))
    while waiting:
        order, exact = waiting[0]
        lot, _ = known(exact.lot_id)
        category = lot.tags[0] if lot.tags else ""
        lost = SAME_BRAND * brands[lot.brand_id] + SAME_CATEGORY * categories[category]
        score = max(exact.score - min(lost, MOST_LOST), min(exact.score, floor))
        left = Position(score, exact.lot_id)
        is_taken = left.order == order
        if is_taken:
            heappop(waiting)
        else:
            heapreplace(waiting, (left.order, exact))
        if order == exact.order:
            for following in islice(ahead, 1):
                heappush(waiting, following)
        if is_taken:
            brands[lot.brand_id] += 1
            categories[category] += 1
            yield left, score - exact.score
