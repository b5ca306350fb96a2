"""Refund: planned in one transaction, booked, then recorded in another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from chassis.kernel.decisions import Decision, NotYet
from services.payments.debts.domain import bound
from services.payments.dues.domain import fee_back_entry
from services.payments.ledger.domain import CeilingBroken, EntryRequest, FloorBroken, IdConflict
from services.payments.ledger.use_cases import Ledger
from services.payments.releases.use_cases import take_back
from services.payments.royalties.domain import HoldState
from services.payments.sales.domain import RefundTooLarge, Sale, SaleDisputed
from services.payments.settlements.domain import (
    Lacking,
    Purpose,
    Refund,
    RefundState,
    Settlement,
    SettlementState,
    refund_before_settlement,
    refund_refused,
)
from services.payments.settlements.use_cases.ports import Books, RefundSale


def plan_refund(command: RefundSale, *, books: Books) -> tuple[Refund, Sale]:
    """Decide a refund once; raise ``NotYet`` until the sale, and its settlement, are known."""
    sale = books.sales.find([command.sale_id]).get(command.sale_id)
    if sale is None:
        raise NotYet(f"the sale {command.sale_id} is not known yet")
    known = books.refunds.find(command.refund_id)
    if known is not None:
        return known, sale
    settlement = books.settlements.of(command.gathering_id)
    if settlement is not None and settlement.state is SettlementState.PLANNED:
        raise NotYet(f"the settlement of {command.gathering_id} is being booked")
    try:
        books.sales.save(sale.refund(command.amount))
    except (RefundTooLarge, SaleDisputed) as refusal:
        refused = refund_refused(_refund_of(command, sale), code=refusal.code, detail=str(refusal))
        return books.refunds.save(Decision(refused)), sale
    if settlement is None:
        return books.refunds.save(Decision(_refund_of(command, sale))), sale
    refund = take_from_shares(_refund_of(command, sale), settlement, books=books)
    return books.refunds.save(Decision(refund)), sale


def take_from_shares(refund: Refund, settlement: Settlement, *, books: Books) -> Refund:
    """Decide who gives what of it, and where each has that; to be saved by the caller.

    Lessens what organisations wait for, and what is held for a copy claim. What a dispute
    holds brings nobody anything yet, so that only those who give are looked at.
    """
    # Saved unchanged, so that of two refunds at once one sees the other.
    books.settlements.save(Decision(settlement))
    refund = settlement.refund(refund, books.refunds.of(settlement.id))
    refund = _from_whom_it_is(refund, books=books)
    parts = refund.owed if refund.purpose is Purpose.CHARGEBACK else refund.to_give_back
    return replace(refund, accounts=take_back(parts, shares=books.pending))


def book_refund(planned: tuple[Refund, Sale], *, books: Books) -> None:
    """Book it; booking it again changes nothing.

    The buyer never waits: where a party lacks its part, the parts of all organisations become
    debts, and where the platform lacks its own, that too. Each that can be paid is paid at once;
    for the platform's, the fund for returns gives back what it got of the settlement first.
    """
    refund, sale = planned
    if refund.state is not RefundState.REFUSED:
        recover(refund, book_lacking(refund, sale, ledger=books.ledger), ledger=books.ledger)


def book_lacking(refund: Refund, sale: Sale, *, ledger: Ledger) -> Lacking:
    """Book the entry that stands, and answer who owes its part by it."""
    for lacking in Lacking:
        (outcome,) = ledger.submit([refund.entry(sale, lacking=lacking)])
        # The id of another of them: one with more debts stands since this was booked before.
        if outcome.code not in {FloorBroken.code, IdConflict.code}:
            break
    outcome.or_raise()
    return lacking


def recover(refund: Refund, lacking: Lacking, *, ledger: Ledger) -> None:
    """Pay each debt that it was booked as, as far as that can be paid at once."""
    if lacking is Lacking.ALL and refund.settlement_id is not None:
        # Refused where the fund got nothing of it, gave it back before, or has lent it.
        ledger.submit([fee_back_entry(refund.settlement_id)])
    for entries in refund.recoveries(lacking):
        _pay_debt(entries, ledger)


def record_refund(planned: tuple[Refund, Sale], *, books: Books, now: datetime) -> None:
    """Tell everybody that the money is back, or that it cannot be."""
    current = books.refunds.find(planned[0].id)
    if current is not None and current.state is not RefundState.BOOKED:
        books.refunds.save(current.complete(at=now))


def _pay_debt(entries: Sequence[EntryRequest], ledger: Ledger) -> None:
    """Book the first that stands; a debt that none can pay stays, one that is paid is no more."""
    debt = entries[0].legs[1]
    ledger.submit([bound(debt.account, debt.currency)])
    for entry in entries:
        (outcome,) = ledger.submit([entry])
        # The debt was paid when this was booked before, or on another occasion.
        if outcome.stands or outcome.code in {IdConflict.code, CeilingBroken.code}:
            return
        if outcome.code != FloorBroken.code:
            outcome.or_raise()


def _from_whom_it_is(refund: Refund, *, books: Books) -> Refund:
    """Take royalties back from where they are: held, or paid by a ruling; or ``NotYet``."""
    if refund.copy_claim_id is None:
        return refund
    hold = books.royalties.get(refund.copy_claim_id)
    if hold.state is HoldState.RULED and not hold.booking:
        raise NotYet(f"the royalties held for {hold.id} are being paid out")
    if hold.state is not HoldState.PAID:
        less = hold.give_back(refund.held_shares)
        if refund.purpose is not Purpose.REFUND:
            less = less.await_booking(refund.id)
        books.royalties.save(Decision(less))
        return refund
    after, payouts = hold.take_back(refund.held_shares)
    books.royalties.save(Decision(after))
    return refund.paid_to(payouts)


def _refund_of(command: RefundSale, sale: Sale) -> Refund:
    return refund_before_settlement(
        sale,
        refund_id=command.refund_id,
        amount=command.amount,
        message_id=command.message_id,
        saga_id=command.saga_id,
    )
