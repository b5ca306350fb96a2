"""Sales of a gathering: what was sold, and what went back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.errors import NotFound, RuleBroken
from chassis.kernel.ids import derived_id
from chassis.kernel.money import Money
from services.matching.gatherings.domain import Actor, Gathering, GatheringNotOpen, Status
from services.matching.offers.domain import Restrictions
from services.matching.sales.events import (
    GatheringRefunded,
    GatheringSold,
    RefundRequested,
    ReturnPacks,
)


class SaleNotFound(NotFound):
    """The gathering has no such sale."""

    code = "sale-not-found"
    hint = "List the gathering's sales and take the identifier from there."
    chinese = "该活动没有这个编号的销售记录。"


class RefundExceedsSale(RuleBroken):
    """More would go back than is left of the sale."""

    code = "refund-exceeds-sale"
    hint = "Refund at most the rest that the answer names."
    chinese = "退款金额超过该笔销售的剩余金额。"


class PacksExceedClaim(RuleBroken):
    """More packs would come back than the claim took."""

    code = "packs-exceed-claim"
    hint = "Return at most the packs that the answer names."
    chinese = "退回的包数超过认领的包数。"


class LotUnnamed(RuleBroken):
    """It must be said of which goods: those of one of the gathering's lots."""

    code = "lot-unnamed"
    hint = "Send the lot_id of one of the gathering's goods."
    chinese = "请注明是哪一批次的货物（lot_id），须为该活动的货物之一。"


class ResaleNotAllowed(RuleBroken):
    """The brand gave these goods to be given away."""

    code = "resale-not-allowed"
    hint = "Give them away, or name the lot_id of those goods of the kit that are sold."
    chinese = "品牌规定该批次仅限赠送，不得销售；组合中如售出的是其他货物，请注明其 lot_id。"


class PriceTooLow(RuleBroken):
    """The goods would be sold for less than their brand allows."""

    code = "price-too-low"
    hint = "Ask at least the lot's lowest_resale_price for each unit."
    chinese = "售价低于品牌规定的最低售价，请提高单价。"


