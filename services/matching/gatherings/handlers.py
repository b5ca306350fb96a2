"""The gathering's sagas: booking the slot, settling, and taking everything back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from chassis.envelope import Event
from chassis.inbox import Handler
from chassis.kernel.time import Clock
from chassis.mongo import atomically
from chassis.saga import Plan, Saga, Step
from services.matching.behaviour.use_cases import Behaviour
from services.matching.claims.handlers import RETURN_KIT, RETURN_PACKS, nothing_more
from services.matching.claims.use_cases import Claims, Sagas
from services.matching.gatherings.domain import OVERDUE_AFTER
from services.matching.gatherings.events import (
    BookSlot,
    CancelGathering,
    ReleaseSlot,
    SettleGathering,
)
from services.matching.gatherings.queries import GatheringLists
from services.matching.gatherings.schemas import GoodsCalledOffRead
from services.matching.gatherings.use_cases import (
    BOOKING,
    CANCELLATION,
    KIT_CANCELLATION,
    SETTLEMENT,
    Booking,
    Gatherings,
    Payout,
    approve_in_silence,
    decide_bookings,
    end_without_goods,
    review_overdue,
    settle_gatherings,
)

AT_ONCE = 50
GOODS_STAY = frozenset({"kept-by-brand", "past-best-before"})


def booking_plan(gatherings: Gatherings, claims: Claims, clock: Clock) -> Plan:
    """Ask the venue for the slot; without an answer it is given up again."""

    def decide(sagas: Sequence[Saga]) -> None:
        bookings = [Booking(saga.data["gathering_id"], saga.code, saga.detail) for saga in sagas]
        decide_bookings(bookings, gatherings=gatherings, claims=claims, now=clock())

    step = Step(
        name="book-slot",
        ask=_book_slot,
        done="catalog.reply.slot-booked.v1",
        refused="catalog.reply.slot-refused.v1",
        undo=_release_slot,
        undone="catalog.reply.slot-released.v1",
        attempts=4,
    )
    return Plan(kind=BOOKING, steps=(step,), completed=decide, failed=decide)


def settlement_plan(
    gatherings: Gatherings, claims: Claims, behaviour: Behaviour, clock: Clock
) -> Plan:
    """Have every share paid, however long that takes."""

    def settled(sagas: Sequence[Saga]) -> None:
        settle_gatherings(
            [Payout(saga.data["gathering_id"], saga.data["settlement_id"]) for saga in sagas],
            gatherings=gatherings,
            claims=claims,
            behaviour=behaviour,
            now=clock(),
        )

    step = Step(
        name="settle",
        ask=_settle,
        done="payments.reply.gathering-settled.v1",
        keep=("settlement_id",),
        attempts=None,
    )
    return Plan(kind=SETTLEMENT, steps=(step,), completed=settled, failed=nothing_more)


def cancellation_plan() -> Plan:
    """Give slot, packs, subsidy and takings of a cancelled gathering back."""
    return _cancelling(CANCELLATION, RETURN_PACKS)


def kit_cancellation_plan() -> Plan:
    """Give slot, takings and all packs and subsidies of a kit's cancelled gathering back."""
    return _cancelling(KIT_CANCELLATION, RETURN_KIT)


def _cancelling(kind: str, goods: Step) -> Plan:
    slot = Step(
        name="release-slot",
        ask=_release_slot,
        done="catalog.reply.slot-released.v1",
        attempts=None,
    )
    money = Step(
        name="refund-all",
        ask=_cancel_gathering,
        done="payments.reply.gathering-cancelled.v1",
        attempts=None,
    )
    return Plan(
        kind=kind,
        steps=(slot, replace(goods, name="release-packs"), money),
        completed=nothing_more,
        failed=nothing_more,
    )


def shipment_handlers(
    gatherings: Gatherings, claims: Claims, sagas: Sagas, clock: Clock
) -> dict[str, Handler]:
    """What is done when a brand keeps goods that were claimed; group ``matching.projection``."""
    called_off = GoodsCalledOffRead()

    def on_called_off(events: Sequence[Event]) -> None:
        """End claims whose goods stay with the brand, and the gatherings on them."""
        told = [called_off.load(event.data) for event in events]
        kept = {each["claim_id"] for each in told if each["reason"] in GOODS_STAY}
        end_without_goods(
            sorted(kept), gatherings=gatherings, claims=claims, sagas=sagas, now=clock()
        )

    return {"catalog.shipment.called-off.v1": on_called_off}


def approve_all_in_silence(
    lists: GatheringLists, gatherings: Gatherings, sagas: Sagas, clock: Clock
) -> int:
    """Approve what brands kept silent about for 72 hours; answer how many were looked at."""
    now = clock()
    due = lists.consented(now, limit=AT_ONCE)
    for gathering_id in due:
        atomically(
            partial(approve_in_silence, gathering_id, gatherings=gatherings, sagas=sagas, now=now)
        )
    return len(due)


def review_all_overdue(lists: GatheringLists, gatherings: Gatherings, clock: Clock) -> int:
    """Have the platform rule on what ended a week ago unheld; answer how many were looked at."""
    now = clock()
    due = lists.unheld(now - OVERDUE_AFTER, limit=AT_ONCE)
    for gathering_id in due:
        atomically(partial(review_overdue, gathering_id, gatherings=gatherings, now=now))
    return len(due)


def _book_slot(saga: Saga, message_id: str, now: datetime) -> BookSlot:
    return BookSlot(
        id=message_id,
        correlation_id=saga.id,
        occurred_at=now,
        gathering_id=saga.data["gathering_id"],
        venue_id=saga.data["venue_id"],
        slot_id=saga.data["slot_id"],
        host_id=saga.data["host_id"],
        people=saga.data["people"],
    )


def _release_slot(saga: Saga, message_id: str, now: datetime) -> ReleaseSlot:
    return ReleaseSlot(
        id=message_id,
        correlation_id=saga.id,
        occurred_at=now,
        gathering_id=saga.data["gathering_id"],
        venue_id=saga.data["venue_id"],
        slot_id=saga.data["slot_id"],
    )


def _cancel_gathering(saga: Saga, message_id: str, now: datetime) -> CancelGathering:
    return CancelGathering(
        id=message_id,
        correlation_id=saga.id,
        occurred_at=now,
        gathering_id=saga.data["gathering_id"],
        claim_id=saga.data["claim_id"],
        offer_id=saga.data["offer_id"],
    )


def _settle(saga: Saga, message_id: str, now: datetime) -> SettleGathering:
    return SettleGathering(
        id=message_id,
        correlation_id=saga.id,
        occurred_at=now,
        gathering_id=saga.data["gathering_id"],
        claim_id=saga.data["claim_id"],
        offer_id=saga.data["offer_id"],
        parties=saga.data["parties"],
        royalties=saga.data.get("royalties"),
        cartridge_digest=saga.data.get("cartridge_digest"),
        checked_in=saga.data["checked_in"],
        min_checked_in=saga.data["min_checked_in"],
        naming_rights_id=saga.data["naming_rights_id"],
    )
