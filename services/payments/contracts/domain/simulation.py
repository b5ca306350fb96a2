"""What a contract would book, by the code that books. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from services.payments.contracts.domain.contract import account_of
from services.payments.contracts.domain.refusals import NobodyForShare, SimulationTooLarge
from sharing.dividing import Heads, NobodyThere, Seat, Share, after_refunds, divide, seats_of
from sharing.explaining import (
    IF_PROVEN,
    Reason,
    why_milestone,
    why_refund,
    why_share,
    why_subsidy,
)
from sharing.subsidies import in_milestones, outcome
from sharing.terms import HOST, Rounding, Terms

MOST_PARTS = 5_000


@dataclass(frozen=True, slots=True)
class Line:
    """One leg: whole minor units, where they are booked, whose they are, and why.

    Role and organisation are empty for what is nobody's, such as the takings.
    """

    account: str
    role: str
    organization_id: str
    minor: int
    why: Reason


@dataclass(frozen=True, slots=True)
class Simulation:
    """What a settlement would bring everybody, and what each refund after it would take.

    ``subsidy`` is what becomes of the subsidy that was put in, none of it zero.
    """

    currency: str
    settled: tuple[Line, ...]
    refunds: tuple[tuple[Line, ...], ...]
    kept: tuple[Line, ...]
    subsidy: tuple[Line, ...] = ()


def simulate(
    terms: Terms,
    *,
    sales: Sequence[int],
    refunds: Sequence[int],
    heads: Heads,
    present: Mapping[str, Sequence[str]],
    royalties: Mapping[str, int] | None = None,
    subsidy: int = 0,
) -> Simulation:
    """Share out sales and give refunds back one by one; nothing is booked.

    Raises ``NobodyForShare`` when a share falls to a role that nobody has, and
    ``SimulationTooLarge`` for more than ``MOST_PARTS`` parts: one of each seat for every step,
    anew for each refund, and for every sale that is rounded by itself.
    """
    seats = seats_of(terms, present, royalties)
    parts = _parts(terms, seats, sales, refunds)
    if parts > MOST_PARTS:
        raise SimulationTooLarge(f"{parts} parts", parts=parts, limit=MOST_PARTS)
    try:
        settled = divide(terms, seats, sales, heads)
        states, gone = [settled], 0
        for refund in refunds:
            gone += refund
            states.append(after_refunds(terms, settled, gone, heads))
    except NobodyThere as trouble:
        raise NobodyForShare(f"nobody is {trouble}") from trouble
    return Simulation(
        currency=terms.currency,
        settled=tuple(_line(share, share.minor, why_share(share)) for share in settled),
        refunds=tuple(
            tuple(
                _line(now, now.minor - was.minor, why_refund(was, now, terms.refunding))
                for was, now in zip(before, after, strict=True)
            )
            for before, after in pairwise(states)
        ),
        kept=tuple(_line(share, share.minor, why_share(share)) for share in states[-1]),
        subsidy=_subsidy(terms, subsidy, heads, seats),
    )


def subsidy_lines(
    terms: Terms, heads: Heads, *, escrow: str, parts: Sequence[tuple[str, int]], host: Line
) -> tuple[Line, ...]:
    """What becomes of a subsidy in escrow: together nothing, and none of the lines is nothing.

    ``parts`` are the funds that it came from with what each gave; ``host`` is an empty line
    of hers, which says where her part goes.
    """
    why, given = why_subsidy(terms, heads), [minor for _, minor in parts]
    earned, returned = outcome(terms, heads, given)
    lines = (
        Line(escrow, "", "", -sum(given), why.decided),
        replace(host, minor=earned, why=why.earned),
        *(
            Line(fund, "", "", minor, why.returned)
            for (fund, _), minor in zip(parts, returned, strict=True)
        ),
    )
    return tuple(line for line in lines if line.minor)


def _subsidy(terms: Terms, minor: int, heads: Heads, seats: Sequence[Seat]) -> tuple[Line, ...]:
    """The same of one offer's subsidy, whose accounts have no names yet; by its milestones.

    Each milestone is told as it ends when it is proven once so many were counted.
    """
    who = next((seat.organization_id for seat in seats if seat.role == HOST), HOST)
    host = Line(account_of(HOST, who), HOST, who, 0, Reason("", ""))

    def lines(given: int) -> tuple[Line, ...]:
        parts = [("offer:fund", given)]
        return subsidy_lines(terms, heads, escrow="claim:escrow", parts=parts, host=host)

    if terms.milestones is None:
        return lines(minor)
    return tuple(
        replace(line, why=why_milestone(line.why, part, IF_PROVEN, is_counted=True))
        for part, (given,) in zip(
            terms.milestones.parts, in_milestones(terms, [minor]), strict=True
        )
        for line in lines(given)
    )


def _parts(
    terms: Terms, seats: Sequence[Seat], sales: Sequence[int], refunds: Sequence[int]
) -> int:
    """How many parts have to be reckoned."""
    alone = len(sales) if terms.rounding is Rounding.EACH_SALE else 0
    return len(seats) * (len(terms.steps) * (len(refunds) + 1) + alone)


def _line(share: Share, minor: int, why: Reason) -> Line:
    role, organization_id, _ = share.seat
    return Line(account_of(role, organization_id), role, organization_id, minor, why)
