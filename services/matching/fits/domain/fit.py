"""How likely a host wants what a brand has, and the brand accepts her: the product of both.

Each side is a sum of named terms in millionths, every term with a most that is never reached,
so that both sides stay between 0 and 1 and none of them can make up for the other (reciprocal
recommendation: Pizzato and others, RECON, RecSys 2010).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from services.matching.fits.domain.acceptance import (
    BEGINNING,
    audience_points,
    cared_for,
    people_points,
    record_points,
    rhythm_points,
    room_points,
)
from services.matching.fits.domain.assortment import Assortment, best_first, lots_for
from services.matching.offers.domain import facts_of
from services.matching.offers.engine.facts import HostFacts, LotFacts
from services.matching.offers.engine.points import DEFAULT, Weights
from services.matching.offers.engine.rules import BrandSubsidy
from services.matching.pictures.domain import Picture, Rhythm, Sentence, count, yuan

CERTAIN = 1_000_000

# The most of each term of the host's side, with the beginning less than certain.
INTERESTS, SUBSIDY, CHOICE = 600_000, 230_000, 150_000
WANTS = ("beginning", "interests", "subsidy", "choice")
ACCEPTS = ("beginning", "people", "record", "rhythm", "audience", "room")

# Where each curve reaches half of its most.
HALF_SUBSIDY = 50_000  # 500 yuan a gathering
HALF_CHOICE = 5
TAGS_TOLD = 4


class FitTerm(NamedTuple):
    """One term of a side: millionths, and the fact behind them."""

    name: str
    points: int
    why: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A host and a brand: what each side's likelihood is made of, and the lots she may have.

    ``open_lots`` are those, and ``subsidy`` the best that she may have with them.
    """

    host_id: str
    brand_id: str
    wants: tuple[FitTerm, ...]
    accepts: tuple[FitTerm, ...]
    shared_tags: tuple[str, ...]
    open_lots: tuple[LotFacts, ...]
    subsidy: BrandSubsidy

    @property
    def host_wants(self) -> int:
        """Millionths: how likely she wants something of the brand's."""
        return sum(term.points for term in self.wants)

    @property
    def brand_accepts(self) -> int:
        """Millionths: how likely the brand is content with her."""
        return sum(term.points for term in self.accepts)

    @property
    def score(self) -> int:
        """Millionths: both, as if each decided for itself; rounded down."""
        return self.host_wants * self.brand_accepts // CERTAIN

    def lot_ids(self, host: HostFacts, now: datetime, weights: Weights = DEFAULT) -> list[str]:
        """The lots she may have, best first, by the score of her list of offers."""
        return best_first(self.open_lots, host, self.subsidy, weights, now)

    @property
    def order(self) -> tuple[int, str, str]:
        """Sorts fits best first."""
        return (-self.score, self.brand_id, self.host_id)


class _Pair(NamedTuple):
    """What the terms are about: ``open_lots`` are those she may have, of all the ``lots``."""

    picture: Picture
    host: HostFacts
    lots: Sequence[LotFacts]
    open_lots: Sequence[LotFacts]
    subsidy: BrandSubsidy
    weights: Weights
    now: datetime


def fit(
    picture: Picture, assortment: Assortment, now: datetime, *, weights: Weights = DEFAULT
) -> Fit | None:
    """How a host and a brand suit each other; None when she may have nothing of it now.

    She may when a lot is open to her and one of her communities meets the conditions of a
    subsidy with money left. What claims of hers hold of its caps is not looked at: that is
    told of each lot. On the ``weights`` of the ranking it hangs by rounding alone.
    """
    host, lots = facts_of(picture, weights), assortment.facts
    settled = picture.record.settled
    fitting = [
        each for each in picture.people if any(lot.may_go_to(each.city, each.size) for lot in lots)
    ]
    subsidy = assortment.subsidy_for(fitting, settled, now)
    open_lots = lots_for(picture, host, lots, subsidy, now)
    if not open_lots:
        return None
    pair = _Pair(picture, host, lots, open_lots, subsidy, weights, now)
    return Fit(
        host_id=picture.host_id,
        brand_id=assortment.brand_id,
        wants=(_BEGINNING, _interests(pair), _subsidy(pair), _choice(pair)),
        accepts=(
            _BEGINNING,
            _people(pair),
            _record(pair),
            _rhythm(picture.rhythm(now)),
            _audience(pair),
            _room(pair),
        ),
        shared_tags=tuple(_shared(pair)),
        open_lots=tuple(open_lots),
        subsidy=subsidy,
    )


