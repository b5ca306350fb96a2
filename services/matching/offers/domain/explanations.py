"""Why a lot suits a host, or why she cannot have it, in words and numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from services.matching.offers.domain.conditions import Unmet
from services.matching.offers.domain.objections import Case, Objection, not_eligible, objections
from services.matching.offers.engine.breakdown import (
    Common,
    Term,
    base_terms,
    common_of,
    day,
    end_of_day,
    host_terms,
    shared_tags,
)
from services.matching.offers.engine.facts import Demand, HostFacts, LotFacts
from services.matching.offers.engine.points import DEFAULT, MILLION, Weights
from services.matching.offers.engine.ramp import Worth
from services.matching.offers.engine.rules import (
    NO_OUTLOOK,
    BrandSubsidy,
    Outlook,
    Room,
    is_left_out,
    reasons_against,
)
from services.matching.pictures.domain import Sentence, clock_time, yuan

VARIETY = "variety"
"""The term of a list: it depends on what stands above."""
TAGS_TOLD = 4
"""How many shared tags a sentence names, the strongest first."""
KEPT_SENTENCES = 4_096
"""Prices, and terms that are no host's own, which are not told anew: many lots are alike."""

_NAMES = {name: str(name) for name in Term}
"""Plain words, for one of an enumeration takes longer to write than its sentence."""
_EVERYWHERE = Sentence("It is offered in the whole country.", "面向全国发放。")
_SOMEWHERE = Sentence(
    "It is offered only in a city where you have people.", "仅在您社群所在的城市发放。"
)

_VARIETY = Sentence(
    "Others of its brand or of its kind stand above it.", "其品牌或同类的其他货品已排在前面。"
)
_KINDRED = {
    (True, False): Sentence(
        "Hosts who claimed what you did also claimed from this brand.",
        "与您认领相近的主理人也认领过该品牌。",
    ),
    (False, True): Sentence(
        "Hosts who claimed what you did also claimed of this category.",
        "与您认领相近的主理人也认领过该品类。",
    ),
    (True, True): Sentence(
        "Hosts who claimed what you did also claimed from this brand and of this category.",
        "与您认领相近的主理人也认领过该品牌和该品类。",
    ),
}


class Weighed(NamedTuple):
    """One term of a score: its micro-points and the fact behind them."""

    name: str
    points: int
    why: Sentence


class LeftOut(NamedTuple):
    """Why a lot that a host may have is not in her list.

    It is in there from a moment on, or where it scores ``least`` micro-points for her.
    """

    why: Sentence
    least: int
    until: datetime


_NOT_KINDRED = Weighed(
    _NAMES[Term.KINDRED],
    0,
    Sentence(
        "Hosts who claimed what you did are not known to have claimed from this brand, "
        "or of this category.",
        "尚未见与您认领相近的主理人认领过该品牌或该品类。",
    ),
)


@dataclass(frozen=True, slots=True)
class Explanation:
    """All there is to say of one lot for one host at one moment.

    ``terms`` add up to ``score`` exactly; both are empty when anything objects. ``worth`` is
    what a claim would get, and what the points count. ``packs_free`` are those she may take,
    of which some are held for her ``held_until`` a moment, or none. One that is
    ``left_out`` is not in her list, and she may claim it all the same.
    """

    lot: LotFacts
    subsidy: BrandSubsidy
    objections: tuple[Objection, ...]
    score: int | None
    terms: tuple[Weighed, ...]
    worth: Worth | None
    packs_free: int
    held_until: datetime | None
    left_out: LeftOut | None = None

    @property
    def is_eligible(self) -> bool:
        """Whether she may claim it now."""
        return not self.objections

    def varied(self, points: int) -> Explanation:
        """The same where others of its brand or kind stand above it, for so many points less."""
        if not points or self.score is None:
            return self
        told = Weighed(VARIETY, points, _VARIETY)
        return replace(self, score=self.score + points, terms=(*self.terms, told))


