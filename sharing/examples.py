"""The examples inside a contract, run by the arithmetic that books."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sharing.dividing import Heads, Share, after_refunds, divide, seats_of
from sharing.subsidies import outcome
from sharing.terms import ROLES, Terms

SUBSIDY = "subsidy"


class Difference(NamedTuple):
    """Where an example and the terms disagree, in minor units; ``role`` may be the subsidy."""

    example: str
    role: str
    expected: int
    found: int

    @property
    def told(self) -> str:
        """In words, to the fen."""
        return (
            f"{self.example}: {self.role} expected {self.expected}, found {self.found} "
            f"({self.found - self.expected:+d})"
        )


def tried(example: Mapping[str, Any], terms: Terms) -> list[Share]:
    """The shares of an example; each role that is not vacant has its organisations or one."""
    vacant = example.get("vacant", ())
    present = {role: (role,) for role in ROLES if role not in vacant}
    heads = _heads(example)
    settled = divide(terms, seats_of(terms, present), example["sales"], heads)
    return after_refunds(terms, settled, example.get("refunded", 0), heads)


def differences(terms: Terms) -> list[Difference]:
    """What every example of a contract has against its terms; none when all are right."""
    found: list[Difference] = []
    for example in terms.data["examples"]:
        by_role = dict.fromkeys(ROLES, 0)
        for share in tried(example, terms):
            by_role[share.seat.role] += share.minor
        given = example.get("subsidy", 0)
        by_role[SUBSIDY] = outcome(terms, _heads(example), [given]).earned
        expected = {**example["expect"], SUBSIDY: example.get("earned", 0)}
        found += [
            Difference(example["name"], role, expected.get(role, 0), minor)
            for role, minor in by_role.items()
            if expected.get(role, 0) != minor
        ]
    return found


def _heads(example: Mapping[str, Any]) -> Heads:
    return Heads(example.get("heads", 0), example.get("heads_wanted", 0))
