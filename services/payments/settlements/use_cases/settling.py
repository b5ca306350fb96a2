"""Settle: planned in one transaction, booked, then recorded in another."""

from __future__ import annotations

from datetime import datetime

from chassis.kernel.decisions import Decision, NotYet
from chassis.kernel.ids import derived_id
from chassis.kernel.money import Money
from services.payments.contracts.domain import Party
from services.payments.escrow.domain import EscrowState
from services.payments.milestones.use_cases import without_milestones
from services.payments.naming.use_cases import earn_fee
from services.payments.releases.domain import terms_at
from services.payments.releases.use_cases import keep_waiting
from services.payments.settlements.domain import (
    Settlement,
    SettlementState,
)
from services.payments.settlements.use_cases.ports import Books, SettleGathering
from sharing.dividing import Heads, divide, seats_of


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
    rests = [sale.rest.minor for sale in books.sales.claim(command.gathering_id)]
    heads = Heads(command.checked_in, command.min_checked_in)
    shares = divide(version.terms, seats, rests, heads)
    earning, unearned = earn_fee(
        command.naming_rights_id,
        command.gathering_id,
        hosts=command.parties.get("host", ()),
        naming=books.naming,
        now=now,
    )
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
        earning=earning,
        unearned=unearned,
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
