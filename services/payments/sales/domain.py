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


class SaleDisputed(RuleBroken):
    """What the buyer disputes at its bank cannot be refunded as well."""

    code = "sale-disputed"
    hint = "Wait for the bank's ruling, or refund at most the rest that the answer names."
    chinese = "该笔销售正被买家退单，争议部分在裁定前不能退款。"


@dataclass(frozen=True, slots=True)
class Sale:
    """What one guest paid, in the order in which the sales were made.

    ``disputed_minor`` of it are held by disputes that are not over. ``is_called_off`` says that
    its gathering was cancelled, so that whatever comes back to the takings is the buyer's.
    """

    id: str
    gathering_id: str
    amount: Money
    refunded: Money
    disputed_minor: int = 0
    is_called_off: bool = False
    revision: Revision = Revision()

    @property
    def rest(self) -> Money:
        """What was neither refunded nor is disputed."""
        return Money(self._kept.minor - self.disputed_minor, self.amount.currency)

    @property
    def _kept(self) -> Money:
        return self.amount - self.refunded

    @property
    def takings(self) -> str:
        """Where the money waits for the settlement."""
        return f"gathering:{self.gathering_id}:takings"

    def refund(self, amount: Money) -> Sale:
        """The sale with this much less; raise ``RefundTooLarge`` or ``SaleDisputed``."""
        if self.rest < amount:
            rest = self.rest.minor
            if amount <= self._kept:
                raise SaleDisputed(f"{self.disputed_minor} of it are disputed", rest=rest)
            raise RefundTooLarge(f"{amount.minor} asked, {rest} not refunded yet", rest=rest)
        return replace(self, refunded=self.refunded + amount)

    def dispute(self, amount: Money) -> tuple[Sale, Money]:
        """Hold what a buyer disputes, at most the rest; answer how much that is."""
        held = min(amount, self.rest) if amount.currency == self.amount.currency else None
        held = held or Money(0, self.amount.currency)
        return replace(self, disputed_minor=self.disputed_minor + held.minor), held

    def end_dispute(self, held: Money, *, is_lost: bool) -> Sale:
        """What was held is the buyer's for good, or part of the sale again."""
        gone = held if is_lost else Money(0, held.currency)
        left = self.disputed_minor - held.minor
        return replace(self, disputed_minor=left, refunded=self.refunded + gone)

    def call_off(self) -> Sale:
        """Its gathering was cancelled."""
        return replace(self, is_called_off=True)

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
