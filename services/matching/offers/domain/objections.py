"""Why a host cannot have a lot, and what would change that: English and Chinese."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from services.matching.offers.domain.conditions import Unmet
from services.matching.offers.engine.facts import HostFacts, LotFacts
from services.matching.offers.engine.ramp import Worth
from services.matching.offers.engine.rules import BrandSubsidy, Outlook, Reason, Room
from services.matching.pictures.domain import Sentence, clock_time, yuan


class Remedy(NamedTuple):
    """What would change it: with a number (people, packs or minor units) and a moment, if any."""

    says: Sentence
    number: int | None = None
    at: datetime | None = None


class Objection(NamedTuple):
    """One rule that keeps a lot from a host, and what would change it."""

    code: Reason
    why: Sentence
    remedy: Remedy


class Case(NamedTuple):
    """What the sentences are about."""

    lot: LotFacts
    subsidy: BrandSubsidy
    host: HostFacts
    today: int
    worth: Worth | None
    room: Room | None
    outlook: Outlook


def objections(case: Case, reasons: tuple[Reason, ...]) -> tuple[Objection, ...]:
    """Say each reason and what would change it."""
    return tuple(
        Objection(reason, _OBJECTIONS[reason](case), _REMEDIES[reason](case)) for reason in reasons
    )


def not_eligible(unmet: Unmet) -> Objection:
    """A clause of the subsidy that no community of the host meets, in its own words."""
    return Objection(
        Reason.NOT_ELIGIBLE, Sentence(unmet.clause.en, unmet.clause.zh), _condition(unmet)
    )


def _lot_expired(case: Case) -> Sentence:
    ended = clock_time(case.lot.ends_at)
    return Sentence(f"It could be claimed until {ended}.", f"认领已于 {ended} 截止。")


def _other_city(case: Case) -> Sentence:
    places = sorted(case.lot.places)
    return Sentence(
        f"It is offered only in {', '.join(places)}, where you have no community.",
        f"仅在 {'、'.join(places)} 发放，您在当地没有社群。",
    )


def _community_too_small(case: Case) -> Sentence:
    needed, largest = case.lot.min_community_size, case.host.reach_of(case.lot.places)
    return Sentence(
        f"It asks for a community of {_people(needed)}; yours has {largest}.",
        f"要求社群至少 {needed} 人，您的社群为 {largest} 人。",
    )


def _kept_for_newcomers(case: Case) -> Sentence:
    until = clock_time(case.lot.kept_until) if case.lot.kept_until else ""
    return Sentence(
        f"What is free of it is kept for hosts without a record until {until}.",
        f"剩余的包为新主理人保留至 {until}。",
    )


def _held_for_another(case: Case) -> Sentence:
    told = clock_time(_held_until(case))
    return Sentence(
        f"What is free of it is held for other hosts, until {told} at the latest.",
        f"剩余的包已为其他主理人预留，最迟至 {told}。",
    )


def _subsidy_host_cap(case: Case) -> Sentence:
    left = yuan((case.room and case.room.host) or 0)
    return Sentence(
        f"Of what its brand's offer gives to one host, {left} yuan are left for you.",
        f"该品牌补贴对每个主理人的上限中，您还剩 {left} 元。",
    )


def _subsidy_period_cap(case: Case) -> Sentence:
    left, begins = yuan((case.room and case.room.period) or 0), ""
    if case.room and case.room.next_period_at:
        begins = clock_time(case.room.next_period_at)
    return Sentence(
        f"Of what its brand's offer gives in this period, {left} yuan are left; "
        f"the next begins at {begins}.",
        f"该品牌补贴本期还剩 {left} 元，下一期自 {begins} 开始。",
    )


def _always(english: str, chinese: str) -> Callable[[Case], Sentence]:
    return lambda _case: Sentence(english, chinese)


def _other_lot(english: str, chinese: str) -> Callable[[Case], Remedy]:
    return lambda _case: Remedy(
        Sentence(f"{english}; choose another lot.", f"{chinese}，请选择其他批次。")
    )


def _packs_given_back(case: Case) -> Remedy:
    claims, until = case.lot.claims, clock_time(case.lot.ends_at)
    if not claims:
        return Remedy(
            Sentence(
                "No claim holds packs of it: when its brand counts more of them.",
                "没有认领占用；待品牌补充货包。",
            )
        )
    return Remedy(
        Sentence(
            f"{claims} {'claim holds' if claims == 1 else 'claims hold'} packs of it; when one is "
            f"given back before {until}, it is free.",
            f"目前有 {claims} 次认领占用；{until} 之前若有退回即可认领。",
        ),
        number=claims,
        at=case.lot.ends_at,
    )


def _offer_opens(case: Case) -> Remedy:
    opens = case.outlook.opens_at
    if opens is None:
        return Remedy(
            Sentence(
                "When its brand opens a subsidy offer; none is announced.",
                "待品牌开放补贴方案；目前尚无预告。",
            )
        )
    return Remedy(
        Sentence(
            f"Its brand's next subsidy offer opens at {clock_time(opens)}.",
            f"品牌的下一个补贴方案于 {clock_time(opens)} 开放。",
        ),
        at=opens,
    )


def _subsidy_given_back(case: Case) -> Remedy:
    short = case.outlook.short or 0
    return Remedy(
        Sentence(
            f"When claims give {yuan(short)} yuan of it back, or its brand opens another offer.",
            f"待其他认领退回 {yuan(short)} 元，或品牌开放新的方案。",
        ),
        number=short,
    )


def _found_community(case: Case) -> Remedy:
    needed, (english, chinese) = max(1, case.lot.min_community_size), _places(case.lot)
    return Remedy(
        Sentence(
            f"Found a community of {_people(needed)}{english}.",
            f"{chinese}创建一个至少 {needed} 人的社群。",
        ),
        number=needed,
    )


def _grow(case: Case) -> Remedy:
    reach = case.host.reach_of(case.lot.places)
    more, (english, chinese) = case.lot.min_community_size - reach, _places(case.lot)
    return Remedy(
        Sentence(
            f"With {more} more {'person' if more == 1 else 'people'} in your largest "
            f"community{english}, which has {reach}.",
            f"{chinese}最大的社群（{reach} 人）再增加 {more} 人。",
        ),
        number=more,
    )


def _give_packs_back(case: Case) -> Remedy:
    until = clock_time(case.lot.ends_at)
    return Remedy(
        Sentence(
            f"Cancel a claim of yours on it, or return its packs, before {until}.",
            f"在 {until} 之前取消您的一次认领或退回货包。",
        ),
        at=case.lot.ends_at,
    )


def _packs_freed(case: Case) -> Remedy:
    until = case.lot.all_kept_until or case.lot.kept_until
    kept = case.lot.packs_kept
    if until is None:
        return Remedy(Sentence("When they are freed.", "待释放后即可认领。"), number=kept)
    return Remedy(
        Sentence(
            f"From {clock_time(until)} on the {kept} packs kept for newcomers are free for all.",
            f"自 {clock_time(until)} 起，为新主理人保留的 {kept} 包向所有人开放。",
        ),
        number=kept,
        at=until,
    )


def _holds_ended(case: Case) -> Remedy:
    lot = case.lot
    free_from = lot.all_kept_until if case.host.has_record else lot.shut_until
    until, packs = free_from or _held_until(case), sum(each.packs for each in lot.held)
    return Remedy(
        Sentence(
            f"From {clock_time(until)} on, or earlier, what those hosts have not claimed of the "
            f"{packs} packs is free.",
            f"最迟自 {clock_time(until)} 起，{packs} 包中未被认领的部分将开放。",
        ),
        number=packs,
        at=until,
    )


def _cap_of_host(case: Case) -> Remedy:
    short = _short(case, case.room.host if case.room else None)
    return Remedy(
        Sentence(
            f"Cancel claims of yours that hold {yuan(short)} yuan of this offer.",
            f"取消您在该补贴上合计 {yuan(short)} 元的认领。",
        ),
        number=short,
    )


def _next_period(case: Case) -> Remedy:
    room = case.room or Room(0)
    short, at = _short(case, room.period), room.next_period_at
    begins = clock_time(at) if at else ""
    return Remedy(
        Sentence(
            f"The next period begins at {begins}; {yuan(short)} yuan are missing until then.",
            f"下一期自 {begins} 开始；在此之前还差 {yuan(short)} 元。",
        ),
        number=short,
        at=at,
    )


def _condition(unmet: Unmet) -> Remedy:
    if unmet.more_people:
        return Remedy(
            Sentence(
                f"With {unmet.more_people} more "
                f"{'person' if unmet.more_people == 1 else 'people'} in the community.",
                f"社群再增加 {unmet.more_people} 人。",
            ),
            number=unmet.more_people,
        )
    if unmet.more_settled:
        return Remedy(
            Sentence(
                f"After {unmet.more_settled} more settled "
                f"{'gathering' if unmet.more_settled == 1 else 'gatherings'} of yours.",
                f"再有 {unmet.more_settled} 场活动结算之后。",
            ),
            number=unmet.more_settled,
        )
    return Remedy(
        Sentence(
            "Claim for a community that is as the condition says.", "请为符合该条件的社群认领。"
        )
    )


def _held_until(case: Case) -> datetime:
    return max((each.until for each in case.lot.held), default=case.lot.ends_at)


def _short(case: Case, left: int | None) -> int:
    return (case.worth.amount if case.worth else 0) - (left or 0)


def _places(lot: LotFacts) -> Sentence:
    """Where, as the end of a sentence; nothing where it may be anywhere."""
    if not lot.places:
        return Sentence("", "")
    places = sorted(lot.places)
    return Sentence(f" in {' or '.join(places)}", f"在 {'、'.join(places)} ")


def _people(number: int) -> str:
    return "1 person" if number == 1 else f"{number} people"


_OBJECTIONS: dict[Reason, Callable[[Case], Sentence]] = {
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

_REMEDIES: dict[Reason, Callable[[Case], Remedy]] = {
    Reason.LOT_CLOSED: _other_lot("A closed lot stays closed", "批次关闭后不再开放"),
    Reason.LOT_EXPIRED: _other_lot("Its time is over", "该批次的认领时间已过"),
    Reason.SOLD_OUT: _packs_given_back,
    Reason.OFFER_NOT_OPEN: _offer_opens,
    Reason.SUBSIDY_EXHAUSTED: _subsidy_given_back,
    Reason.NO_COMMUNITY: _found_community,
    Reason.OTHER_CITY: _found_community,
    Reason.COMMUNITY_TOO_SMALL: _grow,
    Reason.HOST_CAP_REACHED: _give_packs_back,
    Reason.KEPT_FOR_NEWCOMERS: _packs_freed,
    Reason.HELD_FOR_ANOTHER: _holds_ended,
    Reason.SUBSIDY_HOST_CAP_REACHED: _cap_of_host,
    Reason.SUBSIDY_PERIOD_CAP_REACHED: _next_period,
}
