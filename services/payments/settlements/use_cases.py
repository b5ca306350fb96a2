"""Settle, refund, cancel: each planned in one transaction, booked, then recorded in another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from chassis.kernel.decisions import Decision, Message, NotYet
from chassis.kernel.ids import derived_id
from chassis.kernel.money import Money
from services.payments.contracts.domain import Party
from services.payments.contracts.use_cases import Contracts
from services.payments.debts.domain import bound
from services.payments.dues.domain import fee_back_entry
from services.payments.escrow.domain import Escrow, EscrowState
from services.payments.escrow.use_cases import Escrows, release
from services.payments.ledger.domain import CeilingBroken, EntryRequest, FloorBroken, IdConflict
from services.payments.ledger.use_cases import Ledger
from services.payments.milestones.use_cases import Schedules, without_milestones
from services.payments.naming.domain import Earning
from services.payments.naming.use_cases import NamingRightsBook
from services.payments.releases.domain import terms_at
from services.payments.releases.use_cases import PendingShares, keep_waiting, take_back
from services.payments.royalties.domain import HoldState
from services.payments.royalties.use_cases import Royalties
from services.payments.sales.domain import RefundTooLarge, Sale, SaleDisputed
from services.payments.sales.use_cases import Sales
from services.payments.settlements.domain import (
    Lacking,
    Purpose,
    Refund,
    RefundState,
    Settlement,
    SettlementNotFound,
    SettlementState,
    refund_before_settlement,
    refund_refused,
)
from services.payments.settlements.events import GatheringCancelled
from sharing.dividing import Heads, divide, seats_of


class Settlements(Protocol):
    """The settlements, wherever they are kept."""

    def get(self, settlement_id: str) -> Settlement:
        """Raise ``SettlementNotFound`` rather than return None."""
        ...

    def of(self, gathering_id: str) -> Settlement | None:
        """The settlement of a gathering, if there is one."""
        ...

    def save(self, decision: Decision[Settlement]) -> Settlement:
        """Store the state and its events together, or raise ``Conflict``."""
        ...


def settlement_seen(
    settlement_id: str, organization_id: str | None, *, settlements: Settlements
) -> Settlement:
    """A settlement that this organisation had a part in; None may see every one.

    Others are told that there is none: ``SettlementNotFound``.
    """
    settlement = settlements.get(settlement_id)
    parties = {party.organization_id for party in settlement.parties}
    if organization_id is not None and organization_id not in parties:
        raise SettlementNotFound(f"no settlement {settlement_id}")
    return settlement


class Refunds(Protocol):
    """The refunds, wherever they are kept."""

    def find(self, refund_id: str) -> Refund | None:
        """The refund, if it was planned."""
        ...

    def of(self, settlement_id: str) -> list[Refund]:
        """Those that were taken back from a settlement's shares, booked or about to be."""
        ...

    def save(self, decision: Decision[Refund]) -> Refund:
        """Store the state and its events together, or raise ``Conflict``."""
        ...


class Replies(Protocol):
    """The way back to the sagas."""

    def send(self, message: Message) -> None:
        """Send it with this transaction."""
        ...


@dataclass(frozen=True, slots=True)
class Books:
    """Everything that a settlement is made from."""

    contracts: Contracts
    escrows: Escrows
    naming: NamingRightsBook
    sales: Sales
    settlements: Settlements
    refunds: Refunds
    royalties: Royalties
    pending: PendingShares
    schedules: Schedules
    ledger: Ledger
    replies: Replies


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleGathering:
    """The saga's wish to pay everybody who had a part in a gathering."""

    message_id: str
    saga_id: str
    gathering_id: str
    claim_id: str
    parties: Mapping[str, Sequence[str]]
    checked_in: int
    min_checked_in: int
    naming_rights_id: str | None = None
    royalties: Mapping[str, int] | None = None
    cartridge_digest: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundSale:
    """The saga's wish to give a buyer money back."""

    message_id: str
    saga_id: str
    gathering_id: str
    sale_id: str
    refund_id: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelGathering:
    """The saga's wish to have a gathering's money back where it came from."""

    message_id: str
    saga_id: str
    gathering_id: str
    claim_id: str


@dataclass(frozen=True, slots=True)
class Cancellation:
    """What goes back when a gathering is cancelled."""

    command: CancelGathering
    escrow: Escrow | None
    refunds: tuple[tuple[Sale, Refund], ...]


def plan_settling(command: SettleGathering, *, books: Books, now: datetime) -> Settlement:
    """Decide the settlement once; raise ``NotYet`` until all that it needs is known."""
    known = books.settlements.of(command.gathering_id)
    if known is not None:
        return known
    escrow = books.escrows.find([command.claim_id]).get(command.claim_id)
    escrow = escrow and without_milestones(escrow, schedules=books.schedules)
    if escrow is None or escrow.state is not EscrowState.ESCROWED:
        raise NotYet(f"the subsidy of {command.claim_id} is not in escrow yet")
    if not books.sales.is_closed(command.gathering_id):
        raise NotYet(f"not every sale of {command.gathering_id} is known yet")
    version = books.contracts.get(escrow.contract_id).current
    hold = books.royalties.standing(command.cartridge_digest or "")
    ruled = hold.payees if hold and hold.is_diverted else None
    seats = seats_of(version.terms, command.parties, command.royalties, ruled=ruled)
    parties = tuple(Party(*seat) for seat in seats)
    parties = hold.mark(parties) if hold else parties
    rests = [sale.rest.minor for sale in books.sales.of(command.gathering_id)]
    heads = Heads(command.checked_in, command.min_checked_in)
    shares = divide(version.terms, seats, rests, heads)
    settlement = Settlement(
        id=derived_id("stl", command.gathering_id),
        gathering_id=command.gathering_id,
        contract_id=escrow.contract_id,
        contract_version=version.number,
        escrow=escrow,
        terms=version.terms,
        parties=parties,
        shares=tuple(share.minor for share in shares),
        takings=Money(sum(rests), escrow.amount.currency),
        checked_in=command.checked_in,
        min_checked_in=command.min_checked_in,
        message_id=command.message_id,
        saga_id=command.saga_id,
        earning=_earn(command, books=books, now=now),
    )
    if hold and settlement.held_shares:
        books.royalties.save(Decision(hold.keep(settlement.id, settlement.held_shares)))
    return books.settlements.save(Decision(settlement))


