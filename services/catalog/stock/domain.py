"""Who has packs set aside, and the rules by which they move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from chassis.kernel.decisions import Decision
from chassis.kernel.errors import DomainError, RuleBroken
from chassis.kernel.ids import derived_id
from services.catalog.lots.domain import (
    LotNotFound,
    LotNotOpen,
    NotEnoughPacks,
    StockLot,
)
from services.catalog.lots.engine.journal import EntryKind
from services.catalog.lots.engine.restrictions import Channel
from services.catalog.offers.domain import OfferNotOpen, SubsidyOffer
from services.catalog.stock.events import (
    PacksReleased,
    PacksReserved,
    PacksReturned,
    PacksShipped,
)

EXPIRED = "expired"


class HostCapReached(RuleBroken):
    """The host would hold more packs of this lot than one host may."""

    code = "host-cap-reached"
    hint = "Ask for fewer packs, or for another lot."
    chinese = "已达到该批次每位主理人的认领上限。"


class KeptForNewcomers(RuleBroken):
    """What is left is kept for hosts who have no record yet."""

    code = "kept-for-newcomers"
    hint = "Ask for fewer packs, or again when the lot's newcomers_until is over."
    chinese = "剩余的包为新主理人保留，请减少数量，或在保留期结束后再认领。"


class ClaimReleased(RuleBroken):
    """The claim was given up before its packs were set aside."""

    code = "claim-released"
    hint = "Make a new claim."
    chinese = "该认领已被释放，请重新认领。"


class ReservationExpired(RuleBroken):
    """The reservation's time is over."""

    code = "reservation-expired"
    hint = "Make a new claim."
    chinese = "预留已过期，请重新认领。"


class NothingShipped(RuleBroken):
    """Nothing was shipped for this claim that could come back."""

    code = "nothing-shipped"
    hint = "Check the claim: only packs of a confirmed claim can be returned."
    chinese = "该认领没有已发出的货物，无法退回。"


class MoreThanShipped(RuleBroken):
    """More packs would come back than went out."""

    code = "more-than-shipped"
    hint = "Return no more packs than the claim still holds."
    chinese = "退回数量超过已发出的数量。"


class NoReplacement(RuleBroken):
    """The lot has too few free packs to exchange these for."""

    code = "no-replacement"
    hint = "Return the packs instead; for that none need be free."
    chinese = "该批次可用包数不足，无法换货，请改为退货。"


class ReservationLost(Exception):
    """A confirmed claim has no packs, and the lot has none left to give it.

    Somebody must correct the lot's count; then the event can be replayed.
    """


class ReservationState(StrEnum):
    """What has become of a claim's packs."""

    RESERVED = "reserved"
    SHIPPED = "shipped"
    RELEASED = "released"
    EXPIRED = "expired"
    REFUSED = "refused"


