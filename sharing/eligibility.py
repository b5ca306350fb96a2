"""Who may have a subsidy: clauses in CEL over the facts of a claim, each in its own words.

Of ``city`` and ``tags`` the tidy forms count: small letters, no blanks around. A claim meets
the conditions when every clause is true of it; a clause that has no answer is not met.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from itertools import product
from typing import NamedTuple

from cartridges.conditions import ConditionRefused, is_true

MOST_CLAUSES = 10


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """What a clause may ask about; ``settled_gatherings`` are the host's up to now."""

    community_size: int = 0
    city: str = ""
    tags: tuple[str, ...] = ()
    settled_gatherings: int = 0
    packs: int = 1
    channel: str = "gathering"


NAMES = frozenset(field.name for field in fields(ClaimFacts))


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition: ``when`` in CEL, and what it asks for in English and Chinese."""

    name: str
    when: str
    en: str
    zh: str


class Verdict(NamedTuple):
    """Whether a claim meets a clause."""

    clause: Clause
    passes: bool


def check_clauses(clauses: Sequence[Clause]) -> None:
    """Raise ``ConditionRefused`` for the first that cannot be used of every claim."""
    for clause, facts in product(clauses, _trials()):
        _is_met(clause, facts)


def judge(clauses: Iterable[Clause], facts: ClaimFacts) -> tuple[Verdict, ...]:
    """Which clauses these facts meet, in their order."""
    return tuple(Verdict(clause, _passes(clause, facts)) for clause in clauses)


def _passes(clause: Clause, facts: ClaimFacts) -> bool:
    try:
        return _is_met(clause, facts)
    except ConditionRefused:
        return False


def _is_met(clause: Clause, facts: ClaimFacts) -> bool:
    context = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asdict(facts).items()
    }
    about = f"{facts.community_size} people and {facts.packs} packs"
    return is_true(clause.when, context, NAMES, about=about)


def _trials() -> tuple[ClaimFacts, ...]:
    """Facts from one end to the other that every clause must have an answer for."""
    least = ClaimFacts()
    most = ClaimFacts(
        community_size=100_000,
        city="beijing",
        tags=("tea", "books"),
        settled_gatherings=1_000,
        packs=10_000,
        channel="online",
    )
    return (
        least,
        most,
        replace(most, tags=(), settled_gatherings=0),
        replace(least, community_size=1, city="上海"),
    )
