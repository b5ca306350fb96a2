"""Why a lot suits a host, or why she cannot have it, in words: English and Chinese."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from services.matching.offers.engine.breakdown import (
    Term,
    day,
    days_left,
    days_old,
    score_terms,
    shared_tags,
)
from services.matching.offers.engine.facts import HostFacts, LotFacts
from services.matching.offers.engine.points import DEFAULT, Weights
from services.matching.offers.engine.ramp import Worth
from services.matching.offers.engine.rules import BrandSubsidy, Reason, Room, reasons_against

VARIETY = "variety"
"""The term of a list: it depends on what stands above."""
TAGS_TOLD = 4
"""How many shared tags a sentence names, the strongest first."""


class Sentence(NamedTuple):
    """The same in both languages."""

    english: str
    chinese: str


_VARIETY = Sentence(
    "Others of its brand or of its kind stand above it.", "其品牌或同类的其他货品已排在前面。"
)


class Weighed(NamedTuple):
    """One term of a score: its micro-points and the fact behind them."""

    name: str
    points: int
    why: Sentence


class Objection(NamedTuple):
    """One rule that keeps a lot from a host."""

    code: Reason
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


class _Case(NamedTuple):
    """What the sentences are about."""

    lot: LotFacts
    subsidy: BrandSubsidy
    host: HostFacts
    today: int
    worth: Worth | None
    room: Room | None


def explain(
    lot: LotFacts,
    subsidy: BrandSubsidy,
    host: HostFacts,
    now: datetime,
    *,
    room: Room | None = None,
    weights: Weights = DEFAULT,
) -> Explanation:
    """Say whether a lot is for a host, and either its terms or every reason against.

    With ``room`` a subsidy that has too little left for her is a reason too. The host's
    affinity was made with the same weights.
    """
    worth = subsidy.best.worth(lot.best_before, now) if subsidy.best else None
    case = _Case(lot, subsidy, host, day(now), worth, room)
    free = lot.free_for(host, now)
    reasons = reasons_against(lot, subsidy, host, now)
    if room and worth:
        reasons += room.reasons_against(worth.amount)
    if reasons:
        objections = tuple(Objection(reason, _OBJECTIONS[reason](case)) for reason in reasons)
        return Explanation(lot, subsidy, objections, None, (), worth, free)
    terms = score_terms(lot, worth.amount if worth else 0, host, case.today, weights)
    told = tuple(Weighed(name, points, _TERMS[name](case)) for name, points in terms.items())
    return Explanation(lot, subsidy, (), sum(terms.values()), told, worth, free)


def _affinity(case: _Case) -> Sentence:
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


def _subsidy(case: _Case) -> Sentence:
    yuan = _yuan(case.subsidy.best.subsidy if case.subsidy.best else 0)
    if case.worth and case.worth.extra_basis_points:
        raised = _yuan(case.worth.amount)
        return Sentence(
            f"The brand gives {yuan} yuan for each gathering, "
            f"and {raised} now that the best-before date is near.",
            f"品牌为每场活动补贴 {yuan} 元，因临近保质期现为 {raised} 元。",
        )
    return Sentence(
        f"The brand gives {yuan} yuan for each gathering.", f"品牌为每场活动补贴 {yuan} 元。"
    )


def _price(case: _Case) -> Sentence:
    people = case.host.reach_of(case.lot.places)
    pack, head = _yuan(case.lot.pack_price), _yuan(case.lot.pack_price // people)
    return Sentence(
        f"A pack sells for {pack} yuan, {head} a head for {people} people.",
        f"每包售价 {pack} 元，按 {people} 人计每人 {head} 元。",
    )


def _urgency(case: _Case) -> Sentence:
    left = days_left(case.lot, case.today)
    if left is None:
        return Sentence("It has no best-before date.", "没有保质期限制。")
    return Sentence(f"Its best-before date is {_days(left)} away.", f"距保质期还有 {left} 天。")


def _local(case: _Case) -> Sentence:
    if not case.lot.places:
        return Sentence("It is offered in the whole country.", "面向全国发放。")
    return Sentence(
        "It is offered only in a city where you have people.", "仅在您社群所在的城市发放。"
    )


def _popularity(case: _Case) -> Sentence:
    count = case.lot.claims
    if not count:
        return Sentence("Nobody has claimed it yet.", "尚无人认领。")
    claims = "1 claim stands" if count == 1 else f"{count} claims stand"
    return Sentence(f"{claims} on it.", f"已有 {count} 次认领。")


def _freshness(case: _Case) -> Sentence:
    old = days_old(case.lot, case.today)
    if not old:
        return Sentence("It was listed today.", "今天上架。")
    return Sentence(f"It was listed {_days(old)} ago.", f"{old} 天前上架。")


def _lot_expired(case: _Case) -> Sentence:
    ended = case.lot.ends_at.isoformat(timespec="minutes")
    return Sentence(f"It could be claimed until {ended}.", f"认领已于 {ended} 截止。")


def _other_city(case: _Case) -> Sentence:
    places = sorted(case.lot.places)
    return Sentence(
        f"It is offered only in {', '.join(places)}, where you have no community.",
        f"仅在 {'、'.join(places)} 发放，您在当地没有社群。",
    )


def _community_too_small(case: _Case) -> Sentence:
    needed, largest = case.lot.min_community_size, case.host.reach_of(case.lot.places)
    return Sentence(
        f"It asks for a community of {needed} people; yours has {largest}.",
        f"要求社群至少 {needed} 人，您的社群为 {largest} 人。",
    )


def _kept_for_newcomers(case: _Case) -> Sentence:
    until = case.lot.kept_until.isoformat(timespec="minutes") if case.lot.kept_until else ""
    return Sentence(
        f"What is free of it is kept for hosts without a record until {until}.",
        f"剩余的包为新主理人保留至 {until}。",
    )


def _held_for_another(case: _Case) -> Sentence:
    until = max((each.until for each in case.lot.held), default=case.lot.ends_at)
    told = until.isoformat(timespec="minutes")
    return Sentence(
        f"What is free of it is held for other hosts, until {told} at the latest.",
        f"剩余的包已为其他主理人预留，最迟至 {told}。",
    )


def _subsidy_host_cap(case: _Case) -> Sentence:
    left = _yuan((case.room and case.room.host) or 0)
    return Sentence(
        f"Of what its brand's offer gives to one host, {left} yuan are left for you.",
        f"该品牌补贴对每个主理人的上限中，您还剩 {left} 元。",
    )


def _subsidy_period_cap(case: _Case) -> Sentence:
    left, begins = _yuan((case.room and case.room.period) or 0), ""
    if case.room and case.room.next_period_at:
        begins = case.room.next_period_at.isoformat(timespec="minutes")
    return Sentence(
        f"Of what its brand's offer gives in this period, {left} yuan are left; "
        f"the next begins at {begins}.",
        f"该品牌补贴本期还剩 {left} 元，下一期自 {begins} 开始。",
    )


def _always(english: str, chinese: str) -> Callable[[_Case], Sentence]:
    return lambda _case: Sentence(english, chinese)


_TERMS: dict[Term, Callable[[_Case], Sentence]] = {
    Term.AFFINITY: _affinity,
    Term.SUBSIDY: _subsidy,
    Term.PRICE: _price,
    Term.URGENCY: _urgency,
    Term.LOCAL: _local,
    Term.POPULARITY: _popularity,
    Term.FRESHNESS: _freshness,
}

_OBJECTIONS: dict[Reason, Callable[[_Case], Sentence]] = {
    Reason.LOT_CLOSED: _always("The lot takes no more claims.", "该批次已停止认领。"),
    Reason.LOT_EXPIRED: _lot_expired,
    Reason.SOLD_OUT: _always("No pack of it is free.", "目前没有可认领的包。"),
    Reason.OFFER_NOT_OPEN: _always(
        "Its brand has no subsidy offer open now.", "该品牌目前没有开放的补贴方案。"
    ),
    Reason.SUBSIDY_EXHAUSTED: _always("Its brand's subsidy is used up.", "该品牌的补贴已用完。"),
    Reason.NO_COMMUNITY: _always(
        "You have no community yet: found one first.", "您还没有社群，请先创建。"
    ),
    Reason.OTHER_CITY: _other_city,
    Reason.COMMUNITY_TOO_SMALL: _community_too_small,
    Reason.HOST_CAP_REACHED: _always(
        "You hold all the packs of it that one host may have.",
        "您已达到该批次每个主理人的认领上限。",
    ),
    Reason.KEPT_FOR_NEWCOMERS: _kept_for_newcomers,
    Reason.HELD_FOR_ANOTHER: _held_for_another,
    Reason.SUBSIDY_HOST_CAP_REACHED: _subsidy_host_cap,
    Reason.SUBSIDY_PERIOD_CAP_REACHED: _subsidy_period_cap,
}


def _yuan(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
