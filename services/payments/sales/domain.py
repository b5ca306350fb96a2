"""A sale and how much of it was refunded. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chassis.kernel.decisions import Revision
from chassis.kernel.errors import RuleBroken
from chassis.kernel.ids import derived_id
from chassis.kernel.money import Money
from services.payments.ledger.domain import PROVIDER, EntryRequest, transfer


class RefundTooLarge(RuleBroken):
    """No more than the rest of a sale can be refunded."""

    code = "refund-too-large"
    hint = "Refund at most the rest that the answer names."
    chinese = "退款金额超过该笔销售的剩余金额。"


@dataclass(frozen=True, slots=True)
class Sale:
    """What one guest paid, in the order in which the sales were made."""

    id: str
    gathering_id: str
    amount: Money
    refunded: Money
    revision: Revision = Revision()

    @property
    def rest(self) -> Money:
        """What was not refunded."""
        return self.amount - self.refunded

    @property
    def takings(self) -> str:
        """Where the money waits for the settlement."""
        return f"gathering:{self.gathering_id}:takings"

    def refund(self, amount: Money) -> Sale:
        """The sale with this much less; raise ``RefundTooLarge``."""
        if self.rest < amount:
            rest = self.rest.minor
            raise RefundTooLarge(f"{amount.minor} asked, {rest} not refunded yet", rest=rest)
        return replace(self, refunded=self.refunded + amount)

    def entry(self) -> EntryRequest:
        """Bring what the buyer paid into the gathering's takings."""
        reason = {"why": {"en": "Paid by a guest", "zh": "客人付款"}, "sale_id": self.id}
        entry_id = derived_id("ent", self.id, "sale")
        return transfer(
            entry_id, PROVIDER, self.takings, self.amount, "sale", reason, reference=self.id
        )

    def return_entry(self, amount: Money, *, refund_id: str) -> EntryRequest:
        """Give a buyer money back out of the takings, before anything was shared out."""
        reason = {
            "why": {"en": "Returned to the guest before the settlement", "zh": "结算前退还客人"},
            "sale_id": self.id,
            "refund_id": refund_id,
        }
        entry_id = derived_id("ent", refund_id, "refund", self.id)
        return transfer(
            entry_id, self.takings, PROVIDER, amount, "refund", reason, reference=self.id
        )
