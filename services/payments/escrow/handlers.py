"""What escrow does on commands and facts: book first, then record and answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from chassis.envelope import Event
from chassis.inbox import Handler, TwoStep
from chassis.kernel.time import Clock
from services.payments.contracts.use_cases import Contracts
from services.payments.escrow.schemas import (
    ClaimConfirmedSchema,
    to_place_hold,
    to_place_kit_hold,
    to_release_hold,
)
from services.payments.escrow.use_cases import (
    Booked,
    Escrows,
    PlaceHold,
    book_confirmed,
    book_holds,
    book_releases,
    record_confirmed,
    record_holds,
    record_releases,
)
from services.payments.funds.use_cases import OfferFunds
from services.payments.ledger.domain import Outcome
from services.payments.ledger.use_cases import Ledger


def command_handlers(
    escrows: Escrows, contracts: Contracts, funds: OfferFunds, ledger: Ledger, clock: Clock
) -> dict[str, Handler]:
    """Map each command about holds to what is done."""

    def placing(read: Callable[[Event], PlaceHold]) -> TwoStep:
        def submit(events: Sequence[Event]) -> Mapping[str, Booked]:
            commands = [read(event) for event in events]
            return book_holds(commands, escrows=escrows, funds=funds, ledger=ledger)

        def record(events: Sequence[Event], booked: Mapping[str, Booked]) -> None:
            commands = [read(event) for event in events]
            record_holds(commands, booked, escrows=escrows, contracts=contracts, now=clock())

        return TwoStep(submit, record)

    def submit_releases(events: Sequence[Event]) -> None:
        book_releases([to_release_hold(event) for event in events], escrows=escrows, ledger=ledger)

    def record_released(events: Sequence[Event], _booked: None) -> None:
        commands = [to_release_hold(event) for event in events]
        record_releases(commands, escrows=escrows, now=clock())

    return {
        "payments.command.place-hold.v1": placing(to_place_hold),
        "payments.command.place-kit-hold.v1": placing(to_place_kit_hold),
        "payments.command.release-hold.v1": TwoStep(submit_releases, record_released),
    }


def fact_handlers(escrows: Escrows, ledger: Ledger) -> dict[str, Handler]:
    """Map the facts that move a hold into escrow to what is done."""

    def claims_of(events: Sequence[Event]) -> list[str]:
        return [ClaimConfirmedSchema().load(event.data) for event in events]

    def submit(events: Sequence[Event]) -> Mapping[str, Outcome]:
        return book_confirmed(claims_of(events), escrows=escrows, ledger=ledger)

    def record(events: Sequence[Event], outcomes: Mapping[str, Outcome]) -> None:
        record_confirmed(claims_of(events), outcomes, escrows=escrows)

    return dict.fromkeys(
        ("matching.claim.confirmed.v1", "matching.claim.kit-confirmed.v1"),
        TwoStep(submit, record),
    )
