"""What can be done at the till, and what that needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from chassis.kernel.decisions import Decision
from chassis.kernel.ids import Ids, derived_id
from chassis.kernel.money import Money
from services.matching.attendance.domain import TicketNotFound
from services.matching.attendance.use_cases import Tickets
from services.matching.behaviour.domain import Deed, Record, record
from services.matching.behaviour.use_cases import Behaviour
from services.matching.claims.use_cases import Sagas
from services.matching.gatherings.domain import Actor, Gathering
from services.matching.gatherings.use_cases import Gatherings, of_party
from services.matching.offers.domain import Restrictions
from services.matching.offers.use_cases import OfferBook
from services.matching.sales.domain import (
    Sale,
    keep_packs,
    lot_of,
    packs_of,
    refunded,
    request_refund,
    sell,
)
from services.matching.sales.events import GatheringRefunded, ReturnPacks

REFUND = "refund"


class Sales(Protocol):
    """The sales, wherever they are kept."""

    def get(self, gathering_id: str, sale_id: str) -> Sale:
        """Raise ``SaleNotFound`` unless that gathering has it."""
        ...

    def get_all(self, sale_ids: Iterable[str]) -> dict[str, Sale]:
        """Those of them that exist, by id, in one read."""
        ...

    def save(self, decision: Decision[Sale]) -> Sale:
        """Store it and send what it says, or raise ``Conflict``."""
        ...

    def save_all(self, decisions: Sequence[Decision[Sale]]) -> None:
        """Store many, each once, or raise ``Conflict``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSale:
    """A host's or co-host's note of what somebody bought."""

    gathering_id: str
    organization_id: str
    ticket_id: str | None
    units: int
    amount: Money
    lot_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRefund:
    """Somebody's wish to give money of a sale back."""

    gathering_id: str
    sale_id: str
    by: Actor
    amount: Money
    packs_returned: int
    lot_id: str | None = None


class RefundOutcome(NamedTuple):
    """What payments said of a refund; no code means that it was paid."""

    gathering_id: str
    sale_id: str
    refund_id: str
    code: str = ""
    detail: str = ""

    def decide(self, sale: Sale) -> Sale:
        """The sale once that is noted."""
        return sale.decide_refund(self.refund_id, code=self.code, detail=self.detail)


def record_sale(
    command: RecordSale,
    *,
    gatherings: Gatherings,
    tickets: Tickets,
    sales: Sales,
    book: OfferBook,
    ids: Ids,
    now: datetime,
) -> Sale:
    """Note a sale of goods that may be sold so; its takings are payments' to post."""
    by = command.organization_id
    found = of_party(command.gathering_id, Actor(by), gatherings=gatherings)
    _must_have_come(command.ticket_id, found, tickets)
    sold = sell(
        found,
        ids("sal"),
        by=by,
        ticket_id=command.ticket_id,
        units=command.units,
        amount=command.amount,
        restrictions=_restrictions(found, command.lot_id, book),
        now=now,
    )
    gatherings.save(sold.gathering)
    return sales.save(sold.sale)


def refund_sale(
    command: RequestRefund,
    *,
    gatherings: Gatherings,
    sales: Sales,
    sagas: Sagas,
    ids: Ids,
    now: datetime,
) -> Sale:
    """Ask payments to give money back; every share of it is reversed there."""
    found = of_party(command.gathering_id, command.by, gatherings=gatherings)
    refund_id = ids("rfd")
    requested = request_refund(
        found,
        sales.get(command.gathering_id, command.sale_id),
        refund_id,
        by=command.by,
        amount=command.amount,
        packs_returned=command.packs_returned,
        lot_id=command.lot_id,
        now=now,
    )
    gatherings.save(requested.gathering)
    sale = sales.save(requested.sale)
    wanted = {
        "gathering_id": found.id,
        "claim_id": found.claim_id,
        "offer_id": found.offer_id,
        "sale_id": sale.id,
        "refund_id": refund_id,
        "amount": {"minor": command.amount.minor, "currency": command.amount.currency},
    }
    sagas.start(REFUND, derived_id("sag", refund_id), wanted)
    return sale


def decide_refunds(
    outcomes: Sequence[RefundOutcome],
    *,
    gatherings: Gatherings,
    sales: Sales,
    behaviour: Behaviour,
    now: datetime,
) -> None:
    """Note what became of refunds; several may be of one sale or one gathering.

    A refund that was paid is told, sends its packs back to the lot and is remembered of the
    host; one that was refused frees its amount and its packs again.
    """
    found = gatherings.get_all(outcome.gathering_id for outcome in outcomes)
    known = sales.get_all(outcome.sale_id for outcome in outcomes)
    told: dict[str, tuple[ReturnPacks, ...]] = dict.fromkeys(known, ())
    facts: dict[str, tuple[GatheringRefunded, ...]] = {}
    for outcome in outcomes:
        sale, gathering = outcome.decide(known[outcome.sale_id]), found[outcome.gathering_id]
        known[sale.id], refund = sale, sale.refund(outcome.refund_id)
        told[sale.id] += packs_of(refund, gathering, now=now)
        facts[gathering.id] = (*facts.get(gathering.id, ()), *refunded(sale, refund, now=now))
        if outcome.code and refund.packs_returned:
            found[gathering.id] = keep_packs(gathering, refund)
    sales.save_all([Decision(sale, (), told[sale.id]) for sale in known.values()])
    gatherings.save_all([Decision(found[one], facts[one]) for one in facts])
    behaviour.append(
        _returned_fairly(outcome, found[outcome.gathering_id], now)
        for outcome in outcomes
        if not outcome.code
    )


def _returned_fairly(outcome: RefundOutcome, gathering: Gathering, now: datetime) -> Record:
    return record(
        Deed.RETURNED_FAIRLY,
        gathering.host_id,
        gathering_id=gathering.id,
        origin=outcome.refund_id,
        at=now,
    )


def _restrictions(
    gathering: Gathering, lot_id: str | None, book: OfferBook
) -> tuple[Restrictions, ...]:
    """What the brand of the goods allows; of goods that are not named, what every brand does."""
    if gathering.kit_id and lot_id is None:
        return tuple(book.lot(each.lot_id).restrictions for each in gathering.goods)
    return (book.lot(lot_of(gathering, lot_id)).restrictions,)


def _must_have_come(ticket_id: str | None, gathering: Gathering, tickets: Tickets) -> None:
    if ticket_id is None:
        return
    ticket = tickets.find(ticket_id)
    if ticket is None or ticket.gathering_id != gathering.id:
        raise TicketNotFound(f"no ticket {ticket_id}")