class RefundState(StrEnum):
    """Where a refund stands."""

    REQUESTED = "requested"
    REFUNDED = "refunded"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Money of a sale that goes back, and the packs that come back with it."""

    id: str
    amount: Money
    packs_returned: int
    requested_at: datetime
    lot_id: str | None = None
    state: RefundState = RefundState.REQUESTED
    code: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """Units sold for an amount; refunds never add up to more."""

    id: str
    gathering_id: str
    ticket_id: str | None
    units: int
    amount: Money
    sold_by: str
    sold_at: datetime
    refunds: tuple[Refund, ...] = ()
    revision: Revision = Revision()

    @property
    def refunded(self) -> Money:
        """What went back or is on its way."""
        going = (r.amount.minor for r in self.refunds if r.state is not RefundState.REFUSED)
        return Money(sum(going), self.amount.currency)

    @property
    def rest(self) -> Money:
        """What may still be refunded."""
        return self.amount - self.refunded

    def decide_refund(self, refund_id: str, *, code: str = "", detail: str = "") -> Sale:
        """Note what payments said of a refund; no code means that it was paid."""
        state = RefundState.REFUSED if code else RefundState.REFUNDED
        decided = tuple(
            replace(refund, state=state, code=code or None, detail=detail or None)
            if refund.id == refund_id and refund.state is RefundState.REQUESTED
            else refund
            for refund in self.refunds
        )
        return replace(self, refunds=decided)

    def refund(self, refund_id: str) -> Refund:
        """One of its refunds."""
        return next(refund for refund in self.refunds if refund.id == refund_id)


class Sold(NamedTuple):
    """What the gathering says of a sale, and the sale."""

    gathering: Decision[Gathering]
    sale: Decision[Sale]


def sell(
    gathering: Gathering,
    sale_id: str,
    *,
    by: str,
    ticket_id: str | None,
    units: int,
    amount: Money,
    restrictions: Sequence[Restrictions] = (),
    now: datetime,
) -> Sold:
    """Sell at an open gathering, as the brand of the goods allows.

    ``restrictions`` are those of every lot that the units may be of: all of them must hold.
    Raises ``ResaleNotAllowed`` or ``PriceTooLow``.
    """
    gathering.must_be_run_by(by)
    gathering.must_be_open()
    for each in restrictions:
        _must_be_allowed(units, amount, each)
    sale = Sale(
        id=sale_id,
        gathering_id=gathering.id,
        ticket_id=ticket_id,
        units=units,
        amount=amount,
        sold_by=by,
        sold_at=now,
    )
    sold = GatheringSold(
        gathering_id=gathering.id,
        sale_id=sale_id,
        ticket_id=ticket_id,
        units=units,
        amount=amount,
        occurred_at=now,
    )
    return Sold(Decision(gathering, (sold,)), Decision(sale))


def _must_be_allowed(units: int, amount: Money, restrictions: Restrictions) -> None:
    if not restrictions.resale_allowed:
        raise ResaleNotAllowed
    lowest = restrictions.lowest_resale_price
    if lowest is not None and amount < lowest * units:
        raise PriceTooLow(
            f"{amount.minor} asked for {units}, {lowest.minor} allowed for each",
            lowest=lowest.minor,
        )


def request_refund(
    gathering: Gathering,
    sale: Sale,
    refund_id: str,
    *,
    by: Actor,
    amount: Money,
    packs_returned: int,
    lot_id: str | None = None,
    now: datetime,
) -> Sold:
    """Give money back, in part or whole, at any time before or after the settlement.

    Packs come back of one lot, which is named unless the gathering has no other.
    """
    _must_be_refundable(gathering, sale, by=by, amount=amount)
    refund = Refund(
        id=refund_id,
        amount=amount,
        packs_returned=packs_returned,
        requested_at=now,
        lot_id=lot_of(gathering, lot_id) if packs_returned else None,
    )
    returned = _returned(gathering, refund.lot_id, packs_returned)
    return Sold(
        Decision(replace(gathering, returned=returned), (_requested(sale, refund),)),
        Decision(replace(sale, refunds=(*sale.refunds, refund))),
    )


def _must_be_refundable(gathering: Gathering, sale: Sale, *, by: Actor, amount: Money) -> None:
    if not by.is_platform:
        gathering.must_be_run_by(by.organization_id)
    if gathering.status is Status.CANCELLED:
        raise GatheringNotOpen("cancelled: every sale is refunded whole", state="cancelled")
    if sale.rest < amount:
        raise RefundExceedsSale(
            f"{amount.minor} asked, {sale.rest.minor} left", rest=sale.rest.minor
        )


def _requested(sale: Sale, refund: Refund) -> RefundRequested:
    return RefundRequested(
        gathering_id=sale.gathering_id,
        sale_id=sale.id,
        refund_id=refund.id,
        amount=refund.amount,
        packs_returned=refund.packs_returned,
        occurred_at=refund.requested_at,
    )


def lot_of(gathering: Gathering, lot_id: str | None) -> str:
    """The lot that is meant; raise ``LotUnnamed`` for none of several, or another's."""
    named = lot_id or gathering.lot_id
    if named not in {each.lot_id for each in gathering.goods}:
        raise LotUnnamed(f"{named or 'no lot'} named")
    return named


def refunded(sale: Sale, refund: Refund, *, now: datetime) -> tuple[GatheringRefunded, ...]:
    """What the world is told once a refund was decided: that it happened, if it did."""
    if refund.state is not RefundState.REFUNDED:
        return ()
    told = GatheringRefunded(
        gathering_id=sale.gathering_id,
        sale_id=sale.id,
        refund_id=refund.id,
        amount=refund.amount,
        packs_returned=refund.packs_returned,
        occurred_at=now,
    )
    return (told,)


def keep_packs(gathering: Gathering, refund: Refund) -> Gathering:
    """The gathering once a refund was refused: its packs did not come back."""
    lot_id = lot_of(gathering, refund.lot_id)
    left = gathering.returned.get(lot_id, 0) - refund.packs_returned
    return replace(gathering, returned={**gathering.returned, lot_id: left})


def _returned(gathering: Gathering, lot_id: str | None, packs: int) -> dict[str, int]:
    """What came back by lot, these packs with it; raise ``PacksExceedClaim``."""
    if lot_id is None:
        return dict(gathering.returned)
    taken = sum(each.packs for each in gathering.goods if each.lot_id == lot_id)
    before = gathering.returned.get(lot_id, 0)
    if packs > taken - before:
        left = taken - before
        raise PacksExceedClaim(f"{packs} asked, {left} left", left=left)
    return {**gathering.returned, lot_id: before + packs}


def packs_of(refund: Refund, gathering: Gathering, *, now: datetime) -> tuple[ReturnPacks, ...]:
    """What catalog is told once a refund was paid: its packs, if any came back."""
    if refund.state is not RefundState.REFUNDED or not refund.packs_returned:
        return ()
    told = ReturnPacks(
        id=derived_id("msg", refund.id, "return-packs"),
        correlation_id=derived_id("sag", refund.id),
        occurred_at=now,
        claim_id=gathering.claim_id,
        lot_id=lot_of(gathering, refund.lot_id),
        refund_id=refund.id,
        packs=refund.packs_returned,
    )
    return (told,)
