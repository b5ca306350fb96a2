"""How much of a subsidy an evening has earned: by bands of how many were checked in. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from sharing.dividing import Heads
from sharing.terms import WHOLE, Band, Terms

NOTHING = Band(0, 0)


class Outcome(NamedTuple):
    """What the host has of a subsidy, and what goes back to each who gave, in minor units.

    Together they are what was given.
    """

    earned: int
    returned: tuple[int, ...]


def band_of(terms: Terms, heads: Heads) -> Band:
    """The last band that so many reach; ``NOTHING`` below the first.

    A contract that states no bands pays all of it for as many as were asked for.
    """
    bands = terms.bands or (Band(heads.wanted, WHOLE),)
    reached = [band for band in bands if heads.came >= band.heads]
    return reached[-1] if reached else NOTHING


def in_milestones(terms: Terms, given: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """What each who gave has in each milestone: together what was given, to the unit."""
    parts = terms.milestones.parts if terms.milestones else ()
    so_far = list(accumulate((part.points for part in parts), initial=0))
    return tuple(
        tuple(minor * end // WHOLE - minor * start // WHOLE for minor in given)
        for start, end in pairwise(so_far)
    )


def outcome(terms: Terms, heads: Heads, given: Sequence[int]) -> Outcome:
    """What becomes of a subsidy of which each gave so much.

    Of every part the band's points are the host's, rounded down: the odd unit stays with who
    gave it. Where more came no part gives less.
    """
    points = band_of(terms, heads).points
    earned = [minor * points // WHOLE for minor in given]
    returned = (minor - part for minor, part in zip(given, earned, strict=True))
    return Outcome(sum(earned), tuple(returned))
