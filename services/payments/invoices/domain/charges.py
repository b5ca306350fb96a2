"""Who charges whom by which leg of which entry. Pure.

The host sold to the guests, so everybody else who has a share of the takings rendered
something to the host. A brand's subsidy and its naming fee pay those who have them for what
they did for the brand, whether a settlement pays the subsidy or its milestones do. A slot's
rent is charged by the venue to the host. A leg on an account of who charges is what is charged;
what takes such a leg back, or fills a brand's fund again, corrects the invoice it is in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from chassis.kernel.ids import derived_id
from services.payments.contracts.domain import Line
from services.payments.dues.domain import Cause, Due, Move
from services.payments.escrow.domain import Escrow
from services.payments.ledger.domain import Leg
from services.payments.milestones.domain import Milestone, Schedule
from services.payments.settlements.domain import Refund, Settlement
from services.payments.statements.engine.words import Why, subjects, why
from sharing.terms import PLATFORM

SETTLEMENT, REFUND = "settlement", "refund"
OWED, FORGIVEN = f"due-{Move.OWE}", f"due-{Move.FORGIVE}"
MILESTONE, CLAWED_BACK = "milestone", "subsidy-returned"
LOST, SHARED = "dispute-lost", "dispute-shared"
CODES = (SETTLEMENT, REFUND, LOST, SHARED, OWED, FORGIVEN, MILESTONE, CLAWED_BACK)
"""Entries of these codes may charge somebody something."""


class InvoiceUnsound(Exception):
    """What an entry holds is not what it was booked for, or lines do not add up."""


class Brands(Protocol):
    """Whose money subsidies and naming fees are."""

    def of_offer(self, offer_id: str) -> str:
        """The brand that gives the offer's subsidy."""
        ...

    def of_rights(self, naming_rights_id: str) -> str:
        """The brand that bought the naming rights."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """An entry of the books, with its reason; ``place`` is its segment and its index there."""

    id: str
    place: tuple[int, int]
    code: str
    at: datetime
    legs: tuple[Leg, ...]
    reason: Mapping[str, Any]
    reference: str | None = None

    def about(self, name: str) -> str:
        """An id that its reason names, or nothing."""
        return subjects(self.reason, None).get(name, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What ``issuer_id`` charges ``recipient_id`` by one leg, in minor units; a line later.

    ``place`` is that of the entry. A leg that several pay for has a charge, with a ``part``,
    for each. One that takes something back is negative, but for the odd fen of rounding, and
    names the entry that it ``corrects``.
    """

    issuer_id: str
    recipient_id: str
    minor: int
    currency: str
    entry_id: str
    place: tuple[int, int]
    leg: int
    at: datetime
    why: Why
    about: Mapping[str, str]
    part: int = 0
    corrects: str = ""


class _Paid(NamedTuple):
    """A leg as it was decided, and who pays how much for it; nobody for what is no charge."""

    line: Line
    payers: tuple[tuple[str, int], ...]


def charges_of_settlement(
    booked: Booked, settlement: Settlement, brands: Brands
) -> Iterator[Charge]:
    """What a settlement charges; raise ``InvoiceUnsound`` if the entry holds other legs.

    What is held for a copy claim is charged by nobody: who earned it is not known.
    """
    for place, paid in enumerate(_paid(settlement, brands)):
        line, leg = paid.line, booked.legs[place]
        if (leg.account, leg.minor) != (line.account, line.minor):
            raise InvoiceUnsound(f"{booked.id} leg {place} is not what was settled")
        issuer = PLATFORM if line.role == PLATFORM else line.organization_id
        for part, (payer, minor) in enumerate(paid.payers):
            if minor and payer != issuer:
                yield _charge(booked, place, issuer, payer, minor, part=part)


def charges_of_refund(booked: Booked, refund: Refund, settlement: Settlement) -> Iterator[Charge]:
    """What a refund, or a dispute, takes back of what the settlement charged, or adds to it."""
    host = settlement.host.organization_id
    givers = (giver for giver in refund.givers if giver.minor)
    for place, giver in enumerate(givers):
        party = giver.party
        if booked.legs[place].minor != giver.minor:
            raise InvoiceUnsound(f"{booked.id} leg {place} is not what was refunded")
        issuer = PLATFORM if party.role == PLATFORM else party.organization_id
        was_charged = giver.origin_id == settlement.id and not party.is_held
        if was_charged and issuer != host:
            yield _charge(booked, place, issuer, host, giver.minor, corrects=settlement.entry_id)


