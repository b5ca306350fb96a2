"""The terms of a share contract as values; made of data that was checked before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

FORMAT = "teahouse-share-contract/1"
BRAND, HOST, VENUE, CO_HOST, PLATFORM, AUTHOR = ROLES = (
    "brand",
    "host",
    "venue",
    "co_host",
    "platform",
    "author",
)
WHOLE = 10_000
FACTS = frozenset({"heads", "heads_wanted", "takings"})


class Rounding(StrEnum):
    """What is rounded: all that was sold together, or each sale with the remainders carried on.

    The second is for contracts with one step; those frozen before contracts were data have it.
    """

    TOGETHER = "largest-remainder"
    EACH_SALE = "each-sale"


class Refunding(StrEnum):
    """Who gives when a guest gets money back.

    By ``PRO_RATA`` everybody has afterwards what the rest alone would have brought; by
    ``PLATFORM_FIRST`` the platform gives all that it has before anybody else does; by
    ``HOST_DEBT`` the host bears it alone, and owes what she lacks.
    """

    PRO_RATA = "pro-rata"
    PLATFORM_FIRST = "platform-first"
    HOST_DEBT = "host-debt"


@dataclass(frozen=True, slots=True)
class Tier:
    """Basis points of what lies above an amount, up to the next tier."""

    above: int
    points: int


@dataclass(frozen=True, slots=True)
class Band:
    """From so many heads on, so many basis points of the subsidy; all of them at 10,000."""

    heads: int
    points: int


class Proof(StrEnum):
    """Which fact about a gathering proves a milestone."""

    OPENED = "opened"
    HELD = "held"
    APPROVED = "approved"


class Judge(StrEnum):
    """Who decides when a side has objected: how many were checked in, or the platform."""

    HEADS = "heads"
    PLATFORM = "platform"


class Ending(StrEnum):
    """How a milestone ends: its part is the host's, as far as earned, or goes back."""

    RELEASE = "release"
    RETURN = "return"


@dataclass(frozen=True, slots=True)
class Ruling:
    """The neutral rule: who decides on an objection, and what counts if nobody has by then."""

    by: Judge
    days: int
    otherwise: Ending


@dataclass(frozen=True, slots=True)
class MilestonePart:
    """A part of the subsidy in basis points, and the fact that proves it."""

    id: str
    why_en: str
    why_zh: str
    points: int
    proof: Proof


@dataclass(frozen=True, slots=True)
class Milestones:
    """How a subsidy is released part by part: by proof, by the clocks, by the neutral rule.

    What is proven is released when nobody has objected for ``objection_days``; what is not
    proven ``return_days`` after the gathering was opened goes back.
    """

    parts: tuple[MilestonePart, ...]
    objection_days: int
    return_days: int
    ruling: Ruling


@dataclass(frozen=True, slots=True)
class Take:
    """How much a step takes, in minor units: ``fixed``, by ``tiers``, or all that is left.

    A simple share is one tier above nothing. ``floor`` and ``cap`` hold it between two amounts.
    """

    fixed: int | None = None
    tiers: tuple[Tier, ...] = ()
    of_left: bool = False
    floor: int = 0
    cap: int | None = None

    @property
    def is_rest(self) -> bool:
        """Whether it takes all that is left."""
        return self.fixed is None and not self.tiers


@dataclass(frozen=True, slots=True)
class Step:
    """One part of what was sold, its reason in both languages, and its parts by role."""

    id: str
    why_en: str
    why_zh: str
    to: Mapping[str, int]
    take: Take
    when: str = ""


@dataclass(frozen=True)
class Terms:
    """A contract's terms; ``parties`` has for each bound role its organisations with their parts.

    ``data`` is what they were read from, and what is stored and signed.
    """

    data: Mapping[str, Any]

    @property
    def currency(self) -> str:
        """What its amounts are in."""
        return str(self.data["currency"])

    @property
    def absent(self) -> str:
        """The role that has the share of roles that nobody took."""
        return str(self.data["absent"])

    @cached_property
    def parties(self) -> Mapping[str, Mapping[str, int]]:
        """The organisations that are bound, by role."""
        found: Mapping[str, Mapping[str, int]] = self.data["parties"]
        return found

    @cached_property
    def rounding(self) -> Rounding:
        """What is rounded."""
        return Rounding(self.data["rounding"])

    @cached_property
    def refunding(self) -> Refunding:
        """Who gives when a guest gets money back."""
        return Refunding(self.data["refunds"])

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The waterfall."""
        return tuple(_step(each) for each in self.data["steps"])

    @cached_property
    def bands(self) -> tuple[Band, ...]:
        """What of the subsidy is earned by how many, few first; none when it is not stated."""
        said = self.data.get("subsidy", {}).get("bands", ())
        return tuple(Band(each["heads"], each["points"]) for each in said)

    @cached_property
    def milestones(self) -> Milestones | None:
        """How the subsidy is released part by part; None for all of it by the settlement."""
        said = self.data.get("subsidy", {}).get("milestones")
        return _milestones(said) if said else None

    @cached_property
    def roles(self) -> tuple[str, ...]:
        """The roles that have a share, and the host, in the fixed order of roles.

        The host has a seat even without a share: what is beside the takings is hers.
        """
        named = {role for step in self.steps for role in step.to} | {self.absent, HOST}
        return tuple(role for role in ROLES if role in named)


def _step(said: Mapping[str, Any]) -> Step:
    why = said["why"]
    return Step(
        said["id"], why["en"], why["zh"], said["to"], _take(said["take"]), said.get("when", "")
    )


def _milestones(said: Mapping[str, Any]) -> Milestones:
    ruling = said["ruling"]
    return Milestones(
        parts=tuple(
            MilestonePart(
                part["id"],
                part["why"]["en"],
                part["why"]["zh"],
                part["points"],
                Proof(part["proof"]),
            )
            for part in said["parts"]
        ),
        objection_days=said["objection_days"],
        return_days=said["return_days"],
        ruling=Ruling(Judge(ruling["by"]), ruling["days"], Ending(ruling["otherwise"])),
    )


def _take(said: Mapping[str, Any]) -> Take:
    tiers = said.get("tiers", ())
    if "points" in said:
        tiers = ({"above": 0, "points": said["points"]},)
    return Take(
        fixed=said.get("fixed"),
        tiers=tuple(Tier(each["above"], each["points"]) for each in tiers),
        of_left=said.get("of") == "left",
        floor=said.get("floor", 0),
        cap=said.get("cap"),
    )


def by_points(
    points: Mapping[str, int],
    parties: Mapping[str, Mapping[str, int]],
    currency: str,
    *,
    rounding: Rounding = Rounding.TOGETHER,
) -> Terms:
    """The terms of a plain division by role; the share of a role that nobody has is the host's."""
    shares = {role: points[role] for role in ROLES if points.get(role)}
    return Terms(
        {
            "format": FORMAT,
            "title": {"en": "Shares of a gathering", "zh": "活动分成"},
            "currency": currency,
            "parties": {role: dict(each) for role, each in parties.items()},
            "absent": HOST,
            "steps": [
                {
                    "id": "shares",
                    "why": {"en": "takings", "zh": "活动收入"},
                    "to": shares,
                    "take": {"rest": True},
                }
            ],
            "rounding": rounding.value,
            "refunds": Refunding.PRO_RATA.value,
            "examples": [{"name": "the whole", "sales": [sum(shares.values())], "expect": shares}],
        }
    )
