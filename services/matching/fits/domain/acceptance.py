"""How likely a brand is content with a host, in points: what the terms of that side are worth.

Millionths, every term with a most that is never reached, so that with the beginning they stay
below a certainty.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from services.matching.offers.engine.facts import HostFacts, LotFacts
from services.matching.pictures.domain import HostRecord, Picture, Rhythm

BEGINNING = 10_000
PEOPLE, RECORD, RHYTHM, AUDIENCE, ROOM = 300_000, 300_000, 150_000, 180_000, 40_000

# Where each curve reaches half of its most.
HALF_PEOPLE = 30
HALF_LATELY = 4


def people_points(reach: int, asked: int) -> int:
    """For her largest community that the lots may go to, beside how many are asked for."""
    return PEOPLE * reach // (reach + max(asked, HALF_PEOPLE))


def record_points(record: HostRecord) -> int:
    """For how reliably her gatherings ended as was agreed."""
    return RECORD * record.reliability // 1_000


def rhythm_points(rhythm: Rhythm) -> int:
    """Half of it for how often she gathers her people, the other half for how evenly."""
    often = RHYTHM * rhythm.lately // (rhythm.lately + HALF_LATELY)
    return often * (1_000 + rhythm.steadiness) // 2_000


def audience_points(cared: int, lots: int) -> int:
    """For the share of the brand's lots that her people care about."""
    return AUDIENCE * cared // lots


def room_points(hers: int, free: int) -> int:
    """For the share of the free packs that she may take."""
    return ROOM * hers // free


def cared_for(host: HostFacts, lots: Iterable[LotFacts]) -> int:
    """How many of these lots share a tag with her people."""
    return sum(any(tag in host.affinity for tag in lot.tags) for lot in lots)


class Acceptance:
    """How likely brands are content with one host for a lot: ``fit`` for that lot alone.

    What a brand makes of her whichever lot it is, is counted once.
    """

    def __init__(self, picture: Picture, host: HostFacts, now: datetime) -> None:
        self._host, self._now = host, now
        self._always = BEGINNING + record_points(picture.record)
        self._always += rhythm_points(picture.rhythm(now))
        self._audience: dict[str, int] = {}

    def of(self, lot: LotFacts, lots: Sequence[LotFacts]) -> int:
        """Millionths for a lot with free packs that she may have, of all ``lots`` of its brand."""
        audience = self._audience.get(lot.brand_id)
        if audience is None:
            audience = audience_points(cared_for(self._host, lots), len(lots))
            self._audience[lot.brand_id] = audience
        reach = self._host.reach_of(lot.places)
        return (
            self._always
            + audience
            + people_points(reach, lot.min_community_size)
            + room_points(lot.free_for(self._host, self._now), lot.packs_free)
        )
