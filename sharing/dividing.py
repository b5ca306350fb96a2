"""The arithmetic of shares: exact first, then whole units that add up. Pure.

``divide`` is a function of all that was sold and nothing else, so it does not matter in how many
bookings the money came or went: whoever books the difference to what was booked before is never
a whole unit off for anybody, and refunds in any cut come to the same.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from cartridges.conditions import ConditionRefused, is_true
from chassis.kernel.money import split
from sharing.terms import (
    AUTHOR,
    FACTS,
    HOST,
    PLATFORM,
    ROLES,
    WHOLE,
    Refunding,
    Rounding,
    Step,
    Take,
    Terms,
)


class NobodyThere(Exception):
    """A share falls to a role that nobody has."""


class Seat(NamedTuple):
    """An organisation in a role, and how many parts of the role's share it has."""

    role: str
    organization_id: str
    weight: int


@dataclass(frozen=True, slots=True)
class Heads:
    """How many were checked in, and how many were asked for."""

    came: int = 0
    wanted: int = 0


class Part(NamedTuple):
    """What one step brings a seat, exactly; ``of`` is what the step took."""

    step: Step
    exact: Fraction
    of: Fraction


@dataclass(frozen=True, slots=True)
class Share:
    """What a seat has in whole minor units, what it would have exactly, and where that is from."""

    seat: Seat
    minor: int
    parts: tuple[Part, ...]

    @property
    def exact(self) -> Fraction:
        """The sum of its parts."""
        return _sum(self.parts)

    @property
    def ahead(self) -> Fraction:
        """How far it is ahead of the exact amount; under one unit, and less if behind."""
        return self.minor - self.exact


def _sum(parts: Sequence[Part]) -> Fraction:
    return sum((part.exact for part in parts), Fraction(0))


def seats_of(
    terms: Terms,
    present: Mapping[str, Sequence[str]],
    royalties: Mapping[str, int] | None = None,
    *,
    ruled: Mapping[str, int] | None = None,
) -> tuple[Seat, ...]:
    """Who shares: bound organisations as the contract says, else whoever is present in a role.

    Those present share their role equally, but authors by ``royalties`` where these are known.
    Whom a ruling made authors, ``ruled``, are so whatever the contract says.
    """
    found: list[Seat] = []
    for role in terms.roles:
        here = (PLATFORM,) if role == PLATFORM else present.get(role, ())
        points = terms.parties.get(role) or dict.fromkeys(here, 1)
        if role == AUTHOR and royalties and role not in terms.parties:
            points = royalties
        if role == AUTHOR and ruled:
            points = ruled
        found += [Seat(role, who, weight) for who, weight in points.items() if weight]
    return tuple(found)


def divide(terms: Terms, seats: Sequence[Seat], sales: Sequence[int], heads: Heads) -> list[Share]:
    """Share out what was sold; the shares follow ``seats`` and add up to the sales.

    A step whose condition has no answer takes nothing: see ``unanswered``. Raises
    ``NobodyThere`` when a share falls to a role that nobody has.
    """
    whole = sum(sales)
    parts = _parts(terms, seats, whole, heads)
    if terms.rounding is Rounding.EACH_SALE:
        minors = _in_turn(terms, seats, sales)
    else:
        minors = whole_units([_sum(each) for each in parts])
    return [Share(*found) for found in zip(seats, minors, parts, strict=True)]


def after_refunds(
    terms: Terms, settled: Sequence[Share], refunded: int, heads: Heads
) -> list[Share]:
    """What everybody has once so much of what was settled has gone back to guests.

    It depends on the sum of the refunds alone. Raises as ``divide`` does.
    """
    seats = [share.seat for share in settled]
    whole = sum(share.minor for share in settled)
    if not refunded:
        return list(settled)
    if terms.refunding is Refunding.PRO_RATA:
        together = Terms({**terms.data, "rounding": Rounding.TOGETHER.value})
        return divide(together, seats, [whole - refunded], heads)
    if terms.refunding is Refunding.HOST_DEBT:
        return _without(settled, HOST, refunded)
    platform = sum(share.minor for share in settled if share.seat.role == PLATFORM)
    first = _without(settled, PLATFORM, min(refunded, platform)) if platform else settled
    others = [share for share in first if share.seat.role != PLATFORM]
    rest = whole - platform - max(0, refunded - platform)
    kept = iter(_scaled([share.minor for share in others], rest))
    return [
        share if share.seat.role == PLATFORM else Share(share.seat, next(kept), share.parts)
        for share in first
    ]


