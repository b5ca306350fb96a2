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
    Term,
    day,
    days_left,
    days_old,
    score_terms,
    shared_tags,
)
from services.matching.offers.engine.facts import HostFacts, LotFacts
from services.matching.offers.engine.points import DEFAULT, MILLION, Weights
from services.matching.offers.engine.ramp import Worth
from services.matching.offers.engine.rules import (
    NO_OUTLOOK,
    BrandSubsidy,
    Outlook,
    Room,
    reasons_against,
)
from services.matching.pictures.domain import Sentence, yuan

VARIETY = "variety"
"""The term of a list: it depends on what stands above."""
TAGS_TOLD = 4
"""How many shared tags a sentence names, the strongest first."""
KEPT_SENTENCES = 4_096
"""Sentences of each kind that are not made anew: the same few facts are told of most lots."""

_NAMES = {name: str(name) for name in Term}
"""Plain words, for one of an enumeration takes longer to write than its sentence."""
_EVERYWHERE = Sentence("It is offered in the whole country.", "面向全国发放。")
_SOMEWHERE = Sentence(
    "It is offered only in a city where you have people.", "仅在您社群所在的城市发放。"
)

_VARIETY = Sentence(
    "Others of its brand or of its kind stand above it.", "其品牌或同类的其他货品已排在前面。"
)


class Weighed(NamedTuple):
    """One term of a score: its micro-points and the fact behind them."""

    name: str
    points: int
    why: Sentence


@dataclass(frozen=True, slots=True)
class Explanation:
    """All there is to say of one lot for one host at one moment.

    ``terms`` add up to ``score`` exactly; both are empty when anything objects. ``worth`` is
    what a claim would get, and what the points count. ``packs_free`` are those she may take.
    """

    lot: LotFacts
    subsidy: BrandSubsidy
    objections: tuple[Objection, ...]
    score: int | None
    terms: tuple[Weighed, ...]
    worth: Worth | None
    packs_free: int

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
    free = lot.free_for(host, now)
    reasons = reasons_against(lot, subsidy, host, now)
    if room and worth:
        reasons += room.reasons_against(worth.amount)
    against = (*objections(case, reasons), *map(not_eligible, unmet))
    if against:
        return Explanation(lot, subsidy, against, None, (), worth, free)
    terms = score_terms(lot, worth.amount if worth else 0, host, case.today, weights)
    told = tuple(
        Weighed(_NAMES[name], points, _TERMS[name](case)) for name, points in terms.items()
    )
    return Explanation(lot, subsidy, (), sum(terms.values()), told, worth, free)


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


def _subsidy(case: Case) -> Sentence:
    is_raised = case.worth and case.worth.extra_basis_points
    base = case.subsidy.best.subsidy if case.subsidy.best else 0
    return _given(base, case.worth.amount if case.worth and is_raised else None)


@lru_cache(KEPT_SENTENCES)
def _given(base: int, raised: int | None) -> Sentence:
    usual = yuan(base)
    if raised is None:
        return Sentence(
            f"The brand gives {usual} yuan for each gathering.", f"品牌为每场活动补贴 {usual} 元。"
        )
    more = yuan(raised)
    return Sentence(
        f"The brand gives {usual} yuan for each gathering, "
        f"and {more} now that the best-before date is near.",
        f"品牌为每场活动补贴 {usual} 元，因临近保质期现为 {more} 元。",
    )


def _price(case: Case) -> Sentence:
    people = case.host.reach_of(case.lot.places)
    pack, head = yuan(case.lot.pack_price), yuan(case.lot.pack_price // people)
    return Sentence(
        f"A pack sells for {pack} yuan, {head} a head for {people} people.",
        f"每包售价 {pack} 元，按 {people} 人计每人 {head} 元。",
    )


def _urgency(case: Case) -> Sentence:
    return _to_go(days_left(case.lot, case.today))


@lru_cache(KEPT_SENTENCES)
def _to_go(days: int | None) -> Sentence:
    if days is None:
        return Sentence("It has no best-before date.", "没有保质期限制。")
    return Sentence(f"Its best-before date is {_days(days)} away.", f"距保质期还有 {days} 天。")


def _local(case: Case) -> Sentence:
    return _SOMEWHERE if case.lot.places else _EVERYWHERE


def _popularity(case: Case) -> Sentence:
    return _claimed(case.lot.claims)


@lru_cache(KEPT_SENTENCES)
def _claimed(count: int) -> Sentence:
    if not count:
        return Sentence("Nobody has claimed it yet.", "尚无人认领。")
    claims = "1 claim stands" if count == 1 else f"{count} claims stand"
    return Sentence(f"{claims} on it.", f"已有 {count} 次认领。")


def _freshness(case: Case) -> Sentence:
    return _listed(days_old(case.lot, case.today))


@lru_cache(KEPT_SENTENCES)
def _listed(days: int) -> Sentence:
    if not days:
        return Sentence("It was listed today.", "今天上架。")
    return Sentence(f"It was listed {_days(days)} ago.", f"{days} 天前上架。")


def _demand(case: Case) -> Sentence:
    return _wanted(case.lot.demanded_on(case.today))


@lru_cache(KEPT_SENTENCES)
def _wanted(points: int) -> Sentence:
    if not points:
        return Sentence(
            "As far as is known there is enough of it for all who want it.",
            "据目前所知，想要的人都够分。",
        )
    price = f"{points / MILLION:.3f}"
    return Sentence(
        f"Others want it more: to them one more pack would have been worth {price} points "
        "when the market was last cleared.",
        f"他人更需要：上次清算时，多一包对他人的价值为 {price} 分。",
    )


_TERMS: dict[Term, Callable[[Case], Sentence]] = {
    Term.AFFINITY: _affinity,
    Term.SUBSIDY: _subsidy,
    Term.PRICE: _price,
    Term.URGENCY: _urgency,
    Term.LOCAL: _local,
    Term.POPULARITY: _popularity,
    Term.FRESHNESS: _freshness,
    Term.DEMAND: _demand,
}


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
