"""What becomes known about settlements, and what the sagas are answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chassis.kernel.decisions import DomainEvent, Message
from chassis.kernel.money import Money
from services.payments.escrow.events import SAGA_REPLIES, ToSaga


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidShare:
    """One party's part; ``held_for`` is the copy claim whose ruling it waits for."""

    role: str
    organization_id: str
    amount: Money
    held_for: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementCompleted(DomainEvent):
    """Everybody's share of a gathering is booked.

    ``subsidy_paid`` is 0 for a claim with milestones: what these pay is told by
    ``payments.milestone.ended.v1``.
    """

    type: ClassVar[str] = "payments.settlement.completed.v1"
    settlement_id: str
    gathering_id: str
    claim_id: str
    total: Money
    shares: tuple[PaidShare, ...]
    subsidy_paid: Money
    naming_earned: Money

    @property
    def subject(self) -> str:
        """The settlement."""
        return self.settlement_id


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleRefundedFact(DomainEvent):
    """A buyer got money back, and every share of it was reversed."""

    type: ClassVar[str] = "payments.settlement.refunded.v1"
    settlement_id: str | None
    gathering_id: str
    sale_id: str
    refund_id: str
    amount: Money
    shares: tuple[PaidShare, ...]

    @property
    def subject(self) -> str:
        """The refund: one fact each, so that nothing has to wait for a settlement."""
        return self.refund_id


@dataclass(frozen=True, slots=True, kw_only=True)
class GatheringSettled(ToSaga, Message):
    """Answers that a gathering is settled."""

    type: ClassVar[str] = "payments.reply.gathering-settled.v1"
    topic: ClassVar[str] = SAGA_REPLIES
    gathering_id: str
    settlement_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GatheringCancelled(ToSaga, Message):
    """Answers that a cancelled gathering's money is back where it came from."""

    type: ClassVar[str] = "payments.reply.gathering-cancelled.v1"
    topic: ClassVar[str] = SAGA_REPLIES
    gathering_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleRefunded(ToSaga, Message):
    """Answers that a refund is booked."""

    type: ClassVar[str] = "payments.reply.sale-refunded.v1"
    topic: ClassVar[str] = SAGA_REPLIES
    gathering_id: str
    sale_id: str
    refund_id: str
    settlement_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRefused(ToSaga, Message):
    """Answers that a refund cannot be, and why."""

    type: ClassVar[str] = "payments.reply.refund-refused.v1"
    topic: ClassVar[str] = SAGA_REPLIES
    gathering_id: str
    sale_id: str
    refund_id: str
    code: str
    detail: str
