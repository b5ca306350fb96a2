"""The rules of settlements and refunds. Pure."""

from services.payments.settlements.domain.refund import (
    Lacking,
    Purpose,
    Refund,
    RefundState,
    refund_before_settlement,
    refund_refused,
)
from services.payments.settlements.domain.settlement import (
    Settlement,
    SettlementNotFound,
    SettlementState,
)

__all__ = [
    "Lacking",
    "Purpose",
    "Refund",
    "RefundState",
    "Settlement",
    "SettlementNotFound",
    "SettlementState",
    "refund_before_settlement",
    "refund_refused",
]
