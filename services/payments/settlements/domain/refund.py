"""A refund: money back to a buyer, out of the takings or out of every share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chassis.kernel.decisions import Decision, Message, Revision
from chassis.kernel.ids import derived_id
from chassis.kernel.money import Money
from services.payments.contracts.domain import account_of
from services.payments.ledger.domain import EntryRequest, Leg, plain, transfer
from services.payments.sales.domain import PROVIDER, Sale
from services.payments.settlements.events import (
    PaidShare,
    RefundRefused,
    SaleRefunded,
    SaleRefundedFact,
)
from sharing.dividing import Seat
from sharing.explaining import Reason
from sharing.terms import PLATFORM


class RefundState(StrEnum):
    """How far a refund has come."""

    PLANNED = "planned"
    BOOKED = "booked"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Refund:
    """Money that goes back for one sale; ``shares`` and ``reasons`` follow ``parties``.

    A share is what a party's account changes by: money out, but for the odd fen that rounding
    moves the other way. An empty ``message_id`` says that no saga asked for it and none is
    answered.
    """

    id: str
    gathering_id: str
    sale_id: str
    amount: Money
    settlement_id: str | None
    parties: tuple[Seat, ...]
    shares: tuple[int, ...]
    state: RefundState
    message_id: str
    saga_id: str
    code: str = ""
    detail: str = ""
    reasons: tuple[Reason, ...] = ()
    revision: Revision = Revision()

    @property
    def owed(self) -> dict[str, int]:
        """What each organisation gives back, in minor units; none that gives nothing."""
        sums: dict[str, int] = {}
        for (role, organization_id, _), share in zip(self.parties, self.shares, strict=True):
            if role != PLATFORM:
                sums[organization_id] = sums.get(organization_id, 0) - share
        return {who: minor for who, minor in sums.items() if minor > 0}

    def entry(self, sale: Sale, *, on_debt: bool = False) -> EntryRequest:
        """Give the buyer the money: from the takings, or from everybody who had a share.

        Shares come out of what waits for payout, or ``on_debt`` as debts of the organisations:
        the buyer never waits for their money. Both have the same id, so only one can stand.
        """
        if self.settlement_id is None:
            return sale.return_entry(self.amount, self.id)
        currency, why = self.amount.currency, Reason("Returned to the guest", "退还客人")
        legs, texts = [], []
        reasons = self.reasons or (why,) * len(self.shares)
        for seat, share, reason in zip(self.parties, self.shares, reasons, strict=True):
            if share:
                legs.append(Leg(self._account(seat, on_debt=on_debt), share, currency))
                texts.append(reason.told())
        legs.append(Leg(PROVIDER, self.amount.minor, currency))
        texts.append(why.told())
        told = {
            "why": {
                "en": "Returned to the guest; every share of the sale is reversed",
                "zh": "退还客人，按份额逐一冲回",
            },
            "sale_id": self.sale_id,
            "settlement_id": self.settlement_id,
            "legs": texts,
        }
        entry_id = derived_id("ent", self.id, "refund", self.sale_id)
        return plain(entry_id, legs, "refund", told, reference=self.sale_id)

    def recoveries(self) -> list[tuple[EntryRequest, EntryRequest]]:
        """For each debt of this refund, how it is paid: of what waits, else of what may go out."""
        return [
            (
                recovery(who, "pending", Money(minor, self.amount.currency), about=self.id),
                recovery(who, "available", Money(minor, self.amount.currency), about=self.id),
            )
            for who, minor in self.owed.items()
        ]

    def _account(self, seat: Seat, *, on_debt: bool) -> str:
        if on_debt and seat.organization_id in self.owed:
            return debt_of(seat.organization_id)
        return account_of(seat.role, seat.organization_id)

    def complete(self, *, at: datetime) -> Decision[Refund]:
        """Close it: the books hold it, or it was refused."""
        if self.state is RefundState.REFUSED:
            return Decision(self, (), (self._refusal(at),))
        answers = (self._answer(at),) if self.message_id else ()
        return Decision(replace(self, state=RefundState.BOOKED), (self._fact(at),), answers)

    def _fact(self, at: datetime) -> SaleRefundedFact:
        shares = tuple(
            PaidShare(
                role=seat.role,
                organization_id=seat.organization_id,
                amount=Money(share, self.amount.currency),
            )
            for seat, share in zip(self.parties, self.shares, strict=True)
        )
        return SaleRefundedFact(
            occurred_at=at,
            settlement_id=self.settlement_id,
            gathering_id=self.gathering_id,
            sale_id=self.sale_id,
            refund_id=self.id,
            amount=self.amount,
            shares=shares,
        )

    def _answer(self, at: datetime) -> Message:
        return SaleRefunded(
            id=derived_id("msg", self.message_id, "reply"),
            correlation_id=self.saga_id,
            occurred_at=at,
            gathering_id=self.gathering_id,
            sale_id=self.sale_id,
            refund_id=self.id,
            settlement_id=self.settlement_id,
        )

    def _refusal(self, at: datetime) -> Message:
        return RefundRefused(
            id=derived_id("msg", self.message_id, "reply"),
            correlation_id=self.saga_id,
            occurred_at=at,
            gathering_id=self.gathering_id,
            sale_id=self.sale_id,
            refund_id=self.id,
            code=self.code,
            detail=self.detail,
        )


def debt_of(organization_id: str) -> str:
    """What an organisation owes: below zero by so much, never above."""
    return f"org:{organization_id}:debt"


def recovery(organization_id: str, kind: str, amount: Money, *, about: str) -> EntryRequest:
    """Pay so much of an organisation's debt from what is ``pending`` or ``available`` to it.

    ``about`` is what it is paid on the occasion of; its id is the same from either account, so
    that a debt is paid once. Whoever pays money out to an organisation nets its debt with it.
    """
    reason = {
        "why": {"en": "Pays what is owed after a refund", "zh": "偿还退款形成的欠款"},
        "about": about,
    }
    return transfer(
        derived_id("ent", about, "recovery", organization_id, amount.currency),
        f"org:{organization_id}:{kind}",
        debt_of(organization_id),
        amount,
        "debt-recovered",
        reason,
        reference=about,
    )


def refund_before_settlement(
    sale: Sale, *, refund_id: str, amount: Money, message_id: str, saga_id: str
) -> Refund:
    """Give a buyer money back while the takings are still together."""
    return Refund(
        id=refund_id,
        gathering_id=sale.gathering_id,
        sale_id=sale.id,
        amount=amount,
        settlement_id=None,
        parties=(),
        shares=(),
        state=RefundState.PLANNED,
        message_id=message_id,
        saga_id=saga_id,
    )


def refund_refused(refund: Refund, *, code: str, detail: str) -> Refund:
    """Refuse it; nothing is booked."""
    return replace(refund, state=RefundState.REFUSED, code=code, detail=detail)
