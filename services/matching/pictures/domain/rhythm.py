"""How often a host gathers her people, and how evenly: a steady rhythm is an asset."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median_low
from typing import NamedTuple

from services.matching.pictures.domain.sentences import Sentence, count

LATELY = timedelta(days=90)
GAPS_OF_A_RHYTHM = 2
THOUSAND = 1_000
DAY = timedelta(days=1)


class Rhythm(NamedTuple):
    """Gatherings held ``lately``, the usual days between two, and how steady that is.

    ``steadiness`` is per mille: a thousand when every gap is like the usual one. Fewer than
    three gatherings have neither.
    """

    lately: int
    days_between: int | None
    steadiness: int

    @property
    def why(self) -> Sentence:
        """Where these figures come from."""
        held = count(self.lately, "gathering", "gatherings")
        if self.days_between is None:
            return Sentence(
                f"{held} held in the last {LATELY.days} days; three make a rhythm.",
                f"最近 {LATELY.days} 天举办 {self.lately} 场；满三场才看得出节奏。",
            )
        return Sentence(
            f"{held} held in the last {LATELY.days} days, "
            f"usually {count(self.days_between, 'day', 'days')} apart.",
            f"最近 {LATELY.days} 天举办 {self.lately} 场，通常相隔 {self.days_between} 天。",
        )


def rhythm_of(begun: Sequence[datetime], now: datetime) -> Rhythm:
    """The rhythm of gatherings that began at these moments, in any order."""
    ordered = sorted(begun)
    lately = sum(now - LATELY <= moment <= now for moment in ordered)
    gaps = [(later - earlier) // DAY for earlier, later in pairwise(ordered)]
    if len(gaps) < GAPS_OF_A_RHYTHM:
        return Rhythm(lately, None, 0)
    usual = median_low(gaps)
    strayed, whole = sum(abs(gap - usual) for gap in gaps), sum(gaps)
    return Rhythm(lately, usual, max(0, THOUSAND - THOUSAND * strayed // whole) if whole else 0)