_GIVEN_UP = frozenset({ReservationState.RELEASED, ReservationState.REFUSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a claim asks of a lot; ``region`` is the city of the people it is for.

    Goods of a kit may come without a subsidy, and then need no open offer. A host
    ``has_record`` once a gathering of hers was settled; until then she is a newcomer.
    """

    claim_id: str
    brand_id: str
    host_id: str
    packs: int
    expires_at: datetime
    region: str = ""
    channel: str = Channel.GATHERING
    has_record: bool = False
    needs_offer: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """What became of one claim on one lot; kept for ever, so that repeats are known.

    A claim that was refused, or released before it was ever reserved, has one too.
    """

    id: str
    lot_id: str
    claim_id: str
    state: ReservationState
    host_id: str = ""
    packs: int = 0
    returned: int = 0
    refunds: tuple[str, ...] = ()
    expires_at: datetime | None = None
    by_newcomer: bool = False
    code: str = ""
    detail: str = ""
    is_stored: bool = field(default=False, compare=False)

    @property
    def is_live(self) -> bool:
        """Whether its packs are set aside or gone out."""
        return self.state in {ReservationState.RESERVED, ReservationState.SHIPPED}

    @property
    def held(self) -> int:
        """Packs that count against the host's cap."""
        return self.packs - self.returned if self.is_live else 0


@lru_cache(maxsize=1024)  # a run of commands asks when it looks, and again when it decides
def reservation_id(claim_id: str, lot_id: str) -> str:
    """A claim has one reservation on a lot, so the id follows from both."""
    return derived_id("rsv", claim_id, lot_id)


@dataclass(frozen=True, slots=True)
class Shelf:
    """One lot with the reservations that a run of commands is about.

    ``reservations`` are known by claim; ``held`` counts, for the hosts in question, all
    packs they hold of this lot. ``changed`` names the claims whose reservation must be
    saved.
    """

    lot: StockLot
    reservations: Mapping[str, Reservation]
    held: Mapping[str, int]
    changed: frozenset[str] = frozenset()

    def reserve(
        self, order: Order, offer: SubsidyOffer | None, *, at: datetime
    ) -> Decision[Shelf]:
        """Set packs aside, or note why not; a claim that was here before stays as it is."""
        if order.claim_id in self.reservations:
            return Decision(self)
        reservation = Reservation(
            id=reservation_id(order.claim_id, self.lot.id),
            lot_id=self.lot.id,
            claim_id=order.claim_id,
            state=ReservationState.RESERVED,
            host_id=order.host_id,
            packs=order.packs,
            expires_at=order.expires_at,
            by_newcomer=not order.has_record,
        )
        if refusal := self._refusal(order, offer, at):
            return Decision(self._with(_refused(reservation, refusal)))
        shelf = self._move(reservation, EntryKind.RESERVED, order.packs, at)
        return Decision(shelf, (PacksReserved(**shelf._facts(reservation, order.packs, at)),))

    def release(self, claim_id: str, *, why: str, at: datetime) -> Decision[Shelf]:
        """Free what a claim holds; if it comes first, the reserve that follows is refused."""
        known = self.reservations.get(claim_id)
        if known is None:
            return Decision(self._with(_given_up(self.lot.id, claim_id)))
        if known.state in _GIVEN_UP:
            return Decision(self)
        released = replace(known, state=ReservationState.RELEASED)
        if known.held == 0:
            return Decision(self._with(released))
        was_shipped = known.state is ReservationState.SHIPPED
        kind = EntryKind.RETURNED if was_shipped else EntryKind.RELEASED
        return self._freed(released, kind, known.held, why=why, at=at)

    def expire(self, claim_id: str, *, at: datetime) -> Decision[Shelf]:
        """Free a reservation whose time is over; any other stays as it is."""
        known = self.reservations[claim_id]
        if known.state is not ReservationState.RESERVED or not _is_over(known, at):
            return Decision(self)
        expired = replace(known, state=ReservationState.EXPIRED)
        return self._freed(expired, EntryKind.RELEASED, known.held, why=EXPIRED, at=at)

    def ship(self, claim_id: str, *, at: datetime) -> Decision[Shelf]:
        """Make a reservation final, even one that has expired meanwhile.

        A release that came first wins. Raises ``ReservationLost`` when the claim holds
        nothing and the lot has too few free packs.
        """
        known = self.reservations.get(claim_id)
        if known is None or known.state is ReservationState.REFUSED:
            raise ReservationLost(f"claim {claim_id} of lot {self.lot.id} was never reserved")
        if known.state in {ReservationState.SHIPPED, ReservationState.RELEASED}:
            return Decision(self)
        shelf = self
        if known.state is ReservationState.EXPIRED:
            if self.lot.packs.free < known.packs:
                raise ReservationLost(f"claim {claim_id}: {known.packs} packs expired and went")
            shelf = self._move(
                replace(known, state=ReservationState.RESERVED),
                EntryKind.RESERVED,
                known.packs,
                at,
            )
        shipped = replace(known, state=ReservationState.SHIPPED)
        shelf = shelf._move(shipped, EntryKind.SHIPPED, known.packs, at)
        return Decision(shelf, (PacksShipped(**shelf._facts(shipped, known.packs, at)),))

    def give_back(
        self, claim_id: str, *, refund_id: str, packs: int, at: datetime
    ) -> Decision[Shelf]:
        """Book shipped packs that came back; the same refund counts once.

        A refund proves that the claim was confirmed, so what is only reserved yet is
        shipped first. Raises ``NothingShipped`` or ``MoreThanShipped``.
        """
        known = self.reservations.get(claim_id)
        if known is not None and refund_id in known.refunds:
            return Decision(self)
        if known is None or known.state in _GIVEN_UP:
            raise NothingShipped(f"claim {claim_id} holds nothing of lot {self.lot.id}")
        shelf, events, _ = self.ship(claim_id, at=at)
        known = shelf.reservations[claim_id]
        if packs > known.held:
            raise MoreThanShipped(f"{packs} returned, {known.held} held", held=known.held)
        returned = replace(
            known, returned=known.returned + packs, refunds=(*known.refunds, refund_id)
        )
        shelf = shelf._move(returned, EntryKind.RETURNED, packs, at, why=refund_id)
        facts = shelf._facts(returned, packs, at)
        del facts["reservation_id"]
        return Decision(shelf, (*events, PacksReturned(**facts)))

    def swap(self, claim_id: str, *, packs: int, reference: str, at: datetime) -> Decision[Shelf]:
        """Take shipped packs back and ship as many others; what is free stays as it was.

        Raises ``NothingShipped``, ``MoreThanShipped`` or ``NoReplacement``.
        """
        known = self.reservations.get(claim_id)
        if known is None or known.state is not ReservationState.SHIPPED:
            raise NothingShipped(f"claim {claim_id} holds nothing of lot {self.lot.id}")
        if packs > known.held:
            raise MoreThanShipped(f"{packs} exchanged, {known.held} held", held=known.held)
        if packs > self.lot.packs.free:
            free = self.lot.packs.free
            raise NoReplacement(f"{packs} asked, {free} free", free=free)
        lot = self.lot
        for kind in (EntryKind.RETURNED, EntryKind.RESERVED, EntryKind.SHIPPED):
            lot = lot.move(kind, packs, reference=claim_id, at=at, why=reference)
        return Decision(replace(self, lot=lot))

    def _refusal(
        self, order: Order, offer: SubsidyOffer | None, at: datetime
    ) -> DomainError | None:
        """The first rule that forbids it, if any."""
        lot = self.lot
        if lot.brand_id != order.brand_id:
            return LotNotFound(f"no lot {lot.id} of this brand")
        if not lot.is_open(at):
            return LotNotOpen(f"closed: {lot.closed or lot.terms.ending}")
        if not _is_paid(order, offer, lot, at):
            return OfferNotOpen("not an open offer of this brand")
        if order.expires_at <= at:
            return ReservationExpired("the order came after it had expired")
        elsewhere = lot.terms.restrictions.refusal(order.region, order.channel)
        return elsewhere or self._too_much(order, at)

    def _too_much(self, order: Order, at: datetime) -> DomainError | None:
        held, allowed = self.held.get(order.host_id, 0), self.lot.terms.max_packs_per_host
        if held + order.packs > allowed:
            return HostCapReached(f"{order.packs} asked, {held} held, {allowed} allowed")
        if order.packs > self.lot.packs.free:
            return NotEnoughPacks(f"{order.packs} asked, {self.lot.packs.free} free")
        kept = self.lot.kept_for_newcomers(at)
        if order.has_record and order.packs > self.lot.packs.free - kept:
            return KeptForNewcomers(
                f"{order.packs} asked, {kept} of {self.lot.packs.free} free kept for newcomers "
                f"until {self.lot.newcomers_until.isoformat()}"
            )
        return None

    def _freed(
        self, reservation: Reservation, kind: EntryKind, packs: int, *, why: str, at: datetime
    ) -> Decision[Shelf]:
        shelf = self._move(reservation, kind, packs, at, why=why)
        facts = shelf._facts(reservation, packs, at)
        return Decision(shelf, (PacksReleased(**facts, reason=why),))

    def _move(
        self, reservation: Reservation, kind: EntryKind, packs: int, at: datetime, why: str = ""
    ) -> Shelf:
        lot = self.lot.move(kind, packs, reference=reservation.claim_id, at=at, why=why)
        return self._with(reservation, lot)

    def _with(self, reservation: Reservation, lot: StockLot | None = None) -> Shelf:
        claim_id, host_id = reservation.claim_id, reservation.host_id
        before = self.reservations.get(claim_id)
        more = reservation.held - (before.held if before else 0)
        lot = lot or self.lot
        if more and reservation.by_newcomer:
            lot = replace(lot, newcomers_held=lot.newcomers_held + more)
        return Shelf(
            lot,
            {**self.reservations, claim_id: reservation},
            {**self.held, host_id: self.held.get(host_id, 0) + more} if more else self.held,
            self.changed | {claim_id},
        )

    def _facts(self, reservation: Reservation, packs: int, at: datetime) -> dict[str, Any]:
        return {
            "lot_id": self.lot.id,
            "brand_id": self.lot.brand_id,
            "reservation_id": reservation.id,
            "claim_id": reservation.claim_id,
            "host_id": reservation.host_id,
            "packs": packs,
            "packs_free": self.lot.packs.free,
            "packs_kept": self.lot.packs_kept,
            "occurred_at": at,
        }


def _is_paid(order: Order, offer: SubsidyOffer | None, lot: StockLot, at: datetime) -> bool:
    """Whether the offer is an open one of the lot's brand, where one is needed or named."""
    if offer is None:
        return not order.needs_offer
    return offer.brand_id == lot.brand_id and offer.is_open(at)


def _refused(reservation: Reservation, refusal: DomainError) -> Reservation:
    return replace(
        reservation,
        state=ReservationState.REFUSED,
        expires_at=None,
        code=refusal.code,
        detail=str(refusal),
    )


def _given_up(lot_id: str, claim_id: str) -> Reservation:
    return Reservation(
        id=reservation_id(claim_id, lot_id),
        lot_id=lot_id,
        claim_id=claim_id,
        state=ReservationState.RELEASED,
    )


def _is_over(reservation: Reservation, at: datetime) -> bool:
    return reservation.expires_at is not None and reservation.expires_at <= at
