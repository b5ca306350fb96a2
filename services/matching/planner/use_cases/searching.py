"""Searching for the gathering that costs a host least; nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.matching.behaviour.domain import Deed
from services.matching.gatherings.domain import must_be_others
from services.matching.gatherings.use_cases import must_be_hosts
from services.matching.offers.domain import Sentence
from services.matching.planner.domain import (
    Combination,
    ContributionOfNobody,
    DaysPassed,
    Findings,
    Hint,
    Looked,
    Tally,
    missing_for_nothing,
    missing_for_zero,
)
from services.matching.planner.use_cases.judging import EffortSpent, Judge
from services.matching.planner.use_cases.kits import KitJudge
from services.matching.planner.use_cases.ports import Planner, SearchPlans, Shelf

MOST_CHECKS = 20_000
"""How many times the rules of claims and gatherings are asked in one search, and of kits."""

LAST_CLOCK = timedelta(hours=-12)
"""The clock that is furthest behind UTC: a day that is over there is over at every venue."""

_LOTS_LEFT_OUT = Sentence(
    "There are more lots than one search reads: those of the brands that give most were read.",
    "批次过多，仅查看了补贴最高的品牌。",
)
_LEFT_OUT = (
    Sentence(
        "There are more slots than one search reads: the soonest were read. Ask for fewer days.",
        "时段过多，仅查看了最早的部分，请缩短日期范围。",
    ),
    Sentence(
        "Some slots were left out: what their venues lend them for was never told.",
        "部分时段未列入：场地未说明租用条件。",
    ),
    Sentence(
        "There are more themes than one search reads: name one by its cartridge_digest.",
        "卡带过多，仅查看了一部分，请用 cartridge_digest 指定。",
    ),
    Sentence(
        "There are more kits than one search reads: the latest were read.",
        "组合过多，仅查看了最新的部分。",
    ),
)
_KITS_LEFT_OUT = Sentence(
    "Not every kit was held against every room: ask for fewer days, or for one theme.",
    "未能逐一核对所有组合与场地，请缩短日期范围或指定卡带。",
)
_EFFORT_SPENT = Sentence(
    "The search stopped early: what is shown is the cheapest of what was looked at. Ask for "
    "fewer days, or for one theme.",
    "搜索提前停止，所示为已查看部分中最便宜的；请缩短日期范围或指定卡带。",
)


def search_plans(
    command: SearchPlans, *, planner: Planner, now: datetime, most_checks: int = MOST_CHECKS
) -> Findings:
    """The cheapest combinations that she could claim and plan at this moment, in order.

    The rules of claims, offers and gatherings themselves judge each. What a limit left out is
    told. Raises ``DaysPassed``, ``ContributionOfNobody``, ``CommunityOfAnotherHost``,
    ``NotACoHost``, ``CartridgeNotFound`` or ``CartridgeYanked``.
    """
    if command.last_day < (now + LAST_CLOCK).date():
        raise DaysPassed(f"{command.last_day} is over on every clock")
    if command.contribution and not command.co_host_ids:
        raise ContributionOfNobody
    community = planner.applicants.community(command.community_id, command.host_id)
    must_be_others(command.host_id, command.co_host_ids)
    must_be_hosts(command.co_host_ids, planner.organizations)
    goods = planner.parts.goods(now)
    rooms = planner.parts.rooms(community.portrait.city, command.first_day, command.last_day, now)
    shelf, kits, tally = _shelf(command, planner), planner.parts.kits(now), Tally()
    settled = planner.applicants.settled(command.host_id)
    kit_judge = KitJudge(
        command, community=community, settled=settled, taken=planner.taken, tally=tally, now=now
    )
    own = planner.parts.own(command.host_id, command.community_id)
    judge = Judge(
        command,
        community=community,
        deals=[*goods.deals, *own, *kit_judge.claims(kits.deals)],
        slots=rooms.slots,
        versions=shelf.versions,
        settled=settled,
        held=planner.deeds.count(command.host_id, Deed.HELD),
        taken=planner.taken,
        programme=planner.programme,
        tally=tally,
        most_checks=most_checks,
        now=now,
    )
    found: list[Combination] = []
    wholes = (rooms.is_whole, rooms.all_priced, shelf.is_whole, kits.is_whole)
    limits = [told for is_whole, told in zip(wholes, _LEFT_OUT, strict=True) if not is_whole]
    looked = None
    try:
        for combination in judge.combinations():
            found.append(combination)
            if len(found) > command.limit:
                break
        looked = judge.looked() if not found else None
    except EffortSpent:
        limits.append(_EFFORT_SPENT)
    if not judge.has_all_kits:
        limits.append(_KITS_LEFT_OUT)
    shown, has_more = tuple(found[: command.limit]), len(found) > command.limit
    if goods.left_out is not None and not (has_more and judge.beats(shown[-1], goods.left_out)):
        limits.append(_LOTS_LEFT_OUT)
    return Findings(
        currency=command.currency,
        combinations=shown,
        has_more=has_more,
        limits=tuple(limits),
        blockers=tally.blockers(),
        missing=_missing(found, looked, _where(command, community.portrait.city)),
    )


def _missing(
    found: Sequence[Combination], looked: Looked | None, where: Sentence
) -> tuple[Hint, ...]:
    """What zero would take; a search that stopped before it found anything cannot tell."""
    if found:
        return missing_for_zero(found[0], where)
    return missing_for_nothing(looked, where) if looked else ()


def _shelf(command: SearchPlans, planner: Planner) -> Shelf:
    if command.cartridge_digest is None:
        return planner.parts.themes(command.people)
    return Shelf([planner.programme.version(command.cartridge_digest)])


def _where(command: SearchPlans, city: str) -> Sentence:
    """Where and when she looked, to be put into a sentence."""
    first, last, people = command.first_day, command.last_day, command.people
    english = f"on {first}" if first == last else f"from {first} to {last}"
    chinese = f"{first}" if first == last else f"{first} 至 {last}"
    return Sentence(f"in {city} {english} for {people} people", f"{city} {chinese}（{people} 人）")
