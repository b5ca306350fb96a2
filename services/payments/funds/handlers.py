"""What funds do when catalog announces an offer, and how deposits get into the books."""

from __future__ import annotations

from chassis.dispatcher import Executor
from chassis.envelope import Event
from chassis.inbox import Handler, each
from services.payments.funds.domain import Deposit
from services.payments.funds.schemas import OfferOpenedSchema
from services.payments.funds.use_cases import Deposits, OfferFunds, mark_booked, open_fund
from services.payments.ledger.domain import Outcome
from services.payments.ledger.use_cases import Ledger
from services.payments.naming.use_cases import NamingRightsBook


def fact_handlers(funds: OfferFunds) -> dict[str, Handler]:
    """Map catalog's facts about offers to what is done."""

    def on_offer_opened(event: Event) -> None:
        open_fund(OfferOpenedSchema().load(event.data), funds=funds)

    return {"catalog.offer.opened.v1": each(on_offer_opened)}


def deposit_executor(deposits: Deposits, naming: NamingRightsBook, ledger: Ledger) -> Executor:
    """Carry out the intent ``deposit``: book it, then mark it booked."""

    def submit(deposit: Deposit) -> Outcome:
        return ledger.submit([deposit.entry()])[0].or_raise()

    def record(deposit: Deposit, _outcome: Outcome) -> None:
        mark_booked(deposits.get(deposit.id), deposits=deposits, naming=naming)

    return Executor(lambda body: deposits.get(body["id"]), submit, record)
