"""How much two themes are alike: in text, passage by passage, and in structure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from heapq import nsmallest
from itertools import chain
from typing import NamedTuple

from chassis.kernel.money import WHOLE
from services.catalog.similarity.engine.shingles import Shingles, together

HALF = 5_000
MOST_PASSAGES = 50
MOST_PLACES = 8  # of a rare shingle; what is in more passages tells them less apart
MOST_NEAR = 8  # passages that one is compared with, those that share most


class AlikePassage(NamedTuple):
    """A passage of one theme and the passage of another that it is most like.

    ``alike`` is the part of the shorter one's shingles that both have, in basis points.
    """

    path: str
    other_path: str
    alike: int


class Likeness(NamedTuple):
    """How much one theme is like another, in basis points.

    ``text_taken`` is the part of its text that the other has too, ``text_given`` the part of
    the other's text that it has, ``text_alike`` what both have of all there is (the weighted
    Jaccard index, after S. Ioffe, 2010); ``structure_alike`` is that of steps, things and roles.
    """

    text_taken: int
    text_given: int
    text_alike: int
    structure_alike: int
    passages: tuple[AlikePassage, ...]


def likeness(
    mine: Mapping[str, Shingles],
    other: Mapping[str, Shingles],
    *,
    structure: Mapping[str, int],
    other_structure: Mapping[str, int],
) -> Likeness:
    """Compare two themes; the same two give the same answer for ever.

    The figures are exact. Passages are paired by what tells them apart, in time that grows
    with the texts and not with the product of their passages.
    """
    whole, others = together(mine.values()), together(other.values())
    shared = (whole & others).total()
    features, other_features = Counter(structure), Counter(other_structure)
    return Likeness(
        text_taken=_points(shared, whole.total()),
        text_given=_points(shared, others.total()),
        text_alike=_points(shared, whole.total() + others.total() - shared),
        structure_alike=_points(
            (features & other_features).total(), (features | other_features).total()
        ),
        passages=_pairs(mine, other),
    )


def _pairs(
    mine: Mapping[str, Shingles], other: Mapping[str, Shingles]
) -> tuple[AlikePassage, ...]:
    """For each passage the one most like it, if half is alike; what is longest comes first."""
    places = _places(other)
    pairs = []
    for path, found in mine.items():
        near = _near(found, places)
        best = max(((_alike(found, other[place]), place) for place in near), default=(0, ""))
        if best[0] >= HALF:
            pairs.append((-found.total(), AlikePassage(path, best[1], best[0])))
    return tuple(pair for _, pair in sorted(pairs)[:MOST_PASSAGES])


def _places(other: Mapping[str, Shingles]) -> dict[str, list[str]]:
    """The first few passages that have each shingle, by path; of a common one, one more."""
    places: dict[str, list[str]] = {}
    for path in sorted(other):
        for shingle in other[path]:
            known = places.setdefault(shingle, [])
            if len(known) <= MOST_PLACES:
                known.append(path)
    return places


def _near(found: Shingles, places: Mapping[str, list[str]]) -> list[str]:
    """The few passages that share most rare shingles with one, or any if it has no rare one."""
    known = [places[shingle] for shingle in found if shingle in places]
    rare = [each for each in known if len(each) <= MOST_PLACES]
    shared = Counter(chain.from_iterable(rare or known))
    return nsmallest(MOST_NEAR, shared, key=lambda place: (-shared[place], place))


def _alike(found: Shingles, other: Shingles) -> int:
    return _points((found & other).total(), min(found.total(), other.total()))


def _points(part: int, whole: int) -> int:
    return part * WHOLE // whole if whole else 0