def book_settling(settlement: Settlement, *, books: Books) -> None:
    """Book every share in one entry; booking it again changes nothing."""
    entry = settlement.entry()
    if entry is not None:
        books.ledger.submit([entry])[0].or_raise()


def record_settling(settlement: Settlement, *, books: Books, now: datetime) -> None:
    """Tell everybody that the gathering is settled."""
    current = books.settlements.get(settlement.id)
    if current.state is SettlementState.COMPLETED:
        return
    books.settlements.save(current.complete(at=now))
    if current.copy_claim_id is not None:
        hold = books.royalties.get(current.copy_claim_id)
        books.royalties.save(Decision(hold.booked(current.id)))
    contract = books.contracts.get(current.contract_id)
    keep_waiting(
        current.id,
        current.brought(),
        terms=terms_at(contract.version(current.contract_version).drafted_at),
        shares=books.pending,
        now=now,
    )
    escrow = books.escrows.find([current.claim_id])[current.claim_id]
    if without_milestones(escrow, schedules=books.schedules) is escrow:
        books.escrows.save(escrow.become(EscrowState.PAID))


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


def record_refund(planned: tuple[Refund, Sale], *, books: Books, now: datetime) -> None:
    """Tell everybody that the money is back, or that it cannot be."""
    current = books.refunds.find(planned[0].id)
    if current is not None and current.state is not RefundState.BOOKED:
        books.refunds.save(current.complete(at=now))


def plan_cancelling(command: CancelGathering, *, books: Books) -> Cancellation:
    """Decide once what goes back; raise ``NotYet`` until every sale is known.

    A subsidy that is released by milestones goes back by these, and is waited for.
    """
    if not books.sales.is_closed(command.gathering_id):
        raise NotYet(f"not every sale of {command.gathering_id} is known yet")
    escrow = books.escrows.find([command.claim_id]).get(command.claim_id)
    schedule = books.schedules.find(command.claim_id)
    if schedule is not None and schedule.is_begun:
        if not schedule.is_booked:
            raise NotYet(f"the milestones of {command.claim_id} are being returned")
        escrow = None
    planned = (_plan_whole(command, s, books) for s in books.sales.of(command.gathering_id))
    return Cancellation(command, escrow, tuple(pair for pair in planned if pair is not None))


def book_cancelling(cancellation: Cancellation, *, books: Books) -> None:
    """Give every buyer and the subsidy's fund their money back."""
    if cancellation.escrow is not None:
        release(cancellation.escrow, ledger=books.ledger)
    entries = [refund.entry(sale) for sale, refund in cancellation.refunds]
    for outcome in books.ledger.submit(entries) if entries else ():
        outcome.or_raise()


def record_cancelling(cancellation: Cancellation, *, books: Books, now: datetime) -> None:
    """Tell everybody that all the money is back."""
    for _sale, refund in cancellation.refunds:
        current = books.refunds.find(refund.id)
        if current is not None and current.state is not RefundState.BOOKED:
            books.refunds.save(current.complete(at=now))
    escrow = cancellation.escrow
    if escrow is not None and not escrow.is_settled:
        books.escrows.save(escrow.become(EscrowState.RELEASED))
    command = cancellation.command
    books.replies.send(
        GatheringCancelled(
            id=derived_id("msg", command.message_id, "reply"),
            correlation_id=command.saga_id,
            occurred_at=now,
            gathering_id=command.gathering_id,
        )
    )


def _earn(command: SettleGathering, *, books: Books, now: datetime) -> Earning | None:
    """Let the gathering earn its naming fee, if its package is paid and not used up."""
    if command.naming_rights_id is None:
        return None
    rights = books.naming.get(command.naming_rights_id)
    if not rights.is_usable or rights.host_id not in command.parties.get("host", ()):
        return None
    decision, earning = rights.earn(command.gathering_id, at=now)
    books.naming.save(decision)
    return earning


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


def _plan_whole(command: CancelGathering, sale: Sale, books: Books) -> tuple[Sale, Refund] | None:
    """Take back what is left of a sale, or what was decided before; None when nothing is left."""
    refund_id = derived_id("rfd", sale.id, "cancelled")
    known = books.refunds.find(refund_id)
    if known is not None:
        return sale, known
    if not sale.rest:
        if sale.disputed_minor and not sale.is_called_off:
            books.sales.save(sale.call_off())
        return None
    refund = refund_before_settlement(
        sale, refund_id=refund_id, amount=sale.rest, message_id="", saga_id=command.saga_id
    )
    books.sales.save(sale.refund(sale.rest).call_off())
    return sale, books.refunds.save(Decision(refund))