def whole_units(exact: Sequence[Fraction]) -> tuple[int, ...]:
    """Exact amounts that sum to a whole number as whole ones: largest remainders first."""
    scale = math.lcm(*(each.denominator for each in exact))
    weights = [int(each * scale) for each in exact]
    return _scaled(weights, int(sum(exact)))


def _scaled(weights: Sequence[int], whole: int) -> tuple[int, ...]:
    if not sum(weights):
        return (0,) * len(weights)
    return split(whole, weights, (0,) * len(weights)).shares


def _without(settled: Sequence[Share], role: str, minor: int) -> list[Share]:
    """The shares after a role gave so much; its seats give by what each has of the role."""
    own = [share for share in settled if share.seat.role == role]
    if not own:
        raise NobodyThere(role)
    weights = [share.minor for share in own]
    given = iter(split(minor, weights if sum(weights) else [1] * len(own), (0,) * len(own)).shares)
    return [
        Share(share.seat, share.minor - next(given), share.parts) if share in own else share
        for share in settled
    ]


def _parts(
    terms: Terms, seats: Sequence[Seat], whole: int, heads: Heads
) -> list[tuple[Part, ...]]:
    """The exact amounts that each step brings each seat."""
    found: list[list[Part]] = [[] for _ in seats]
    left = Fraction(whole)
    weight_of = {role: sum(seat.weight for seat in seats if seat.role == role) for role in ROLES}
    for step in terms.steps:
        if not _is_met(step, whole, heads):
            continue
        taken = _taken(step.take, Fraction(whole), left)
        left -= taken
        to = _filled(step.to, weight_of, terms.absent)
        for place, seat in enumerate(seats):
            if to.get(seat.role):
                part = Fraction(to[seat.role] * seat.weight, sum(to.values()))
                exact = taken * part / weight_of[seat.role]
                found[place].append(Part(step, exact, taken))
    return [tuple(each) for each in found]


def unanswered(terms: Terms, whole: int, heads: Heads) -> dict[str, str]:
    """The steps whose conditions have no answer for what was sold, and why; they are not met.

    Nobody can try a condition with every gathering before it is signed, and what was sold must
    be shared out whatever was signed.
    """
    found: dict[str, str] = {}
    for step in terms.steps:
        try:
            holds(step.when or "true", whole, heads)
        except ConditionRefused as refusal:
            found[step.id] = str(refusal)
    return found


def _is_met(step: Step, whole: int, heads: Heads) -> bool:
    try:
        return not step.when or holds(step.when, whole, heads)
    except ConditionRefused:
        return False


def holds(condition: str, whole: int, heads: Heads) -> bool:
    """Whether a step's condition is true of what was sold; raise ``ConditionRefused``."""
    facts = {"heads": heads.came, "heads_wanted": heads.wanted, "takings": whole}
    about = f"{heads.came} heads and takings of {whole}"
    return is_true(condition, facts, FACTS, about=about)


def _taken(take: Take, whole: Fraction, left: Fraction) -> Fraction:
    if take.is_rest:
        return left
    amount = Fraction(take.fixed or 0)
    base = left if take.of_left else whole
    ends = [*(tier.above for tier in take.tiers[1:]), None]
    for tier, end in zip(take.tiers, ends, strict=False):
        inside = (base if end is None else min(base, Fraction(end))) - tier.above
        amount += max(Fraction(0), inside) * tier.points / WHOLE
    amount = max(amount, Fraction(take.floor))
    if take.cap is not None:
        amount = min(amount, Fraction(take.cap))
    return min(amount, left)


def _filled(to: Mapping[str, int], weight_of: Mapping[str, int], absent: str) -> dict[str, int]:
    """The parts of a step by role; those of roles that nobody has go to the absent's heir."""
    found = {role: parts for role, parts in to.items() if weight_of[role]}
    vacant = sum(to.values()) - sum(found.values())
    if vacant and not weight_of[absent]:
        raise NobodyThere(absent)
    return found | ({absent: found.get(absent, 0) + vacant} if vacant else {})


def _in_turn(terms: Terms, seats: Sequence[Seat], sales: Sequence[int]) -> tuple[int, ...]:
    """Each sale for itself, what rounding leaves carried on to the next."""
    exact = [_sum(each) for each in _parts(terms, seats, 1, Heads())]
    scale = math.lcm(*(share.denominator for share in exact))
    weights = [int(share * scale) for share in exact]
    totals, carries = [0] * len(seats), (0,) * len(seats)
    for sale in sales:
        shares, carries = split(sale, weights, carries)
        totals = [total + share for total, share in zip(totals, shares, strict=True)]
    return tuple(totals)
