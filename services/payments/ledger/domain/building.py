"""How to build each kind of entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from typing import Any

from chassis.kernel.currencies import exponent_of
from chassis.kernel.money import Money
from services.payments.ledger.domain.entries import EntryRequest, Leg
from services.payments.ledger.domain.limits import Limits
from services.payments.ledger.domain.refusals import BadChain, EntryMalformed
from services.payments.ledger.engine.columns import Kind
from services.payments.ledger.engine.expiry import CODE as EXPIRED
from services.payments.ledger.engine.expiry import expiry_id

MAX_CHAIN = 200
EXCHANGE = "external:exchange"
RETIRED = "external:retired"
ID_RETIRED = "id-retired"


def plain(
    entry_id: str,
    legs: Sequence[Leg],
    code: str,
    reason: Mapping[str, Any] | None = None,
    *,
    reference: str | None = None,
    effective_at: datetime | None = None,
) -> EntryRequest:
    """Move money at once: 2 to 200 legs, zero in sum for each currency."""
    return EntryRequest(
        id=entry_id,
        kind=Kind.PLAIN,
        code=code,
        legs=tuple(legs),
        reason=reason or {},
        reference=reference,
        effective_at=effective_at,
    )


def transfer(
    entry_id: str,
    source: str,
    target: str,
    amount: Money,
    code: str,
    reason: Mapping[str, Any] | None = None,
    *,
    reference: str | None = None,
) -> EntryRequest:
    """Move an amount from one account to another: the plain entry of two legs."""
    legs = (Leg.of(source, -amount), Leg.of(target, amount))
    return plain(entry_id, legs, code, reason, reference=reference)


def hold(
    entry_id: str,
    legs: Sequence[Leg],
    code: str,
    reason: Mapping[str, Any] | None = None,
    *,
    reference: str | None = None,
    expires_at: datetime | None = None,
) -> EntryRequest:
    """Set money aside: nothing moves yet, but all of it counts at once.

    What goes out counts against the floor, what comes in against the ceiling.
    """
    return EntryRequest(
        id=entry_id,
        kind=Kind.HOLD,
        code=code,
        legs=tuple(legs),
        reason=reason or {},
        reference=reference,
        expires_at=expires_at,
    )


def retire(entry_id: str, code: str = ID_RETIRED) -> EntryRequest:
    """Take an id for good, so that nothing else is ever booked under it; moves nothing.

    A refused entry leaves its id free, and whoever submits it later may find the money there.
    Retired, it stays refused. It conflicts with an entry that has the id already, and is the
    same for everybody, so that any number of processes may retire the same id. ``code`` may
    say why it was refused: the first to retire it decides, and the conflict tells the others.
    """
    legs = (Leg(RETIRED, -1, "CNY"), Leg(RETIRED, 1, "CNY"))
    reason = {"why": {"en": "Refused for good; nothing moves", "zh": "终局拒绝，不涉及资金变动"}}
    return plain(entry_id, legs, code, reason)


def post(
    entry_id: str,
    hold_id: str,
    code: str,
    reason: Mapping[str, Any] | None = None,
    *,
    legs: Sequence[Leg] = (),
    reference: str | None = None,
    final: bool = True,
    effective_at: datetime | None = None,
) -> EntryRequest:
    """Move what was held: all that is left, or the smaller amounts in ``legs``.

    The rest is let go, or, if this is not the ``final`` post, stays on hold for the next.
    """
    return EntryRequest(
        id=entry_id,
        kind=Kind.POST,
        code=code,
        legs=tuple(legs),
        reason=reason or {},
        pending_id=hold_id,
        reference=reference,
        final=final,
        effective_at=effective_at,
    )


def void(
    entry_id: str,
    hold_id: str,
    code: str,
    reason: Mapping[str, Any] | None = None,
    *,
    reference: str | None = None,
) -> EntryRequest:
    """Let go of all that is left of a hold."""
    return EntryRequest(
        id=entry_id,
        kind=Kind.VOID,
        code=code,
        reason=reason or {},
        pending_id=hold_id,
        reference=reference,
    )


def expire(hold_id: str) -> EntryRequest:
    """Let go of a hold whose time is over; refused before.

    The books do the same, under the same id, before they decide on anything later.
    """
    return EntryRequest(id=expiry_id(hold_id), kind=Kind.EXPIRE, code=EXPIRED, pending_id=hold_id)


def extend(
    entry_id: str, hold_id: str, expires_at: datetime, code: str, *, reference: str | None = None
) -> EntryRequest:
    """Let a hold end later than it would, at most 366 days after it was placed."""
    return EntryRequest(
        id=entry_id,
        kind=Kind.EXTEND,
        code=code,
        pending_id=hold_id,
        reference=reference,
        expires_at=expires_at,
    )


def reverse(
    entry_id: str,
    original_id: str,
    code: str,
    reason: Mapping[str, Any] | None = None,
    *,
    part: Money | None = None,
    legs: Sequence[Leg] = (),
    reference: str | None = None,
    effective_at: datetime | None = None,
) -> EntryRequest:
    """Take an entry back: all that is left of it, or a part.

    ``part`` is shared over the legs by proportion, and what rounding leaves over is
    carried to the next part; ``legs`` names what is taken of each leg, with the opposite
    signs. No leg is ever taken back for more than it moved.
    """
    return EntryRequest(
        id=entry_id,
        kind=Kind.REVERSE,
        code=code,
        legs=tuple(legs),
        reason=reason or {},
        pending_id=original_id,
        part=part,
        reference=reference,
        effective_at=effective_at,
    )


def limit(
    entry_id: str,
    limits: Limits,
    code: str,
    reason: Mapping[str, Any] | None = None,
    *,
    reference: str | None = None,
) -> EntryRequest:
    """Change floor and ceiling of an account, from the next entry on.

    Refused while the account stands outside the new limits, held money included.
    """
    return EntryRequest(
        id=entry_id,
        kind=Kind.LIMIT,
        code=code,
        reason=reason or {},
        reference=reference,
        limits=limits,
    )


def close_period(entry_id: str, until: datetime, code: str = "period-closed") -> EntryRequest:
    """Close the books up to a moment, exclusive: nothing can take effect before it any more."""
    return EntryRequest(id=entry_id, kind=Kind.CLOSE, code=code, effective_at=until)


def exchange(
    entry_id: str,
    account: str,
    given: Money,
    taken: Money,
    *,
    rate: Fraction,
    rate_id: str,
    code: str = "exchange",
    reference: str | None = None,
) -> EntryRequest:
    """Exchange money of one currency for another on an account, as one entry.

    ``rate`` is how much of the currency taken one unit of the currency given is worth, in
    main units (yuan, not fen), and ``rate_id`` says where it is from; both are kept in the
    reason. What is taken must be the exact product rounded half to even, or
    ``EntryMalformed`` is raised.
    """
    scale = Fraction(10) ** (exponent_of(taken.currency) - exponent_of(given.currency))
    exact = given.minor * rate * scale
    if taken.minor != round(exact) or given.minor <= 0 or given.currency == taken.currency:
        raise EntryMalformed(f"part: {given} at {rate} is {exact}, not {taken}", field="legs")
    legs = (
        Leg.of(account, -given),
        Leg.of(EXCHANGE, given),
        Leg.of(EXCHANGE, -taken),
        Leg.of(account, taken),
    )
    reason = {"rate": f"{rate.numerator}/{rate.denominator}", "rate_id": rate_id}
    return plain(entry_id, legs, code, reason, reference=reference)


def chain(*entries: EntryRequest) -> tuple[EntryRequest, ...]:
    """Link entries so that all of them stand or none does; raise ``BadChain``."""
    linked = tuple(replace(entry, linked=True) for entry in entries[:-1])
    whole = (*linked, *(replace(entry, linked=False) for entry in entries[-1:]))
    check_chains(whole)
    return whole


def check_chains(entries: Sequence[EntryRequest]) -> None:
    """Raise ``BadChain`` unless every chain of a submission ends in it and is short enough."""
    length = 0
    for entry in entries:
        length = length + 1 if entry.linked else 0
        if length >= MAX_CHAIN:
            raise BadChain(f"more than {MAX_CHAIN} entries are linked", entry_id=entry.id)
    if length:
        raise BadChain("the last entry is linked to none", entry_id=entries[-1].id)
