"""How strongly a host's people care about a tag: as she says, and as they showed.

What she says is a number of people times a weight of 1 to 100. What they did makes it up to
twice as strong, or down to half: a posterior mean with as many signs for as against before
anything is seen (the beta-binomial model), so that a single evening moves little.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from services.matching.communities.domain import HEAVIEST, Portrait
from services.matching.pictures.domain.sentences import Sentence, count

INDIFFERENCE = 40
"""As many signs as are taken for granted before any is seen, half of them either way."""

HEAVIEST_UNSAID = HEAVIEST
"""What one guest weighs who came for something that no community of her host names."""

THOUSAND = 1_000


class Signs(NamedTuple):
    """What her people did at the gatherings whose goods or theme have one tag.

    ``came`` are guests, ``missed`` those that were fewer than the brand asked for, ``kept`` and
    ``returned`` the units that were bought, and those of them for which money went back.
    """

    gatherings: int = 0
    came: int = 0
    missed: int = 0
    kept: int = 0
    returned: int = 0

    def plus(self, other: Signs) -> Signs:
        """Both together."""
        return Signs(*(mine + its for mine, its in zip(self, other, strict=True)))

    @property
    def lift(self) -> int:
        """From -1,000 to 999: how far the signs for it outweigh those against it."""
        liked, disliked = self.came + self.kept, self.missed + self.returned
        return THOUSAND * (liked - disliked) // (liked + disliked + INDIFFERENCE)

    @property
    def factor(self) -> int:
        """What it makes of a thousand: from 500 to 1,999, and 1,000 when nothing was shown."""
        return THOUSAND + (self.lift if self.lift >= 0 else self.lift // 2)


NOTHING = Signs()


class Interest(NamedTuple):
    """How much her people care about a tag: ``weight`` is what counts, in people times weight.

    ``stated`` is what she says of them.
    """

    tag: str
    stated: int
    shown: Signs
    weight: int

    @property
    def why(self) -> Sentence:
        """What it is made of."""
        return _why(self)


def interests(portraits: Iterable[Portrait], shown: Mapping[str, Signs]) -> dict[str, Interest]:
    """Every tag that her people care about, from her communities and from what they did.

    A stated tag weighs the people of all communities that have it times their weights, times
    its factor. One that nobody stated weighs the guests who came on average, as far as the
    signs for it outweigh those against.
    """
    stated: dict[str, int] = {}
    for portrait in portraits:
        for tag, weight in portrait.tags.items():
            stated[tag] = stated.get(tag, 0) + portrait.size * weight
    found = {tag: _interest(tag, said, shown.get(tag, NOTHING)) for tag, said in stated.items()}
    unsaid = (_interest(tag, 0, seen) for tag, seen in shown.items() if tag not in stated)
    return found | {each.tag: each for each in unsaid if each.weight}


def _interest(tag: str, stated: int, shown: Signs) -> Interest:
    if stated:
        return Interest(tag, stated, shown, max(1, stated * shown.factor // THOUSAND))
    guests = shown.came // max(1, shown.gatherings)
    return Interest(tag, 0, shown, guests * HEAVIEST_UNSAID * max(0, shown.lift) // THOUSAND)


def _why(interest: Interest) -> Sentence:
    shown, stated = interest.shown, interest.stated
    if not shown.gatherings:
        return Sentence(
            f"Your communities state {stated} (people times weight); "
            "no gathering has shown it yet.",
            f"您的社群标明 {stated}（人数乘以权重）；尚无活动体现。",
        )
    seen, seen_in_chinese = _seen(shown)
    if stated:
        factor = f"{shown.factor // THOUSAND}.{shown.factor % THOUSAND:03d}"
        return Sentence(
            f"Your communities state {stated}; {seen}: times {factor}.",
            f"您的社群标明 {stated}；{seen_in_chinese}：乘以 {factor}。",
        )
    return Sentence(
        f"No community of yours states it; {seen}.", f"您的社群未标明；{seen_in_chinese}。"
    )


def _seen(shown: Signs) -> Sentence:
    return Sentence(
        f"{count(shown.gatherings, 'gathering', 'gatherings')}: "
        f"{count(shown.came, 'guest', 'guests')} came, {shown.missed} fewer than asked for, "
        f"{count(shown.kept, 'unit', 'units')} kept, {shown.returned} given back",
        f"{shown.gatherings} 场活动：到场 {shown.came} 人，比要求少 {shown.missed} 人，"
        f"留下 {shown.kept} 件，退回 {shown.returned} 件",
    )
