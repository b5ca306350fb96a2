"""Every pair of a subsidy and a rent, the cheapest first, without making all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from heapq import heappop, heappush
from typing import NamedTuple

from services.matching.planner.engine.cash import Cash


class Pair(NamedTuple):
    """A place in the list of subsidies and one in the list of rents."""

    deal: int
    room: int


def cheapest_pairs(
    subsidies: Sequence[int],
    rents: Sequence[int],
    *,
    contribution: int,
    is_deal_good: Callable[[int], bool],
    is_room_good: Callable[[int], bool],
) -> Iterator[Pair]:
    """Pairs by cost, then by what is owed in the worst case, then by what is left over.

    Of equals the earlier room, then the earlier deal comes first. ``subsidies`` fall and
    ``rents`` rise, so that a pair never costs less than the one before it in its row or
    column: best first over that lattice is exact. The two questions are asked only of what is
    reached, and may be asked again; a room or deal that is no good is never looked at twice.
    """
    later = list(range(len(rents) + 1))  # of each room the next that may be good
    waiting: list[tuple[int, int, int, int, int]] = []
    rows = 0  # of deals that were begun

    def wait(deal: int, room: int) -> None:
        room = _followed(later, room)
        if deal < len(subsidies) and room < len(rents):
            cash = Cash(rents[room], contribution, subsidies[deal])
            heappush(waiting, (*cash.rank, room, deal))

    wait(0, 0)
    while waiting:
        *_, room, deal = heappop(waiting)
        if not is_room_good(room):
            later[room] = room + 1
            wait(deal, room)
            continue
        if deal == rows:
            rows += 1
            wait(rows, 0)
        if is_deal_good(deal):
            yield Pair(deal, room)
            wait(deal, room + 1)


def _followed(later: list[int], room: int) -> int:
    """The first room from here on that was not found wanting; shortens the way for the next."""
    end = room
    while later[end] != end:
        end = later[end]
    while later[room] != end:
        later[room], room = end, later[room]
    return end
