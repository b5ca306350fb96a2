"""Settle, refund, cancel: each planned in one transaction, booked, then recorded in another."""

from __future__ import annotations

from services.payments.settlements.use_cases.cancelling import (
    Cancellation,
    book_cancelling,
    plan_cancelling,
    record_cancelling,
)
from services.payments.settlements.use_cases.ports import (
    Books,
    CancelGathering,
    Refunds,
    RefundSale,
    Replies,
    SettleGathering,
    Settlements,
    settlement_seen,
)
from services.payments.settlements.use_cases.refunding import (
    book_lacking,
    book_refund,
    plan_refund,
    record_refund,
    recover,
    take_from_shares,
)
from services.payments.settlements.use_cases.settling import (
    book_settling,
    plan_settling,
    record_settling,
)

__all__ = [
    "Books",
    "CancelGathering",
    "Cancellation",
    "RefundSale",
    "Refunds",
    "Replies",
    "SettleGathering",
    "Settlements",
    "book_cancelling",
    "book_lacking",
    "book_refund",
    "book_settling",
    "plan_cancelling",
    "plan_refund",
    "plan_settling",
    "record_cancelling",
    "record_refund",
    "record_settling",
    "recover",
    "settlement_seen",
    "take_from_shares",
]
