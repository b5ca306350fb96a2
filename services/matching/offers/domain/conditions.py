"""Which conditions of a brand's subsidies keep a host from a lot, and what would meet them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from services.matching.communities.domain import Portrait
from sharing.eligibility import ClaimFacts, Clause, judge

FURTHEST = 2**20


class Unmet(NamedTuple):
    """A clause that is not met, and how many more people or settled gatherings would meet it.

    None where more of that alone changes nothing.
    """

    clause: Clause
    more_people: int | None = None
    more_settled: int | None = None


def are_met(clauses: Sequence[Clause], portrait: Portrait, *, settled: int) -> bool:
    """Whether a claim for this community would meet every clause of a subsidy."""
    facts = portrait.claim_facts(settled=settled)
    return all(verdict.passes for verdict in judge(clauses, facts))


def unmet_clauses(
    conditions: Iterable[Sequence[Clause]], portraits: Sequence[Portrait], *, settled: int
) -> tuple[Unmet, ...]:
    """What keeps every community of a host from all these subsidies; nothing if one may claim.

    Each of the ``conditions`` is all clauses of one subsidy. Told is the subsidy and the
    community that lack the fewest clauses.
    """
    trials = [
        (facts, [verdict.clause for verdict in judge(clauses, facts) if not verdict.passes])
        for clauses in conditions
        for facts in (portrait.claim_facts(settled=settled) for portrait in portraits)
    ]
    if not trials:
        return ()
    facts, clauses = min(trials, key=lambda trial: len(trial[1]))
    return tuple(_unmet(clause, facts) for clause in clauses)


def _unmet(clause: Clause, facts: ClaimFacts) -> Unmet:
    """More of a fact that the clause does not name changes nothing: it is not tried."""

    def more(name: str) -> int | None:
        if name not in clause.when:
            return None
        has = getattr(facts, name)
        return _fewest(lambda extra: _meets(clause, replace(facts, **{name: has + extra})))

    return Unmet(clause, more("community_size"), more("settled_gatherings"))


def _meets(clause: Clause, facts: ClaimFacts) -> bool:
    (verdict,) = judge((clause,), facts)
    return verdict.passes


def _fewest(is_enough: Callable[[int], bool]) -> int | None:
    """The fewest more that are enough, found by doubling and halving; None if none are.

    Of a clause that more meets and still more does not, it answers a number that meets it.
    """
    enough = 1
    while not is_enough(enough):
        enough *= 2
        if enough > FURTHEST:
            return None
    short = enough // 2
    while enough - short > 1:
        between = (short + enough) // 2
        if is_enough(between):
            enough = between
        else:
            short = between
    return enough
