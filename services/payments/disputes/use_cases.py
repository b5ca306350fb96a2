"""Hear of disputes, hold what is disputed, end it by the ruling, and send evidence on.

Each step of money is planned in one transaction, booked, then recorded in another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from chassis.kernel.decisions import Decision, NotYet
from chassis.kernel.money import Money
from services.payments.disputes.domain import Dispute, DisputeState, Evidence, dispute_id
from services.payments.ledger.domain import FloorBroken, IdConflict, pending_of
from services.payments.naming.use_cases import Intentions
from services.payments.providers.domain import Chargeback
from services.payments.releases.domain import Source, terms_at
from services.payments.releases.use_cases import give_again, keep_waiting
from services.payments.sales.domain import Sale
from services.payments.settlements.domain import (
    Lacking,
    Purpose,
    Refund,
    RefundState,
    Settlement,
    SettlementState,
)
from services.payments.settlements.use_cases import (
    Books,
    book_lacking,
    recover,
    take_from_shares,
)

HOLD, END = "dispute-hold", "dispute-end"
AGAIN = {FloorBroken.code, IdConflict.code}


class Court(Protocol):
    """A provider that tells of disputes and takes evidence; every call is safe to repeat."""

    def read_dispute(self, reference: str) -> Chargeback | None:
        """How a dispute stands now; raise ``ConnectionError`` when that cannot be told.

        None for one that is about no sale of ours, or by which no money was taken.
        """
        ...

    def submit_evidence(self, reference: str, text: str, *, key: str) -> None:
        """Send the evidence, once for a ``key``; raise ``ConnectionError`` unless it arrived."""
        ...


class Disputes(Protocol):
    """The disputes, wherever they are kept."""

    def get(self, dispute_id: str) -> Dispute:
        """Raise ``DisputeNotFound`` rather than return None."""
        ...

    def find(self, dispute_id: str) -> Dispute | None:
        """The dispute, if it was heard of."""
        ...

    def save(self, decision: Decision[Dispute]) -> Dispute:
        """Store the state and its events together, or raise ``Conflict``."""
        ...


class Watch(NamedTuple):
    """A dispute at a provider, asked about after so many messages of it."""

    provider: str
    reference: str
    rings: int


class Watches(Protocol):
    """What is to be asked about, and when; every call stands alone."""

    def ring(self, provider: str, reference: str, *, now: datetime) -> None:
        """Ask about it now; a message came, or somebody wants something of the bank."""
        ...

    def due(self, now: datetime, *, limit: int) -> list[str]:
        """Ids of some that are to be asked about, those first that wait longest."""
        ...

    def take(self, watch_id: str, now: datetime) -> Watch | None:
        """Let nobody else ask for a minute; None when another does."""
        ...

    def wait(self, watch: Watch, until: datetime | None) -> None:
        """Ask again then, or never; at once if a message came meanwhile."""
        ...


@dataclass(frozen=True, slots=True)
class Bench:
    """Everything that disputes are made from."""

    disputes: Disputes
    courts: Mapping[str, Court]
    books: Books
    intentions: Intentions


class Taking(NamedTuple):
    """A dispute, the sale, and what it takes of it; None where nothing was left."""

    dispute: Dispute
    sale: Sale
    chargeback: Refund | None


class Ending(NamedTuple):
    """How a dispute ends in the books, and what follows from it for shares or buyer."""

    taking: Taking
    regulation: Refund | None


def follow(provider: str, said: Chargeback, *, bench: Bench, now: datetime) -> Dispute:
    """Take in how a dispute stands; again, late or out of order it comes to the same."""
    known = bench.disputes.find(dispute_id(provider, said))
    heard = Dispute.open(provider, said, at=now) if known is None else known.hear(said)
    settlement = bench.books.settlements.of(heard.gathering_id) if heard.gathering_id else None
    heard = heard.involve(_organizations(settlement))
    if heard != known:
        heard = bench.disputes.save(Decision(heard))
    bench.intentions.record(HOLD, heard.id)
    if heard.is_ruled:
        bench.intentions.record(END, heard.id)
    return heard


def plan_hold(dispute_id: str, *, bench: Bench) -> Taking:
    """Decide once what is held; raise ``NotYet`` until the sale, and its settlement, are known."""
    books, dispute = bench.books, bench.disputes.get(dispute_id)
    sale = _sale_of(dispute, books)
    known = books.refunds.find(dispute.chargeback_id)
    if known is not None or dispute.gathering_id:
        return Taking(dispute, sale, known)
    settlement = _settlement_of(sale, books)
    sale, held = sale.dispute(dispute.told)
    dispute = dispute.involve(_organizations(settlement)).hold(held, sale.gathering_id)
    dispute = bench.disputes.save(Decision(dispute))
    if not held:
        return Taking(dispute, sale, None)
    books.sales.save(sale)
    taken = dispute.chargeback(sale)
    if settlement is not None:
        taken = take_from_shares(taken, settlement, books=books)
    return Taking(dispute, sale, books.refunds.save(Decision(taken)))


def book_hold(taking: Taking, *, books: Books) -> Lacking:
    """Hold it of every share, and as a debt of who lacks its part; again changes nothing."""
    if taking.chargeback is None:
        return Lacking.NONE
    return book_lacking(taking.chargeback, taking.sale, ledger=books.ledger)


def record_hold(taking: Taking, lacking: Lacking, *, bench: Bench, now: datetime) -> None:
    """Tell the parties that it is held, and until when evidence is due."""
    dispute, refunds = bench.disputes.get(taking.dispute.id), bench.books.refunds
    chargeback = refunds.find(dispute.chargeback_id)
    if chargeback is not None and chargeback.state is RefundState.PLANNED:
        refunds.save(Decision(chargeback.become(RefundState.HELD, lacking)))
    if dispute.state is DisputeState.OPENED:
        bench.disputes.save(dispute.held_at(now))


def plan_end(dispute_id: str, *, bench: Bench, now: datetime) -> Ending:
    """Decide once what the ruling leads to; raise ``NotYet`` until it is held."""
    books, dispute = bench.books, bench.disputes.get(dispute_id)
    if dispute.state is DisputeState.OPENED:
        raise NotYet(f"{dispute.id} is not held yet")
    sale, chargeback = _sale_of(dispute, books), books.refunds.find(dispute.chargeback_id)
    taking = Taking(dispute, sale, chargeback)
    if chargeback is None or dispute.is_lost or dispute.is_over:
        return Ending(taking, None)
    settlement = _settlement_of(sale, books)
    if chargeback.state is RefundState.HELD:
        _give_back(chargeback, books, now)
        chargeback = books.refunds.save(Decision(chargeback.become(RefundState.VOIDED)))
        taking = taking._replace(chargeback=chargeback)
    return Ending(taking, _plan_regulation(taking, settlement, books, now))


def book_end(ending: Ending, *, books: Books) -> None:
    """Let go of all of it, or take it from every share for good; again changes nothing."""
    (dispute, sale, chargeback), regulation = ending
    if dispute.is_over:
        return
    if chargeback is not None:
        books.ledger.submit([chargeback.end_entry(sale, is_lost=dispute.is_lost)])[0].or_raise()
        if dispute.is_lost:
            recover(chargeback, chargeback.lacking, ledger=books.ledger)
    if regulation is not None:
        lacking = book_lacking(regulation, sale, ledger=books.ledger)
        recover(regulation, lacking, ledger=books.ledger)
    for entry in dispute.cost_entries():
        (outcome,) = books.ledger.submit([entry])
        if outcome.code not in AGAIN:
            outcome.or_raise()
            break


def record_end(ending: Ending, *, bench: Bench, now: datetime) -> None:
    """Tell the parties how it ended.

    Raises ``NotYet`` for a settlement or a cancellation that came in between: what is planned
    next brings the shares, or the buyer, what was held.
    """
    books, dispute = bench.books, bench.disputes.get(ending.taking.dispute.id)
    chargeback, regulation = ending.taking.chargeback, ending.regulation
    if dispute.is_over:
        return
    if chargeback is not None:
        sale = _sale_of(dispute, books)
        is_late = chargeback.settlement_id is None and not dispute.is_lost and regulation is None
        if is_late and (sale.is_called_off or books.settlements.of(sale.gathering_id)):
            raise NotYet(f"{sale.gathering_id} was settled or cancelled meanwhile")
        is_gone = dispute.is_lost or _returns(regulation)
        books.sales.save(sale.end_dispute(dispute.held, is_lost=is_gone))
        if dispute.is_lost:
            _take_for_good(chargeback, books, now)
        _booked(chargeback, books)
    if regulation is not None:
        done = Decision(regulation.become(RefundState.BOOKED))
        books.refunds.save(regulation.complete(at=now) if _returns(regulation) else done)
        _booked(regulation, books)
    bench.disputes.save(dispute.end(at=now))


def hand_in(dispute_id: str, piece: Evidence, *, disputes: Disputes) -> Dispute:
    """Keep evidence of a party; raises as ``Dispute.hand_in`` does."""
    dispute = disputes.get(dispute_id)
    after = dispute.hand_in(piece)
    return dispute if after is dispute else disputes.save(Decision(after))


def submit(dispute_id: str, *, disputes: Disputes, now: datetime) -> Dispute:
    """Let the evidence be sent on; raises as ``Dispute.submit`` does."""
    dispute = disputes.get(dispute_id)
    after = dispute.submit(at=now)
    return dispute if after is dispute else disputes.save(Decision(after))


def _plan_regulation(
    taking: Taking, settlement: Settlement | None, books: Books, now: datetime
) -> Refund | None:
    """What brings the shares, or the buyer, to where they would be without the dispute."""
    dispute, sale, chargeback = taking
    known = books.refunds.find(dispute.regulation_id)
    if known is not None or chargeback is None:
        return known
    if settlement is None:
        if not sale.is_called_off:
            return None
        return books.refunds.save(Decision(dispute.return_to_buyer(sale)))
    was_outside = chargeback.settlement_id is None
    amount = -dispute.held if was_outside else Money(0, dispute.held.currency)
    regulation = dispute.regulation(sale, amount)
    if not any(settlement.refund(regulation, books.refunds.of(settlement.id)).shares):
        return None
    _make_room(settlement, books, now)
    return books.refunds.save(Decision(take_from_shares(regulation, settlement, books=books)))


def _make_room(settlement: Settlement, books: Books, now: datetime) -> None:
    """Let every party have a share that waits, so that more can come to it."""
    contract = books.contracts.get(settlement.contract_id)
    nothing = Money(0, settlement.takings.currency)
    keep_waiting(
        settlement.id,
        dict.fromkeys(_organizations(settlement), nothing),
        terms=terms_at(contract.version(settlement.contract_version).drafted_at),
        shares=books.pending,
        now=now,
    )


def _give_back(chargeback: Refund, books: Books, now: datetime) -> None:
    """Let everybody wait again for what was held, and the copy claim hold what it held."""
    waited = {
        source: minor
        for source, minor in chargeback.owed.items()
        if chargeback.accounts.get(source.share_id) == pending_of(source.organization_id)
    }
    _again(chargeback, waited, books, now)
    if chargeback.copy_claim_id is None:
        return
    hold, shares = books.royalties.get(chargeback.copy_claim_id), chargeback.held_shares
    if chargeback.payouts:
        hold = hold.give_again(shares, chargeback.payouts)
    else:
        hold = hold.give_back({who: -amount for who, amount in shares.items()})
    books.royalties.save(Decision(hold))


def _take_for_good(chargeback: Refund, books: Books, now: datetime) -> None:
    """What was held is gone; the odd fen that it brought somebody waits from now on."""
    brought = {source: -minor for source, minor in chargeback.to_give_back.items() if minor < 0}
    _again(chargeback, brought, books, now)
    books.refunds.save(Decision(chargeback.become(RefundState.BOOKED)))


def _again(chargeback: Refund, parts: Mapping[Source, int], books: Books, now: datetime) -> None:
    give_again(
        parts,
        chargeback.amount.currency,
        origin_id=chargeback.id,
        shares=books.pending,
        now=now,
    )


def _booked(refund: Refund, books: Books) -> None:
    """The copy claim whose royalties it moved waits for it no longer."""
    if refund.copy_claim_id is not None:
        hold = books.royalties.get(refund.copy_claim_id)
        if refund.id in hold.booking:
            books.royalties.save(Decision(hold.booked(refund.id)))


def _returns(regulation: Refund | None) -> bool:
    """Whether what was held goes back to the buyer though the dispute was won."""
    return regulation is not None and regulation.purpose is Purpose.REFUND


def _sale_of(dispute: Dispute, books: Books) -> Sale:
    sale = books.sales.find([dispute.sale_id]).get(dispute.sale_id)
    if sale is None:
        raise NotYet(f"the sale {dispute.sale_id} is not known yet")
    return sale


def _settlement_of(sale: Sale, books: Books) -> Settlement | None:
    settlement = books.settlements.of(sale.gathering_id)
    if settlement is not None and settlement.state is SettlementState.PLANNED:
        raise NotYet(f"the settlement of {sale.gathering_id} is being booked")
    return settlement


def _organizations(settlement: Settlement | None) -> Sequence[str]:
    parties = settlement.parties if settlement else ()
    return [party.organization_id for party in parties if party.role != "platform"]
