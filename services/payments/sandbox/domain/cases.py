"""A dispute at the sandbox provider, opened and ruled on by whoever tries things out. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chassis.kernel.errors import NotFound
from chassis.kernel.money import Money
from services.payments.providers.domain import Chargeback, Stage
from services.payments.sandbox.domain.faults import Fault

LATE = timedelta(days=1)
COPIES = 3
# The faults that make sense for a message that only says that something changed.
OF_MESSAGES = (Fault.DUPLICATES, Fault.OUT_OF_ORDER, Fault.LOST)


class CaseNotFound(NotFound):
    """No dispute at the sandbox provider has that reference."""

    code = "sandbox-dispute-not-found"
    hint = "Use the reference that opening the dispute answered."
    chinese = "沙盒中没有这笔退单，请使用发起时返回的编号。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One dispute as the sandbox's bank has it; ``ruling`` is WON or LOST once there is one."""

    reference: str
    sale_id: str
    amount: Money
    reason: str
    fee: Money
    evidence_due: datetime
    evidence: str = ""
    ruling: Stage | None = None

    def rule(self, ruling: Stage) -> Case:
        """End it; the first ruling counts."""
        return self if self.ruling else replace(self, ruling=ruling)

    def argue(self, evidence: str) -> Case:
        """Take evidence in; the first counts."""
        return self if self.evidence else replace(self, evidence=evidence)

    @property
    def stage(self) -> Stage:
        """How far it is."""
        return self.ruling or (Stage.UNDER_REVIEW if self.evidence else Stage.NEEDS_EVIDENCE)

    def told(self) -> Chargeback:
        """As the provider tells it; a dispute that is won costs no fee."""
        is_won = self.ruling is Stage.WON
        return Chargeback(
            reference=self.reference,
            sale_id=self.sale_id,
            amount=self.amount,
            reason=self.reason,
            stage=self.stage,
            fee=Money(0, self.fee.currency) if is_won else self.fee,
            evidence_due=self.evidence_due,
        )


def messages(fault: Fault | None, *, now: datetime) -> list[datetime]:
    """When messages about a change are sent: one at once, unless a fault has it otherwise."""
    match fault:
        case Fault.DUPLICATES:
            return [now] * COPIES
        case Fault.OUT_OF_ORDER:
            return [now + LATE]
        case Fault.LOST:
            return []
        case _:
            return [now]
