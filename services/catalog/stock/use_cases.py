"""Commands about packs, decided in runs: one load and one save for each lot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from chassis.kernel.decisions import Decision, Message
from chassis.kernel.errors import DomainError
from chassis.kernel.runs import Run, answer_id
from services.catalog.hosts.use_cases import Hosts
from services.catalog.lots.domain import LotNotFound
from services.catalog.lots.engine.restrictions import Channel
from services.catalog.offers.domain import SubsidyOffer
from services.catalog.offers.use_cases import Offers
from services.catalog.stock.domain import (
    ClaimReleased,
    Order,
    Reservation,
    ReservationExpired,
    ReservationState,
    Shelf,
)
from services.catalog.stock.events import (
    PacksRefusedAnswer,
    PacksReleasedAnswer,
    PacksReservedAnswer,
    PacksReturnedAnswer,
    ReturnRefusedAnswer,
)


class Place(NamedTuple):
    """Where a command looks: a lot, a claim on it and, for its cap, a host."""

    lot_id: str
    claim_id: str
    host_id: str = ""


class Stock(Protocol):
    """The lots with the reservations on them, wherever they are kept."""

    def shelves(self, places: Sequence[Place]) -> dict[str, Shelf]:
        """Shelves by lot, each with these claims and hosts; an unknown lot has none."""
        ...

    def has_shipped(self, lot_id: str, host_id: str) -> bool:
        """Whether a host has packs of a lot from a confirmed claim, not all returned."""
        ...

    def overdue(self, at: datetime, *, limit: int) -> list[Place]:
        """Reservations whose time is over, the longest overdue first."""
        ...

    def save_all(self, decisions: Sequence[Decision[Shelf]], answers: Sequence[Message]) -> None:
        """Store shelves, events and answers together, or raise ``Conflict``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StockCommand:
    """What a saga or a fact asks of a lot. ``id`` and ``correlation_id`` make the answer."""

    id: str
    correlation_id: str
    lot_id: str
    claim_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservePacks(StockCommand):
    """Set packs aside for a claim."""

    offer_id: str
    brand_id: str
    host_id: str
    packs: int
    expires_at: datetime
    region: str = ""
    channel: str = Channel.GATHERING

    def order(self, *, has_record: bool) -> Order:
        """What it asks of the shelf, for a host with a record or for a newcomer."""
        return Order(
            claim_id=self.claim_id,
            brand_id=self.brand_id,
            host_id=self.host_id,
            packs=self.packs,
            expires_at=self.expires_at,
            region=self.region,
            channel=self.channel,
            has_record=has_record,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasePacks(StockCommand):
    """Free whatever a claim holds."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnPacks(StockCommand):
    """Book shipped packs that came back."""

    refund_id: str
    packs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimConfirmed:
    """A claim will be kept: its packs are shipped."""

    lot_id: str
    claim_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimEnded:
    """A claim was rejected or cancelled: its packs are free."""

    lot_id: str
    claim_id: str
    reason: str


def reserve_packs(
    commands: Sequence[ReservePacks], *, stock: Stock, offers: Offers, hosts: Hosts, now: datetime
) -> None:
    """Answer every command, in order: packs set aside, or why not."""
    run = Run(
        stock.shelves([Place(each.lot_id, each.claim_id, each.host_id) for each in commands])
    )
    known_offers = offers.find({each.offer_id for each in commands})
    experienced = hosts.with_record({each.host_id for each in commands})
    for command in commands:
        order = command.order(has_record=command.host_id in experienced)
        offer = known_offers.get(command.offer_id)
        run.answers.append(_reserved(command, order, offer, run, now))
    stock.save_all(run.decisions(), run.answers)


def release_packs(commands: Sequence[ReleasePacks], *, stock: Stock, now: datetime) -> None:
    """Answer every command, in order: nothing is set aside any more."""
    run = Run(stock.shelves([Place(each.lot_id, each.claim_id) for each in commands]))
    for command in commands:
        if shelf := run.states.get(command.lot_id):
            run.take(command.lot_id, shelf.release(command.claim_id, why=command.reason, at=now))
        run.answers.append(
            PacksReleasedAnswer(
                id=answer_id(command.id),
                correlation_id=command.correlation_id,
                claim_id=command.claim_id,
                lot_id=command.lot_id,
                occurred_at=now,
            )
        )
    stock.save_all(run.decisions(), run.answers)


def return_packs(
    commands: Sequence[ReturnPacks], *, stock: Stock, now: datetime
) -> Mapping[str, Shelf]:
    """Answer every command, in order: packs booked back, or why not; answer the shelves by lot."""
    run = Run(stock.shelves([Place(each.lot_id, each.claim_id) for each in commands]))
    for command in commands:
        run.answers.append(_returned(command, run, now))
    stock.save_all(run.decisions(), run.answers)
    return run.states


def ship_confirmed(
    facts: Sequence[ClaimConfirmed], *, stock: Stock, now: datetime
) -> Mapping[str, Shelf]:
    """Make the reservations of confirmed claims final; answer their lots' shelves, by lot.

    Raises ``LotNotFound`` or ``ReservationLost`` for a claim that cannot be kept.
    """
    run = Run(stock.shelves([Place(fact.lot_id, fact.claim_id) for fact in facts]))
    for fact in facts:
        if fact.lot_id not in run.states:
            raise LotNotFound(f"claim {fact.claim_id} of unknown lot {fact.lot_id} is confirmed")
        run.take(fact.lot_id, run.states[fact.lot_id].ship(fact.claim_id, at=now))
    stock.save_all(run.decisions(), run.answers)
    return run.states


def release_ended(facts: Sequence[ClaimEnded], *, stock: Stock, now: datetime) -> None:
    """Free the packs of claims that came to nothing; nobody waits for an answer."""
    run = Run(stock.shelves([Place(fact.lot_id, fact.claim_id) for fact in facts]))
    for fact in facts:
        if shelf := run.states.get(fact.lot_id):
            run.take(fact.lot_id, shelf.release(fact.claim_id, why=fact.reason, at=now))
    stock.save_all(run.decisions(), run.answers)


def expire_reservations(*, stock: Stock, now: datetime, limit: int = 200) -> int:
    """Free reservations whose time is over; answer how many were looked at."""
    overdue = stock.overdue(now, limit=limit)
    run = Run(stock.shelves(overdue))
    for place in overdue:
        run.take(place.lot_id, run.states[place.lot_id].expire(place.claim_id, at=now))
    stock.save_all(run.decisions(), run.answers)
    return len(overdue)


def _reserved(
    command: ReservePacks, order: Order, offer: SubsidyOffer | None, run: Run[Shelf], now: datetime
) -> Message:
    shelf = run.states.get(command.lot_id)
    if shelf is None:
        return _refusal(command, LotNotFound(f"no lot {command.lot_id}"), now)
    decision = shelf.reserve(order, offer, at=now)
    run.take(command.lot_id, decision)
    reservation = decision.state.reservations[command.claim_id]
    if reservation.is_live:
        return PacksReservedAnswer(
            id=answer_id(command.id),
            correlation_id=command.correlation_id,
            claim_id=command.claim_id,
            lot_id=command.lot_id,
            reservation_id=reservation.id,
            packs=reservation.packs,
            occurred_at=now,
        )
    return _refusal(command, why_not(reservation), now)


def why_not(reservation: Reservation) -> DomainError | Reservation:
    """What to tell a claim whose packs are not set aside; of a refused one, itself."""
    if reservation.state is ReservationState.RELEASED:
        return ClaimReleased(f"claim {reservation.claim_id} was released before")
    if reservation.state is ReservationState.EXPIRED:
        return ReservationExpired(f"reservation {reservation.id} has expired")
    return reservation


def _refusal(
    command: ReservePacks, why: DomainError | Reservation, now: datetime
) -> PacksRefusedAnswer:
    return PacksRefusedAnswer(
        id=answer_id(command.id),
        correlation_id=command.correlation_id,
        claim_id=command.claim_id,
        lot_id=command.lot_id,
        code=why.code,
        detail=why.detail if isinstance(why, Reservation) else str(why),
        occurred_at=now,
    )


def _returned(command: ReturnPacks, run: Run[Shelf], now: datetime) -> Message:
    try:
        run.take(command.lot_id, _give_back(command, run, now))
    except DomainError as refusal:
        return ReturnRefusedAnswer(
            id=answer_id(command.id),
            correlation_id=command.correlation_id,
            claim_id=command.claim_id,
            lot_id=command.lot_id,
            refund_id=command.refund_id,
            code=refusal.code,
            detail=str(refusal),
            occurred_at=now,
        )
    return PacksReturnedAnswer(
        id=answer_id(command.id),
        correlation_id=command.correlation_id,
        claim_id=command.claim_id,
        lot_id=command.lot_id,
        refund_id=command.refund_id,
        packs=command.packs,
        occurred_at=now,
    )


def _give_back(command: ReturnPacks, run: Run[Shelf], now: datetime) -> Decision[Shelf]:
    shelf = run.states.get(command.lot_id)
    if shelf is None:
        raise LotNotFound(f"no lot {command.lot_id}")
    return shelf.give_back(
        command.claim_id, refund_id=command.refund_id, packs=command.packs, at=now
    )
