"""What can be done with shipments: open, release, decide, dispatch, receive, return, exchange."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chassis.kernel.decisions import Decision
from chassis.kernel.ids import Ids
from services.catalog.lots.domain import LotNotFound
from services.catalog.lots.use_cases import Lots
from services.catalog.shipments.domain import (
    COUNT_WITHIN,
    KEPT,
    PAST_DATE,
    CountedLine,
    Parcel,
    Shipment,
    ShipmentNotFound,
    ShipmentState,
    shipment_id,
)
from services.catalog.stock.domain import ReservationState, Shelf
from services.catalog.stock.use_cases import (
    ClaimConfirmed,
    ClaimEnded,
    Place,
    ReturnPacks,
    Stock,
    release_ended,
    return_packs,
    ship_confirmed,
)


class Shipments(Protocol):
    """The shipments, wherever they are kept."""

    def get(self, shipment_id: str) -> Shipment:
        """The shipment; raise ``ShipmentNotFound`` rather than return None."""
        ...

    def find(self, shipment_ids: Collection[str]) -> dict[str, Shipment]:
        """Those of these shipments that exist, by id."""
        ...

    def of_claims(self, claim_ids: Collection[str]) -> list[Shipment]:
        """The shipments of these claims, those brought by exchanges too."""
        ...

    def ripe(self, *, limit: int) -> list[Shipment]:
        """Shipments that may go since so many claims of their lots live, the undecided first.

        Of lots of which at least one waits, for a lot becomes ripe by one that does.
        """
        ...

    def stranded(self, *, limit: int) -> list[Shipment]:
        """Waiting shipments of lots that have closed with fewer live claims than that."""
        ...

    def unanswered(self, decide_by: datetime, *, limit: int) -> list[Shipment]:
        """Undecided shipments whose brand had time until then or before, the longest first."""
        ...

    def uncounted(self, dispatched_by: datetime, *, limit: int) -> list[Shipment]:
        """Shipments dispatched by then and not received, the longest on its way first."""
        ...

    def save(self, decision: Decision[Shipment]) -> Shipment:
        """Store state and events together, or raise ``Conflict``."""
        ...

    def save_all(self, decisions: Sequence[Decision[Shipment]]) -> None:
        """``save`` for many different shipments at once; all or, with ``Conflict``, none."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchShipment:
    """A brand's word that the goods have left."""

    shipment_id: str
    brand_id: str
    parcel: Parcel


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideShipment:
    """A brand's word on goods that waited in vain: whether they go to the host all the same."""

    shipment_id: str
    brand_id: str
    is_sent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveShipment:
    """A host's count of what came."""

    shipment_id: str
    host_id: str
    counted: Sequence[CountedLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class SendBack:
    """A host's wish to give packs of a shipment back, for their value or for others."""

    shipment_id: str
    host_id: str
    packs: int


def commit_claims(
    facts: Sequence[ClaimConfirmed], *, stock: Stock, shipments: Shipments, now: datetime
) -> None:
    """Make the reservations of confirmed claims final and owe each host its goods.

    Raises ``LotNotFound`` or ``ReservationLost`` for a claim that cannot be kept.
    """
    kept = ship_confirmed(facts, stock=stock, now=now)
    known = shipments.find({shipment_id(each.claim_id, each.lot_id) for each in facts})
    opened: dict[str, Decision[Shipment]] = {}
    for fact in facts:
        shelf = kept[fact.lot_id]
        reservation = shelf.reservations[fact.claim_id]
        if reservation.state is ReservationState.SHIPPED and reservation.held:
            decision = Shipment.open(
                shelf.lot,
                claim_id=fact.claim_id,
                host_id=reservation.host_id,
                packs=reservation.held,
                at=now,
            )
            opened[decision.state.id] = decision
    shipments.save_all([opened[each] for each in opened if each not in known])


def take_back(
    commands: Sequence[ReturnPacks], *, stock: Stock, shipments: Shipments, now: datetime
) -> None:
    """Answer every command to book packs back, and owe as many fewer where none have left."""
    shelves = return_packs(commands, stock=stock, now=now)
    known = shipments.find({shipment_id(each.claim_id, each.lot_id) for each in commands})
    decisions = [
        shipment.owe(shelves[shipment.lot_id].reservations[shipment.claim_id].held, at=now)
        for shipment in known.values()
    ]
    shipments.save_all([decision for decision in decisions if decision.events])


def end_claims(
    facts: Sequence[ClaimEnded], *, stock: Stock, shipments: Shipments, now: datetime
) -> None:
    """Free the packs of claims that came to nothing, and keep goods that have not left."""
    release_ended(facts, stock=stock, now=now)
    known = shipments.of_claims({each.claim_id for each in facts})
    decisions = [shipment.call_off(at=now) for shipment in known]
    shipments.save_all([decision for decision in decisions if decision.events])


def release_ripe(*, shipments: Shipments, now: datetime, limit: int = 200) -> int:
    """Let goods leave for which enough gatherings are committed; answer how many shipments."""
    ripe = shipments.ripe(limit=limit)
    shipments.save_all([shipment.release(at=now) for shipment in ripe])
    return len(ripe)


def ask_brands(*, shipments: Shipments, lots: Lots, now: datetime, limit: int = 200) -> int:
    """Ask brands about goods that waited in vain; answer how many shipments."""
    stranded = shipments.stranded(limit=limit)
    known = lots.find({each.lot_id for each in stranded})
    shipments.save_all([each.ask(known[each.lot_id], at=now) for each in stranded])
    return len(stranded)


def decide_in_silence(
    *, shipments: Shipments, lots: Lots, stock: Stock, now: datetime, limit: int = 200
) -> int:
    """Decide for brands that said nothing in time; answer how many shipments."""
    unanswered = shipments.unanswered(now, limit=limit)
    known = lots.find({each.lot_id for each in unanswered})
    decisions = [each.decide_in_silence(known[each.lot_id], at=now) for each in unanswered]
    shipments.save_all(decisions)
    _keep_goods([decision.state for decision in decisions], PAST_DATE, stock=stock, now=now)
    return len(unanswered)


def receive_uncounted(*, shipments: Shipments, now: datetime, limit: int = 200) -> int:
    """Take as received, as packed, what nobody counted in time; answer how many shipments."""
    uncounted = shipments.uncounted(now - COUNT_WITHIN, limit=limit)
    shipments.save_all([shipment.receive_in_silence(at=now) for shipment in uncounted])
    return len(uncounted)


def decide_shipment(
    command: DecideShipment, *, shipments: Shipments, lots: Lots, stock: Stock, now: datetime
) -> Shipment:
    """Send goods that waited in vain, or keep them; packs that are kept are booked back."""
    shipment = _of_brand(command.shipment_id, command.brand_id, shipments)
    if command.is_sent:
        return shipments.save(shipment.send(lots.get(shipment.lot_id), at=now))
    kept = shipments.save(shipment.keep(at=now))
    _keep_goods([kept], KEPT, stock=stock, now=now)
    return kept


def dispatch_shipment(
    command: DispatchShipment, *, shipments: Shipments, lots: Lots, now: datetime
) -> Shipment:
    """Send goods to their host."""
    shipment = _of_brand(command.shipment_id, command.brand_id, shipments)
    lot = lots.get(shipment.lot_id)
    return shipments.save(shipment.dispatch(command.parcel, lot, at=now))


def receive_shipment(command: ReceiveShipment, *, shipments: Shipments, now: datetime) -> Shipment:
    """Receive goods as the host counted them."""
    shipment = _of_host(command.shipment_id, command.host_id, shipments)
    return shipments.save(shipment.receive(command.counted, at=now))


def return_goods(
    command: SendBack, *, shipments: Shipments, stock: Stock, ids: Ids, now: datetime
) -> Shipment:
    """Give packs back; they are free in their lot again, and their value is told."""
    shipment = _of_host(command.shipment_id, command.host_id, shipments)
    return_id = ids("ret")
    decision = shipment.give_back(command.packs, return_id=return_id, at=now)
    shelf = _shelf_of(shipment, stock)
    given_back = shelf.give_back(
        shipment.claim_id, refund_id=return_id, packs=command.packs, at=now
    )
    stock.save_all([given_back], [])
    return shipments.save(decision)


def exchange_goods(
    command: SendBack, *, shipments: Shipments, stock: Stock, ids: Ids, now: datetime
) -> Shipment:
    """Give packs back for free ones of the same lot; answer the shipment that brings those."""
    shipment = _of_host(command.shipment_id, command.host_id, shipments)
    decision, opened = shipment.exchange(command.packs, replacement_id=ids("shp"), at=now)
    shelf = _shelf_of(shipment, stock)
    swapped = shelf.swap(shipment.claim_id, packs=command.packs, reference=opened.state.id, at=now)
    stock.save_all([swapped], [])
    shipments.save(decision)
    return shipments.save(opened)


def of_party(shipment_id: str, organization_id: str | None, *, shipments: Shipments) -> Shipment:
    """A shipment of which the organisation is the brand or the host; to others it is unknown."""
    shipment = shipments.get(shipment_id)
    if organization_id not in {shipment.brand_id, shipment.host_id}:
        raise ShipmentNotFound(f"no shipment {shipment_id}")
    return shipment


def _keep_goods(decided: Sequence[Shipment], reason: str, *, stock: Stock, now: datetime) -> None:
    """Book the packs of those that were called off back to their lots."""
    kept = [
        ClaimEnded(lot_id=each.lot_id, claim_id=each.claim_id, reason=reason)
        for each in decided
        if each.state is ShipmentState.CALLED_OFF
    ]
    release_ended(kept, stock=stock, now=now)


def _of_brand(shipment_id: str, brand_id: str, shipments: Shipments) -> Shipment:
    shipment = shipments.get(shipment_id)
    if shipment.brand_id != brand_id:
        raise ShipmentNotFound(f"no shipment {shipment_id}")
    return shipment


def _of_host(shipment_id: str, host_id: str, shipments: Shipments) -> Shipment:
    shipment = shipments.get(shipment_id)
    if shipment.host_id != host_id:
        raise ShipmentNotFound(f"no shipment {shipment_id}")
    return shipment


def _shelf_of(shipment: Shipment, stock: Stock) -> Shelf:
    shelves = stock.shelves([Place(shipment.lot_id, shipment.claim_id, shipment.host_id)])
    if shipment.lot_id not in shelves:
        raise LotNotFound(f"no lot {shipment.lot_id}")
    return shelves[shipment.lot_id]