def explain(
    lot: LotFacts,
    subsidy: BrandSubsidy,
    host: HostFacts,
    now: datetime,
    *,
    room: Room | None = None,
    outlook: Outlook = NO_OUTLOOK,
    unmet: Iterable[Unmet] = (),
    weights: Weights = DEFAULT,
) -> Explanation:
    """Say whether a lot is for a host, and either its terms or every reason against.

    With ``room`` a subsidy that has too little left for her is a reason too, and so is each
    clause of it that is ``unmet``. ``outlook`` is what may be hoped for where there is none. The
    host's affinity was made with the same weights.
    """
    worth = subsidy.best.worth(lot.best_before, now) if subsidy.best else None
    case = Case(lot, subsidy, host, day(now), worth, room, outlook)
    free, held_until = lot.free_for(host, now), lot.held_until(host, now)
    reasons = reasons_against(lot, subsidy, host, now)
    if room and worth:
        reasons += room.reasons_against(worth.amount)
    against = (*objections(case, reasons), *map(not_eligible, unmet))
    if against:
        return Explanation(lot, subsidy, against, None, (), worth, free, held_until)
    told = _told(case, weights, held_until)
    score = sum(each.points for each in told)
    return Explanation(lot, subsidy, (), score, told, worth, free, held_until)


def as_listed(found: Explanation, host: HostFacts, now: datetime, model: str) -> Explanation:
    """The same, and why her list leaves the lot out, if it does by the model of that version."""
    lot, demand = found.lot, found.lot.demand
    if found.score is None or demand is None or demand.least is None:
        return found
    if not is_left_out(lot, host, found.score, now, model):
        return found
    left_out = _left_out(demand, demand.least)
    told = (*found.terms[:-1], found.terms[-1]._replace(why=left_out.why))
    return replace(found, terms=told, left_out=left_out)


def _told(case: Case, weights: Weights, held_until: datetime | None) -> tuple[Weighed, ...]:
    """The terms of a score in the order of ``Term``."""
    best, worth = case.subsidy.best, case.worth
    common = common_of(case.lot, worth.amount if worth else 0, case.today)
    usual = best.subsidy if best and worth and worth.extra_basis_points else None
    own = host_terms(case.lot, case.host, weights)
    affinity = Weighed(_NAMES[Term.AFFINITY], own[Term.AFFINITY], _affinity(case))
    price = Weighed(_NAMES[Term.PRICE], own[Term.PRICE], _price(case))
    subsidy, *others, demand = _told_of_all(common, usual, weights)
    if held_until is not None:
        demand = demand._replace(why=_demand_beside(held_until, common.demand))
    kindred = _told_kindred(case, own[Term.KINDRED])
    return (affinity, subsidy, price, *others, kindred, demand)


@lru_cache(KEPT_SENTENCES)
def _told_of_all(common: Common, usual: int | None, weights: Weights) -> tuple[Weighed, ...]:
    """The terms that are the same for every host; ``usual`` is a subsidy that was raised."""
    return tuple(
        Weighed(
            _NAMES[name],
            points,
            _given(common.subsidy, usual) if name is Term.SUBSIDY else _COMMON[name](common),
        )
        for name, points in base_terms(common, weights).items()
    )


def _affinity(case: Case) -> Sentence:
    shared = shared_tags(case.lot, case.host)
    if not shared:
        return Sentence(
            "None of its tags is among those your people care about.",
            "货品标签与您的社群关注点没有重合。",
        )
    strongest = sorted(shared, key=lambda tag: (-shared[tag], tag))[:TAGS_TOLD]
    return Sentence(
        f"Your people care about {', '.join(strongest)}.",
        f"您的社群关注：{'、'.join(strongest)}。",
    )


def _given(now: int, usual: int | None) -> Sentence:
    if usual is None:
        told = yuan(now)
        return Sentence(
            f"The brand gives {told} yuan for each gathering.", f"品牌为每场活动补贴 {told} 元。"
        )
    base, more = yuan(usual), yuan(now)
    return Sentence(
        f"The brand gives {base} yuan for each gathering, "
        f"and {more} now that the best-before date is near.",
        f"品牌为每场活动补贴 {base} 元，因临近保质期现为 {more} 元。",
    )