_BEGINNING = FitTerm(
    "beginning",
    BEGINNING,
    Sentence("Every pair begins with this much.", "每一对都从这个数开始。"),
)


def _shared(pair: _Pair) -> list[str]:
    """The tags of the lots open to her that her people care about, the strongest first."""
    affinity = pair.host.affinity
    tags = {tag for lot in pair.open_lots for tag in lot.tags if tag in affinity}
    return sorted(tags, key=lambda tag: (-affinity[tag], tag))


def _interests(pair: _Pair) -> FitTerm:
    shared = _shared(pair)
    most = pair.weights.affinity
    met = min(most, sum(pair.host.affinity[tag] for tag in shared))
    told = shared[:TAGS_TOLD]
    why = Sentence(
        f"Of what the people care about, the lots meet {', '.join(told)}.",
        f"货品符合社群关注的：{'、'.join(told)}。",
    )
    none = Sentence("The lots meet none of the people's interests.", "货品与社群关注没有重合。")
    return FitTerm("interests", INTERESTS * met // most if most else 0, why if told else none)


def _subsidy(pair: _Pair) -> FitTerm:
    given = pair.subsidy.best.subsidy if pair.subsidy.best else 0
    return FitTerm(
        "subsidy",
        SUBSIDY * given // (given + HALF_SUBSIDY),
        Sentence(
            f"The brand gives {yuan(given)} yuan for each gathering of this host.",
            f"品牌为该主理人的每场活动补贴 {yuan(given)} 元。",
        ),
    )


def _choice(pair: _Pair) -> FitTerm:
    lots = cared_for(pair.host, pair.open_lots)
    return FitTerm(
        "choice",
        CHOICE * lots // (lots + HALF_CHOICE),
        Sentence(
            f"{count(lots, 'lot', 'lots')} that the host may have share a tag with the people.",
            f"有 {lots} 个可认领批次与社群关注相符。",
        ),
    )


def _people(pair: _Pair) -> FitTerm:
    asked = min(lot.min_community_size for lot in pair.open_lots)
    reach = max(pair.host.reach_of(lot.places) for lot in pair.open_lots)
    return FitTerm(
        "people",
        people_points(reach, asked),
        Sentence(
            f"The largest community that its lots may go to has {reach}; they ask for {asked}.",
            f"货品可到达的最大社群有 {reach} 人；要求 {asked} 人。",
        ),
    )


def _record(pair: _Pair) -> FitTerm:
    record = pair.picture.record
    return FitTerm(
        "record",
        record_points(record),
        Sentence(
            f"{record.approved} gatherings approved, {record.disputed} disputed, "
            f"{record.called_off} called off: {record.reliability} per mille kept.",
            f"获批 {record.approved} 场，异议 {record.disputed} 场，取消 {record.called_off} 场："
            f"守约千分之 {record.reliability}。",
        ),
    )


def _rhythm(rhythm: Rhythm) -> FitTerm:
    return FitTerm("rhythm", rhythm_points(rhythm), rhythm.why)


def _audience(pair: _Pair) -> FitTerm:
    cared, lots = cared_for(pair.host, pair.lots), len(pair.lots)
    return FitTerm(
        "audience",
        audience_points(cared, lots),
        Sentence(
            f"The people care about {cared} of the brand's {count(lots, 'lot', 'lots')}.",
            f"社群关注该品牌 {lots} 个批次中的 {cared} 个。",
        ),
    )


def _room(pair: _Pair) -> FitTerm:
    free = sum(lot.packs_free for lot in pair.open_lots)
    hers = sum(lot.free_for(pair.host, pair.now) for lot in pair.open_lots)
    return FitTerm(
        "room",
        room_points(hers, free),
        Sentence(
            f"Of {count(free, 'free pack', 'free packs')} the host may take {hers}; "
            "the rest is kept for newcomers or held for others.",
            f"{free} 包空余中可认领 {hers} 包，其余为新主理人或他人保留。",
        ),
    )
