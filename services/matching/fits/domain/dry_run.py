"""Who would pass a brand's thresholds, and by which of them the others fail: nothing is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from services.matching.offers.domain import Unmet, are_met, unmet_clauses
from services.matching.pictures.domain import People, Picture, Sentence, count
from sharing.eligibility import Clause

MOST_SHOWN = 20
NEAREST_SHOWN = 5
MOST_SEARCHED = 100
"""Of so many hosts who fail by one clause alone it is searched how much more would do."""
WHOLE = 10_000
FAR = 1 << 62


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """What a brand might ask: one community must meet all of it. Cities are tidy; none is any.

    ``newcomers_basis_points`` of ``packs`` would be kept for hosts without a record.
    """

    min_community_size: int = 1
    cities: frozenset[str] = frozenset()
    clauses: tuple[Clause, ...] = ()
    packs: int = 0
    newcomers_basis_points: int = 0

    @property
    def packs_kept(self) -> int:
        """The packs that would be kept for newcomers, rounded down."""
        return self.packs * self.newcomers_basis_points // WHOLE


class NearMiss(NamedTuple):
    """A host who fails by one rule alone; ``short`` people or gatherings more would pass it.

    None where no such number would do, or where it was not searched.
    """

    host_id: str
    short: int | None


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """How many hosts fail by a rule, how many by it alone, and those who come nearest."""

    name: str
    asks: Sentence
    failing: int
    failing_alone: int
    nearest: tuple[NearMiss, ...]


@dataclass(frozen=True, slots=True)
class DryRun:
    """What became of the hosts that were looked at; every one passes or fails.

    ``shown`` are those that pass, those with the largest communities first.
    """

    hosts: int
    passing: int
    newcomers: int
    packs_kept: int
    shown: tuple[str, ...]
    rules: tuple[RuleOutcome, ...]


class Rule(NamedTuple):
    """One threshold: whether a community meets it, and how much more would do.

    Where that is a search, it tries its clause dozens of times.
    """

    name: str
    asks: Sentence
    is_met: Callable[[People, int], bool]
    short: Callable[[People, int], int | None]
    is_search: bool = False


def dry_run(thresholds: Thresholds, pictures: Iterable[Picture]) -> DryRun:
    """Hold every host with people against the thresholds, by the community that fails least.

    How much more a clause would take is searched for the first ``MOST_SEARCHED`` who fail by it
    alone.
    """
    rules = _rules(thresholds)
    failing, alone = [0] * len(rules), [0] * len(rules)
    near: list[list[NearMiss]] = [[] for _ in rules]
    passing: list[tuple[int, str]] = []
    hosts = newcomers = 0
    for picture in pictures:
        settled = picture.record.settled
        hosts += bool(picture.people)
        for people, failed in _best_of(picture, rules):
            for place in failed:
                failing[place] += 1
            if not failed:
                passing.append((-picture.largest, picture.host_id))
                newcomers += not settled
            if len(failed) == 1:
                (place,) = failed
                alone[place] += 1
                rule = rules[place]
                told = not rule.is_search or alone[place] <= MOST_SEARCHED
                short = rule.short(people, settled) if told else None
                miss = NearMiss(picture.host_id, short)
                near[place] = sorted([*near[place], miss], key=_distance)[:NEAREST_SHOWN]
    return DryRun(
        hosts,
        len(passing),
        newcomers,
        thresholds.packs_kept,
        tuple(host_id for _, host_id in sorted(passing)[:MOST_SHOWN]),
        tuple(
            RuleOutcome(rule.name, rule.asks, failing[place], alone[place], tuple(near[place]))
            for place, rule in enumerate(rules)
        ),
    )


def _best_of(picture: Picture, rules: Sequence[Rule]) -> list[tuple[People, list[int]]]:
    """Her community that fails the fewest rules, of equals the largest, and which it fails."""
    settled = picture.record.settled
    found = [
        (each, [place for place, rule in enumerate(rules) if not rule.is_met(each, settled)])
        for each in picture.people
    ]
    return sorted(found, key=lambda tried: (len(tried[1]), -tried[0].size))[:1]


def _distance(miss: NearMiss) -> tuple[int, str]:
    return (FAR if miss.short is None else miss.short, miss.host_id)


def _rules(thresholds: Thresholds) -> list[Rule]:
    size, cities = thresholds.min_community_size, thresholds.cities
    named = ", ".join(sorted(cities)), "、".join(sorted(cities))
    found = [
        Rule(
            "community-size",
            Sentence(
                f"A community of {count(size, 'person', 'people')} or more.",
                f"社群至少 {size} 人。",
            ),
            lambda people, _: people.size >= size,
            lambda people, _: size - people.size,
        )
    ]
    if cities:
        found.append(
            Rule(
                "city",
                Sentence(f"A community in {named[0]}.", f"社群位于 {named[1]}。"),
                lambda people, _: people.city in cities,
                lambda _people, _settled: None,
            )
        )
    return found + [_of_clause(clause) for clause in thresholds.clauses]


def _of_clause(clause: Clause) -> Rule:
    def is_met(people: People, settled: int) -> bool:
        return are_met((clause,), people.portrait, settled=settled)

    def short(people: People, settled: int) -> int | None:
        found: Sequence[Unmet] = unmet_clauses([(clause,)], [people.portrait], settled=settled)
        return next((each.more_people or each.more_settled for each in found), None)

    return Rule(clause.name, Sentence(clause.en, clause.zh), is_met, short, is_search=True)
