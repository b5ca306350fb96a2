"""The whole picture of a host, drawn from her communities and from what became of her evenings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from typing import NamedTuple

from chassis.kernel.errors import Forbidden
from services.matching.communities.domain import Community, Portrait, tidy
from services.matching.pictures.domain.interests import NOTHING, Interest, Signs, interests
from services.matching.pictures.domain.record import NO_RECORD, HostRecord
from services.matching.pictures.domain.rhythm import Rhythm, rhythm_of

MOST_TAGS_SHOWN = 200
MOST_MOMENTS = 60


class PictureOfAnother(Forbidden):
    """A host's picture is for herself and the platform."""

    code = "picture-of-another"
    hint = "Act for that host's organisation; a brand reads which hosts fit it at its own page."
    chinese = "只有该主理人和平台可以查看其画像；品牌请查看自己的主理人匹配页。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evening:
    """One gathering that a host held: who came, what was sold, and what it was about.

    ``asked`` guests earn its subsidy; ``sold`` and ``refunded`` are minor units. ``tags`` are
    the tidy ones of its goods and its theme.
    """

    gathering_id: str
    began_at: datetime
    came: int
    asked: int
    tags: frozenset[str]
    units: int = 0
    sold: int = 0
    refunded: int = 0

    @property
    def shown(self) -> Signs:
        """What it says of each of its tags; units go back as their money does."""
        returned = self.units * self.refunded // self.sold if self.sold else 0
        return Signs(1, self.came, max(0, self.asked - self.came), self.units - returned, returned)


class People(NamedTuple):
    """One community as its host describes it; the city is tidy."""

    community_id: str
    city: str
    size: int
    tags: Mapping[str, int]

    @property
    def portrait(self) -> Portrait:
        """The same without its name, which no picture has."""
        return Portrait("", self.city, self.size, self.tags)


class Trade(NamedTuple):
    """What guests bought at her gatherings, and what went back; amounts in minor units."""

    guests: int = 0
    units: int = 0
    sold: int = 0
    returned: int = 0
    refunded: int = 0


NO_TRADE = Trade()


class Claimed(NamedTuple):
    """Of which brands and of which categories a host claimed goods; categories are tidy."""

    brands: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()


NOTHING_CLAIMED = Claimed()


class Conduct(NamedTuple):
    """As much of a picture as ranking looks at: what was shown, settled, and claimed of."""

    shown: Mapping[str, Signs]
    settled: int = 0
    claimed: Claimed = NOTHING_CLAIMED

    @property
    def has_record(self) -> bool:
        """Whether a gathering of hers was settled; until then she is a newcomer."""
        return self.settled > 0


NOTHING_DONE = Conduct({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A host by all her communities together, and by all she and her people did.

    ``gatherings`` are those that ``shown`` and ``trade`` were counted over, the latest;
    ``begun`` is when they began.
    """

    host_id: str
    people: tuple[People, ...] = ()
    shown: Mapping[str, Signs] = field(default_factory=dict)
    begun: tuple[datetime, ...] = ()
    gatherings: int = 0
    trade: Trade = NO_TRADE
    record: HostRecord = NO_RECORD
    claimed: Claimed = NOTHING_CLAIMED

    @property
    def interests(self) -> dict[str, Interest]:
        """Every tag her people care about."""
        return interests((each.portrait for each in self.people), self.shown)

    @property
    def reach(self) -> dict[str, int]:
        """The size of her largest community in each city."""
        found: dict[str, int] = {}
        for each in self.people:
            found[each.city] = max(each.size, found.get(each.city, 0))
        return found

    @property
    def largest(self) -> int:
        """The size of her largest community."""
        return max((each.size for each in self.people), default=0)

    @property
    def conduct(self) -> Conduct:
        """What ranking looks at beside her communities."""
        return Conduct(self.shown, self.record.settled, self.claimed)

    def rhythm(self, now: datetime) -> Rhythm:
        """How often she gathers her people at this moment, and how evenly."""
        return rhythm_of(self.begun, now)


def people_of(communities: Iterable[Community]) -> tuple[People, ...]:
    """Communities as a picture has them."""
    return tuple(
        People(each.id, tidy(each.portrait.city), each.portrait.size, each.portrait.tags)
        for each in communities
    )


def draw(
    host_id: str,
    communities: Iterable[Community],
    evenings: Sequence[Evening],
    record: HostRecord,
    claimed: Claimed = NOTHING_CLAIMED,
) -> Picture:
    """Draw the picture of a host from everything there is."""
    shown = _shown(evenings)
    together = reduce(Signs.plus, (evening.shown for evening in evenings), NOTHING)
    return Picture(
        host_id=host_id,
        people=people_of(communities),
        shown=shown,
        begun=tuple(sorted(evening.began_at for evening in evenings)[-MOST_MOMENTS:]),
        gatherings=len(evenings),
        trade=Trade(
            guests=together.came,
            units=together.kept + together.returned,
            sold=sum(evening.sold for evening in evenings),
            returned=together.returned,
            refunded=sum(evening.refunded for evening in evenings),
        ),
        record=record,
        claimed=claimed,
    )


def _shown(evenings: Iterable[Evening]) -> dict[str, Signs]:
    """What was shown of each tag; of more than can be kept, those of the most gatherings."""
    found: dict[str, Signs] = {}
    for evening in evenings:
        for tag in evening.tags:
            found[tag] = found.get(tag, NOTHING).plus(evening.shown)
    most = sorted(found, key=lambda tag: (-found[tag].gatherings, tag))[:MOST_TAGS_SHOWN]
    return {tag: found[tag] for tag in sorted(most)}
