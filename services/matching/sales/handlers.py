"""The saga of a refund: payments gives the money back, then packs return to the lot."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from chassis.kernel.money import Money
from chassis.kernel.time import Clock
from chassis.saga import Plan, Saga, Step
from services.matching.behaviour.use_cases import Behaviour
from services.matching.gatherings.use_cases import Gatherings
from services.matching.sales.events import RefundSale
from services.matching.sales.use_cases import REFUND, RefundOutcome, Sales, decide_refunds


def refund_plan(gatherings: Gatherings, sales: Sales, behaviour: Behaviour, clock: Clock) -> Plan:
    """Ask until payments has said yes or no."""

    def decide(sagas: Sequence[Saga]) -> None:
        decide_refunds(
            [_outcome(saga) for saga in sagas],
            gatherings=gatherings,
            sales=sales,
            behaviour=behaviour,
            now=clock(),
        )

    step = Step(
        name="refund-sale",
        ask=_refund_sale,
        done="payments.reply.sale-refunded.v1",
        refused="payments.reply.refund-refused.v1",
        attempts=None,
    )
    return Plan(kind=REFUND, steps=(step,), completed=decide, failed=decide)


def _outcome(saga: Saga) -> RefundOutcome:
    return RefundOutcome(
        saga.data["gathering_id"],
        saga.data["sale_id"],
        saga.data["refund_id"],
        code=saga.code,
        detail=saga.detail,
    )


def _refund_sale(saga: Saga, message_id: str, now: datetime) -> RefundSale:
    return RefundSale(
        id=message_id,
        correlation_id=saga.id,
        occurred_at=now,
        gathering_id=saga.data["gathering_id"],
        claim_id=saga.data["claim_id"],
        offer_id=saga.data["offer_id"],
        sale_id=saga.data["sale_id"],
        refund_id=saga.data["refund_id"],
        amount=Money(**saga.data["amount"]),
    )
