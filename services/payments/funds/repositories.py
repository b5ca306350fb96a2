"""Funds and deposits over MongoDB."""

from __future__ import annotations

from chassis import dispatcher, outbox
from chassis.kernel.money import Money
from services.payments.funds.documents import DepositDocument, OfferFundDocument
from services.payments.funds.domain import (
    Caps,
    Deposit,
    DepositNotFound,
    DepositState,
    OfferFund,
)


class MongoOfferFunds:
    """The ``OfferFunds`` port over the ``offer_funds`` collection."""

    def find(self, offer_id: str) -> OfferFund | None:
        """The fund of an offer, if the offer is known here yet."""
        document = OfferFundDocument.objects(pk=offer_id).first()
        if document is None:
            return None
        return OfferFund(
            id=document.id,
            brand_id=document.brand_id,
            cap=Money(document.cap_minor, document.currency),
            deposited=Money(document.deposited_minor, document.currency),
            caps=Caps(
                per_host=document.most_per_host_minor or 0,
                per_period=document.most_per_period_minor or 0,
                period_days=document.period_days or 1,
                starts_at=document.opens_at,
            ),
            revision=document.revision(),
        )

    def save(self, fund: OfferFund) -> None:
        """Store it, or raise ``Conflict``."""
        document = OfferFundDocument(
            id=fund.id,
            brand_id=fund.brand_id,
            cap_minor=fund.cap.minor,
            deposited_minor=fund.deposited.minor,
            currency=fund.cap.currency,
            most_per_host_minor=fund.caps.per_host,
            most_per_period_minor=fund.caps.per_period,
            period_days=fund.caps.period_days,
            opens_at=fund.caps.starts_at,
        )
        outbox.save(document, fund.revision)


class MongoDeposits:
    """The ``Deposits`` port over the ``deposits`` collection."""

    def get(self, deposit_id: str) -> Deposit:
        """Raise ``DepositNotFound`` rather than return None."""
        found = self.find(deposit_id)
        if found is None:
            raise DepositNotFound(f"no deposit {deposit_id}")
        return found

    def find(self, deposit_id: str) -> Deposit | None:
        """The deposit, if it was recorded."""
        document = DepositDocument.objects(pk=deposit_id).first()
        if document is None:
            return None
        return Deposit(
            id=document.id,
            target_id=document.target_id,
            account=document.account,
            amount=Money(document.amount_minor, document.currency),
            recorded_at=document.recorded_at,
            state=DepositState(document.state),
            revision=document.revision(),
        )

    def save(self, deposit: Deposit) -> None:
        """Store it, or raise ``Conflict``."""
        document = DepositDocument(
            id=deposit.id,
            target_id=deposit.target_id,
            account=deposit.account,
            amount_minor=deposit.amount.minor,
            currency=deposit.amount.currency,
            recorded_at=deposit.recorded_at,
            state=deposit.state.value,
        )
        outbox.save(document, deposit.revision)


class RecordedIntentions:
    """The ``Intentions`` port over the dispatcher's collection."""

    def record(self, kind: str, about: str) -> None:
        """Intend it once."""
        dispatcher.record(kind, about, {"id": about})