def charges_of_milestone(
    booked: Booked, schedule: Schedule, milestone: Milestone, brands: Brands
) -> Iterator[Charge]:
    """What a host charges the brands for a milestone; raise ``InvoiceUnsound`` as settlements."""
    payers = _payers(schedule.held, milestone.given, schedule.returned(milestone), brands)
    for place, line in enumerate(schedule.lines(milestone)):
        leg = booked.legs[place]
        if (leg.account, leg.minor) != (line.account, line.minor):
            raise InvoiceUnsound(f"{booked.id} leg {place} is not what the milestone paid")
        for part, (payer, minor) in enumerate(payers if line.organization_id else ()):
            if minor and payer != schedule.host_id:
                yield _charge(booked, place, schedule.host_id, payer, minor, part=part)


def charges_of_clawback(
    booked: Booked, escrow: Escrow, host_id: str, brands: Brands, *, corrects: str
) -> Iterator[Charge]:
    """What funds have back of a subsidy that the entry it ``corrects`` paid the host."""
    offers = {part.fund: part.offer_id for part in escrow.parts}
    for place, leg in enumerate(booked.legs):
        brand = brands.of_offer(offers[leg.account]) if leg.account in offers else host_id
        if brand != host_id:
            yield _charge(booked, place, host_id, brand, -leg.minor, corrects=corrects)


def charges_of_due(booked: Booked, due: Due) -> Iterator[Charge]:
    """The rent of a slot, and what lowers it or gives it back; no other due is a charge."""
    rent_id = derived_id("due", due.about, Cause.RENT.value)
    owed = derived_id("ent", rent_id, "0")
    match due.cause:
        case Cause.RENT:
            venue, host, account = due.creditor_id, due.debtor_id, f"org:{due.creditor_id}:owed"
        case Cause.RENT_BACK:
            venue, host, account = due.debtor_id, due.creditor_id, f"org:{due.debtor_id}:owes"
        case _:
            return
    for place, leg in enumerate(booked.legs):
        if leg.account == account:
            corrects = "" if booked.id == owed else owed
            yield _charge(booked, place, venue, host, leg.minor, corrects=corrects)


def _paid(settlement: Settlement, brands: Brands) -> Iterable[_Paid]:
    """The legs of a settlement's entry in their order."""
    host = settlement.host.organization_id
    for line in settlement.takings_lines:
        if line.minor:
            is_charge = line.organization_id and not line.account.startswith("copy-claim:")
            yield _Paid(line, ((host, line.minor),) if is_charge else ())
    escrow = settlement.escrow
    returned = settlement.subsidy_outcome(settlement.heads).returned
    givers = _payers(escrow, escrow.given, returned, brands)
    for line in settlement.subsidy_lines:
        if line.minor:
            yield _Paid(line, givers if line.organization_id else ())
    for line in settlement.naming_lines:
        if line.minor:
            rights = settlement.earning.naming_rights_id if settlement.earning else ""
            payers = ((brands.of_rights(rights), line.minor),) if line.organization_id else ()
            yield _Paid(line, payers)


def _payers(
    escrow: Escrow, given: Sequence[int], returned: Sequence[int], brands: Brands
) -> tuple[tuple[str, int], ...]:
    """The brands that gave a subsidy, with what the host earned of each."""
    parts = zip(escrow.parts, given, returned, strict=True)
    return tuple((brands.of_offer(part.offer_id), gave - back) for part, gave, back in parts)


def _charge(
    booked: Booked,
    place: int,
    issuer: str,
    recipient: str,
    minor: int,
    *,
    part: int = 0,
    corrects: str = "",
) -> Charge:
    return Charge(
        issuer_id=issuer,
        recipient_id=recipient,
        minor=minor,
        currency=booked.legs[place].currency,
        entry_id=booked.id,
        place=booked.place,
        leg=place,
        part=part,
        at=booked.at,
        why=why(booked.reason, booked.code, leg=place, legs=len(booked.legs)),
        about=subjects(booked.reason, booked.reference),
        corrects=corrects,
    )
