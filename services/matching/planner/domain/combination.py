"""A combination of goods, room and themes, and what each part of it costs, line by line."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from chassis.kernel.currencies import to_words
from chassis.kernel.money import Money
from services.matching.claims.domain import Claim
from services.matching.gatherings.domain import Fit
from services.matching.offers.domain import Sentence
from services.matching.planner.engine.cash import Cash
from services.matching.supply.domain import CartridgeVersion, Slot


class Part(StrEnum):
    """What a line is about."""

    ROOM = "room"
    PACKS = "packs"
    FEES = "fees"
    CO_HOSTS = "co-hosts"
    SUBSIDY = "subsidy"


class When(StrEnum):
    """When a line's money is owed, or comes in."""

    BOOKING = "booking"
    SETTLEMENT = "settlement"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Line:
    """One part of the cost: what the host owes by it, or, below zero, what comes in."""

    part: Part
    minor: int
    when: When
    why: Sentence


class Theme(NamedTuple):
    """A cartridge that fits the room, and how."""

    version: CartridgeVersion
    fit: Fit


@dataclass(frozen=True, slots=True, kw_only=True)
class Combination:
    """Goods with a subsidy, a room and the themes that fit it, in the order of their names.

    ``claim`` is one that she has already, where it ``is_claimed``, or what claiming now would
    ask for; nothing is stored. Each theme alone makes a gathering of it; a kit has only its own.
    """

    title: str
    claim: Claim
    is_claimed: bool
    lent: Slot
    themes: tuple[Theme, ...]
    contribution: int

    @property
    def cash(self) -> Cash:
        """The money of it, in minor units."""
        rent = self.lent.rent.minor if self.lent.rent else 0
        return Cash(rent, self.contribution, self.claim.subsidy.minor)

    @property
    def lines(self) -> tuple[Line, ...]:
        """All that it costs and brings in; they add up to ``cost`` less ``left_over``."""
        cash = self.cash
        given = (Line(Part.CO_HOSTS, -cash.given, When.BOOKING, _co_hosts(self)),)
        return (
            Line(Part.ROOM, cash.rent, When.BOOKING if cash.rent else When.NEVER, _room(self)),
            Line(Part.PACKS, 0, When.NEVER, _packs(self)),
            Line(Part.FEES, 0, When.NEVER, _FEES),
            *(given if self.contribution else ()),
            Line(Part.SUBSIDY, -cash.subsidy, When.SETTLEMENT, _subsidy(self)),
        )

    @property
    def worst(self) -> Sentence:
        """What is owed all the same when too few come, or nobody."""
        owed, needed = self._words(self.cash.owed), self.claim.min_checked_in
        if not self.cash.owed:
            return Sentence(
                "Whoever comes, you owe nothing.",
                "无论到场多少人，您都无需付款。",
            )
        if not self.claim.subsidies:
            return Sentence(
                f"Whoever comes, you owe {owed}.",
                f"无论到场多少人，您须承担 {owed}。",
            )
        return Sentence(
            f"If fewer than {needed} check in, the brand may give nothing and you owe {owed}.",
            f"如签到少于 {needed} 人，品牌可能不发补贴，您须承担 {owed}。",
        )

    def _words(self, minor: int) -> str:
        return to_words(Money(minor, self.claim.currency))


_PACKS = Sentence(
    "Nothing is paid for packs: the goods stay the brand's until they are sold, and what is "
    "left goes back.",
    "货品无需付款：售出前归品牌所有，剩余退回。",
)
_HAD = Sentence(
    "You have claimed these packs already: the goods stay the brand's until they are sold, and "
    "what is left goes back.",
    "您已认领这些货品：售出前归品牌所有，剩余退回。",
)
_NO_SUBSIDY = Sentence("No subsidy goes with it.", "无补贴。")
_FEES = Sentence(
    "No deposit and no fee: brand, venue, author and platform have shares of what is sold.",
    "无押金、无手续费：品牌、场地、作者与平台从销售额中分成。",
)


def _packs(plan: Combination) -> Sentence:
    kit, told = plan.claim.kit, _HAD if plan.is_claimed else _PACKS
    if kit is None:
        return told
    count, brands = plan.claim.packs, len(plan.claim.brand_ids)
    return Sentence(
        f"A kit, taken whole (packs: {count}, brands: {brands}). {told.english}",
        f"整套组合，共 {brands} 个品牌 {count} 包。{told.chinese}",
    )


def _room(plan: Combination) -> Sentence:
    lent, share = plan.lent, plan.claim.terms.get("venue", 0) / 100
    if lent.rent is not None:
        rent = to_words(lent.rent)
        return Sentence(
            f"The room costs {rent}, owed from booking on and taken from what you are next "
            "paid out.",
            f"场地租金 {rent}，自预订起应付，从您之后的可提现款项中扣除。",
        )
    if lent.naming is not None:
        return Sentence(
            f"The room is lent for a line of naming: “{lent.naming}”.",
            f"场地以冠名一行免租：“{lent.naming}”。",
        )
    return Sentence(
        f"The room is lent for a share: the venue gets {share:g} % of what is sold.",
        f"场地以分成免租：场地得销售额的 {share:g}%。",
    )


def _co_hosts(plan: Combination) -> Sentence:
    given = to_words(Money(plan.cash.given, plan.claim.currency))
    return Sentence(
        f"Your co-hosts give {given} towards the room, as you say; Teahouse does not collect it.",
        f"按您所填，联合主理人分担场地费 {given}；本平台不代收。",
    )


def _subsidy(plan: Combination) -> Sentence:
    amount = to_words(Money(plan.cash.subsidy, plan.claim.currency))
    needed, givers = plan.claim.min_checked_in, len(plan.claim.subsidies)
    if not givers:
        return _NO_SUBSIDY
    if givers > 1:
        return Sentence(
            f"{givers} brands give {amount} together once the gathering is settled, if {needed} "
            "or more check in.",
            f"活动结算后 {givers} 个品牌共补贴 {amount}，须至少 {needed} 人签到。",
        )
    return Sentence(
        f"The brand gives {amount} once the gathering is settled, if {needed} or more check in.",
        f"活动结算后品牌补贴 {amount}，须至少 {needed} 人签到。",
    )
