"""What a search found: the combinations, what stood in the way, and what zero would take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from chassis.kernel.currencies import to_words
from chassis.kernel.errors import DomainError
from chassis.kernel.money import Money
from services.matching.offers.domain import Objection, Sentence
from services.matching.planner.domain.combination import Combination


class About(StrEnum):
    """What was looked at."""

    LOT = "lot"
    CLAIM = "claim"
    KIT = "kit"
    SLOT = "slot"
    CARTRIDGE = "cartridge"
    PAIR = "pair"


class Blocker(NamedTuple):
    """A rule, how often it stood in the way, and its words where it did first.

    ``members`` are what these words speak of: ``least`` and ``most``, ``misfits`` and so on.
    """

    about: About
    code: str
    times: int
    why: Sentence
    members: Mapping[str, Any]


class Hint(NamedTuple):
    """What is missing for a gathering that costs nothing; ``minor`` where it is money."""

    code: str
    why: Sentence
    minor: int | None = None


@dataclass(slots=True)
class Tally:
    """Counts the rules that stood in the way, the most frequent told first."""

    _found: dict[tuple[About, str], Blocker] = field(default_factory=dict)

    def note(self, about: About, objection: DomainError | Objection) -> None:
        """Count one more that a rule barred."""
        if isinstance(objection, Objection):
            found = Blocker(about, objection.code.value, 0, objection.why, {})
        else:
            # Chinese says title and hint in one.
            why = Sentence(f"{objection.title()}. {objection.hint}", objection.chinese)
            found = Blocker(about, objection.code, 0, why, objection.members)
        first = self._found.setdefault((about, found.code), found)
        self._found[about, found.code] = first._replace(times=first.times + 1)

    def blockers(self) -> tuple[Blocker, ...]:
        """All of them, by what they are about."""
        found = self._found.values()
        return tuple(sorted(found, key=lambda each: (each.about, -each.times, each.code)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """The cheapest combinations, in order, and all that a host needs to know beside them.

    ``is_complete`` says that no lot, slot or theme was left out: then the first is the
    cheapest there is. ``has_more`` says that more follow than were asked for.
    """

    currency: str
    combinations: tuple[Combination, ...]
    has_more: bool
    limits: tuple[Sentence, ...]
    blockers: tuple[Blocker, ...]
    missing: tuple[Hint, ...]

    @property
    def is_complete(self) -> bool:
        """Whether everything was looked at that could have been cheaper."""
        return not self.limits


class Looked(NamedTuple):
    """Whether any goods can be claimed, any slot can be had, and any theme fits one."""

    has_deal: bool
    has_slot: bool
    has_theme: bool


def missing_for_zero(cheapest: Combination, place: Sentence) -> tuple[Hint, ...]:
    """What would make the cheapest cost nothing; nothing is missing when it does.

    ``place`` is where and when she looked, as part of a sentence.
    """
    return tuple(_of_cost(cheapest, place)) if cheapest.cash.cost else ()


def missing_for_nothing(looked: Looked, place: Sentence) -> tuple[Hint, ...]:
    """What is missing where nothing goes together at all."""
    return tuple(_of_nothing(looked, place))


def _of_cost(cheapest: Combination, place: Sentence) -> Iterable[Hint]:
    short = cheapest.cash.cost
    words = to_words(Money(short, cheapest.claim.currency))
    yield Hint(
        "rent-above-subsidy",
        Sentence(
            f"In the cheapest combination the rent is {words} above the subsidy.",
            f"最便宜的组合中，租金比补贴多 {words}。",
        ),
        short,
    )
    yield Hint("slot-without-rent", _slot_without_rent(place))
    yield Hint(
        "co-host-contribution",
        Sentence(
            f"Co-hosts who give {words} more would make it zero.",
            f"联合主理人再分担 {words} 即可为零。",
        ),
        short,
    )


def _of_nothing(looked: Looked, place: Sentence) -> Iterable[Hint]:
    if not looked.has_deal:
        yield Hint(
            "no-lot",
            Sentence(
                "No lot with a subsidy and no kit can be claimed by you for this community now; "
                "blockers say why.",
                "目前没有您可为该社群认领的带补贴批次或组合，原因见 blockers。",
            ),
        )
    if not looked.has_slot:
        yield Hint(
            "no-slot",
            Sentence(f"No slot can be had {place.english}.", f"{place.chinese}没有可用的时段。"),
        )
        if looked.has_deal:
            yield Hint("slot-without-rent", _slot_without_rent(place))
    elif not looked.has_theme:
        yield Hint(
            "no-theme",
            Sentence(
                f"Slots can be had {place.english}, but no theme for so many fits one of them; "
                "blockers say what stood in the way.",
                f"{place.chinese}有可用的时段，但没有适合该人数与场地的卡带，原因见 blockers。",
            ),
        )
    if looked.has_deal and looked.has_theme:
        yield Hint(
            "no-pair",
            Sentence(
                "No claim goes with a room: each asks for a larger share than the terms leave it, "
                "or fits no theme that goes with the goods; blockers say why.",
                "没有认领与场地相配：场地要求的份额高于条款留给它的份额，或没有与货品相配的卡带，"
                "原因见 blockers。",
            ),
        )


def _slot_without_rent(place: Sentence) -> Sentence:
    return Sentence(
        f"A slot {place.english} for a line of naming, or for a share that the claim's terms "
        "leave the venue, would make it zero.",
        f"{place.chinese}若有以冠名免租、或所要份额不高于认领条款的时段，即可为零。",
    )
