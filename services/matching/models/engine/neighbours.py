"""How like brands are to each other, and categories, by the hosts who claimed of both.

The likeness of two is the cosine of who claimed of either, less where few did (shrinkage):

    both / (sqrt(one * other) + SHRINKAGE)

which is item-based collaborative filtering (Sarwar, Karypis, Konstan and Riedl, "Item-based
collaborative filtering recommendation algorithms", WWW 2001; Deshpande and Karypis, "Item-based
top-N recommendation algorithms", TOIS 2004). Fewer than ``LEAST_HOSTS`` in common say nothing:
no likeness tells what a single host claimed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from heapq import nsmallest
from itertools import combinations
from math import sqrt

from services.matching.offers.engine.kinships import Kinships, Likenesses
from services.matching.offers.engine.points import MILLION
from services.matching.pictures.domain import Claimed

LEAST_HOSTS, SHRINKAGE = 3, 10
NEAREST = 20
"""A pair is kept where one is among so many that are most like the other."""
MOST_THINGS = 1_000
"""As many brands, and categories, those claimed of by most hosts, are compared."""


class Neighbours:
    """Things (brands, or categories) that the same hosts claimed of, each host counted once."""

    def __init__(self, claimed: Iterable[Collection[str]]) -> None:
        hosts = [frozenset(each) for each in claimed]
        counts = Counter(thing for things in hosts for thing in things)
        most = nsmallest(MOST_THINGS, counts, key=lambda thing: (-counts[thing], thing))
        self._hosts = {thing: counts[thing] for thing in most}
        self._both = Counter(
            pair
            for things in hosts
            for pair in combinations(sorted(things & self._hosts.keys()), 2)
        )
        self._near = self._nearest()

    def likenesses(self) -> Likenesses:
        """Every pair that is kept, both ways round."""
        return self._of(self._near, frozenset())

    def without(self, claimed: Collection[str]) -> Likenesses:
        """The same of these alone, as if the host who claimed of them had never been there.

        What she did must not foretell itself where it is to be learned what it foretells.
        """
        return self._of(claimed, frozenset(claimed))

    def _of(self, things: Iterable[str], gone: frozenset[str]) -> Likenesses:
        found = {
            one: {other: self._likeness(one, other, gone) for other in self._near.get(one, ())}
            for one in things
        }
        alike = {
            one: {other: likeness for other, likeness in near.items() if likeness}
            for one, near in found.items()
        }
        return {one: near for one, near in alike.items() if near}

    def _likeness(self, one: str, other: str, gone: frozenset[str] = frozenset()) -> int:
        pair = (one, other) if one < other else (other, one)
        both = self._both[pair] - (one in gone and other in gone)
        if both < LEAST_HOSTS:
            return 0
        either = (self._hosts[one] - (one in gone)) * (self._hosts[other] - (other in gone))
        return int(MILLION * both / (sqrt(either) + SHRINKAGE))

    def _nearest(self) -> Mapping[str, set[str]]:
        alike: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
        for one, other in self._both:
            if likeness := self._likeness(one, other):
                alike[one].append((-likeness, other))
                alike[other].append((-likeness, one))
        near: defaultdict[str, set[str]] = defaultdict(set)
        for one, others in alike.items():
            for _, other in nsmallest(NEAREST, others):
                near[one].add(other)
                near[other].add(one)
        return near


class Circle:
    """What hosts claimed, compared."""

    def __init__(self, claimed: Mapping[str, Claimed]) -> None:
        self._claimed = claimed
        self._brands = Neighbours(each.brands for each in claimed.values())
        self._categories = Neighbours(each.categories for each in claimed.values())

    def __len__(self) -> int:
        return len(self._claimed)

    def kinships(self) -> Kinships:
        """How like brands are to each other, and categories."""
        return Kinships(self._brands.likenesses(), self._categories.likenesses())

    def without(self, host_id: str) -> Kinships:
        """The same of what this host claimed, as if she had never been there."""
        mine = self._claimed.get(host_id)
        if mine is None:
            return Kinships()
        return Kinships(
            self._brands.without(mine.brands), self._categories.without(mine.categories)
        )