def _price(case: Case) -> Sentence:
    return _priced(case.lot.pack_price, case.host.reach_of(case.lot.places))


@lru_cache(KEPT_SENTENCES)
def _priced(pack_price: int, people: int) -> Sentence:
    pack, head = yuan(pack_price), yuan(pack_price // people)
    return Sentence(
        f"A pack sells for {pack} yuan, {head} a head for {people} people.",
        f"每包售价 {pack} 元，按 {people} 人计每人 {head} 元。",
    )


def _told_kindred(case: Case, points: int) -> Weighed:
    if not points:
        return _NOT_KINDRED
    by_brand, by_category = case.host.kindred.of(case.lot.brand_id, case.lot.category)
    return Weighed(_NAMES[Term.KINDRED], points, _KINDRED[by_brand > 0, by_category > 0])


def _urgency(common: Common) -> Sentence:
    days = common.left
    if days is None:
        return Sentence("It has no best-before date.", "没有保质期限制。")
    return Sentence(f"Its best-before date is {_days(days)} away.", f"距保质期还有 {days} 天。")


def _local(common: Common) -> Sentence:
    return _SOMEWHERE if common.is_bound else _EVERYWHERE


def _popularity(common: Common) -> Sentence:
    count = common.claims
    if not count:
        return Sentence("Nobody has claimed it yet.", "尚无人认领。")
    claims = "1 claim stands" if count == 1 else f"{count} claims stand"
    return Sentence(f"{claims} on it.", f"已有 {count} 次认领。")


def _freshness(common: Common) -> Sentence:
    days = common.old
    if not days:
        return Sentence("It was listed today.", "今天上架。")
    return Sentence(f"It was listed {_days(days)} ago.", f"{days} 天前上架。")


def _demand(common: Common) -> Sentence:
    if not common.demand:
        return Sentence(
            "As far as is known there is enough of it for all who want it.",
            "据目前所知，想要的人都够分。",
        )
    price = f"{common.demand / MILLION:.3f}"
    return Sentence(
        f"Others want it more: to them one more pack would have been worth {price} points "
        "of what a host wants when the market was last cleared.",
        f"他人更需要：上次清算时，多一包对他人的价值为 {price} 分（按主理人意愿计）。",
    )


def _left_out(demand: Demand, least: int) -> LeftOut:
    """The same to a host who does not see it in her list."""
    price = f"{demand.points / MILLION:.3f}"
    until = end_of_day(demand.last_day)
    told = clock_time(until)
    why = Sentence(
        f"Others want it more: to them one more pack would have been worth {price} points of "
        "what a host wants when the market was last cleared. That is why it is not in your list "
        f"until {told}, but you may claim it all the same.",
        f"他人更需要：上次清算时，多一包对他人的价值为 {price} 分（按主理人意愿计）。"
        f"因此在 {told} 之前它不出现在您的列表中，但您仍可认领。",
    )
    return LeftOut(why, least, until)


def _demand_beside(held_until: datetime, demand: int) -> Sentence:
    """The same to whom a pack is held for: she has it before those others."""
    until, price = clock_time(held_until), f"{demand / MILLION:.3f}"
    held = Sentence(f"It is held for you until {until}", f"已为您预留至 {until}")
    if not demand:
        return Sentence(f"{held.english}.", f"{held.chinese}。")
    return Sentence(
        f"{held.english}, yours to claim before others. To them one more pack would have been "
        f"worth {price} points of what a host wants when the market was last cleared, which "
        "lowers its place in every list, yours too.",
        f"{held.chinese}，您可优先认领。上次清算时，多一包对他人的价值为 {price} 分"
        "（按主理人意愿计），它在所有列表中的位置因此靠后，您的也不例外。",
    )


_COMMON: dict[Term, Callable[[Common], Sentence]] = {
    Term.URGENCY: _urgency,
    Term.LOCAL: _local,
    Term.POPULARITY: _popularity,
    Term.FRESHNESS: _freshness,
    Term.DEMAND: _demand,
}


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
