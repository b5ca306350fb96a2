"""Funds and deposits over MongoDB."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from chassis import dispatcher, outbox
from chassis.kernel.decisions import Decision
from chassis.kernel.money import Money
from chassis.mongo import Row, atomically, collection
from services.payments.funds.documents import (
    FUND_PROGRESS,
    DepositDocument,
    FundWatchDocument,
    OfferFundDocument,
)
from services.payments.funds.domain import (
    Caps,
    Deposit,
    DepositNotFound,
    DepositState,
    FundWatch,
    OfferFund,
)
from services.payments.funds.use_cases import Touch
from services.payments.ledger.documents import ACCOUNTS
from services.payments.ledger.repositories.following import entries_after, go_on, progress

# By which codes the books hold what fills a fund, and what a claim takes of it.
DEPOSITED, HELD = "deposit", "subsidy-held"


class MongoOfferFunds:
    """The ``OfferFunds`` port over the ``offer_funds`` collection."""

    def find(self, offer_id: str) -> OfferFund | None:
        """The fund of an offer, if the offer is known here yet."""
        document = OfferFundDocument.objects(pk=offer_id).first()
        if document is None:
            return None
        return to_fund(document)

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


def to_fund(document: OfferFundDocument) -> OfferFund:
    """A fund as it was stored."""
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


class MongoFundWatches:
    """The ``FundWatches`` port over ``fund_watches`` and the projected books."""

    def __init__(self, market: str) -> None:
        self._market = market

    def find(self, fund: OfferFund) -> FundWatch:
        """The watch of a fund, or a new one."""
        fresh = FundWatch(fund.id, fund.brand_id, fund.cap.currency)
        document = FundWatchDocument.objects(pk=fresh.id).first()
        if document is None:
            return fresh
        return FundWatch(
            offer_id=document.offer_id,
            brand_id=document.brand_id,
            currency=document.currency,
            own_threshold=document.own_threshold_minor,
            last_claim=document.last_claim_minor,
            available=document.available_minor,
            low_since=document.low_since,
            may_tell=document.may_tell,
            revision=document.revision(),
        )

    def available(self, fund: OfferFund) -> int:
        """What the fund has by the projected books, in minor units."""
        where = {"path": fund.account, "currency": fund.cap.currency}
        row = collection(ACCOUNTS).find_one(where, {"available": 1})
        return row["available"] if row else 0

    def now(self, fund: OfferFund) -> FundWatch:
        """The watch with what the fund has just now, to be read and not saved."""
        return replace(self.find(fund), available=self.available(fund))

    def progress(self) -> int:
        """Up to which segment entries were taken in."""
        found: int = progress(FUND_PROGRESS, self._market).get("segment", 0)
        return found

    def touches(self, segment: int) -> tuple[Sequence[Touch], int]:
        """What the next entries did, one a fund, and the segment up to which they were read."""
        where = {"legs.account": {"$regex": "^offer:"}}
        rows, end = entries_after(self._market, segment, where)
        found: dict[str, Touch] = {}
        for row in rows:
            for leg in row["legs"]:
                if leg["account"].startswith("offer:"):
                    touch = _touch(row, leg)
                    known = found.get(touch.offer_id, touch)
                    is_filled = known.is_filled or touch.is_filled
                    claim = touch.claim or known.claim
                    found[touch.offer_id] = Touch(touch.offer_id, is_filled, claim)
        return list(found.values()), end

    def save(self, decision: Decision[FundWatch]) -> FundWatch:
        """Store the state and its events together, or raise ``Conflict``."""
        watch = decision.state
        revision = outbox.save(_watch_document(watch), watch.revision, decision.events)
        return replace(watch, revision=revision)

    def save_all(
        self, decisions: Sequence[Decision[FundWatch]], *, before: int, after: int
    ) -> None:
        """Store them and go on to a segment, or nothing and raise ``Conflict``."""
        changes: list[tuple[Any, ...]] = [
            (_watch_document(each.state), each.state.revision, each.events) for each in decisions
        ]

        def work() -> None:
            if changes:
                outbox.save_all(changes)
            go_on(FUND_PROGRESS, self._market, before=before, after=after)

        atomically(work)


def _watch_document(watch: FundWatch) -> FundWatchDocument:
    return FundWatchDocument(
        id=watch.id,
        offer_id=watch.offer_id,
        brand_id=watch.brand_id,
        currency=watch.currency,
        own_threshold_minor=watch.own_threshold,
        last_claim_minor=watch.last_claim,
        available_minor=watch.available,
        low_since=watch.low_since,
        may_tell=watch.may_tell,
    )


def _touch(row: Row, leg: Row) -> Touch:
    offer_id = leg["account"].split(":")[1]
    claim = -leg["minor"] if row["code"] == HELD and leg["minor"] < 0 else 0
    return Touch(offer_id, row["code"] == DEPOSITED, claim)


class MongoDeposits:
    """The ``Deposits`` port over the ``deposits`` collection."""

    def get(self, deposit_id: str) -> Deposit:
        """Raise ``DepositNotFound`` rather than return None."""
        document = DepositDocument.objects(pk=deposit_id).first()
        if document is None:
            raise DepositNotFound(f"no deposit {deposit_id}")
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
