"""What payments does for naming rights when gatherings are planned and over, and at their end."""

from __future__ import annotations

from chassis.dispatcher import Executor
from chassis.envelope import Event
from chassis.inbox import Handler, each
from chassis.kernel.time import Clock
from services.payments.ledger.use_cases import Ledger
from services.payments.naming.domain import NamingRights, NamingState
from services.payments.naming.schemas import GatheringEndedSchema, GatheringPlannedSchema
from services.payments.naming.use_cases import (
    CLOSE,
    END,
    Intentions,
    NamingRightsBook,
    let_part_go,
    reserve_part,
)


def fact_handlers(naming: NamingRightsBook, intentions: Intentions) -> dict[str, Handler]:
    """Map matching's facts about gatherings to what is done.

    A gathering's facts come in order, so that its part is reserved before it can be settled.
    """

    def on_planned(event: Event) -> None:
        planned = GatheringPlannedSchema().load(event.data)
        if planned["naming_rights_id"] is not None:
            reserve_part(**planned, naming=naming)

    def on_end(event: Event) -> None:
        ended = GatheringEndedSchema().load(event.data)
        let_part_go(ended["gathering_id"], naming=naming, intentions=intentions)

    return {
        "matching.gathering.planned.v1": each(on_planned),
        "matching.gathering.refused.v1": each(on_end),
        "matching.gathering.cancelled.v1": each(on_end),
        "matching.gathering.settled.v1": each(on_end),
    }


def executors(naming: NamingRightsBook, ledger: Ledger, clock: Clock) -> dict[str, Executor]:
    """How the end of a package gets into the books: what is left goes back, then it is closed."""

    def submit(rights: NamingRights) -> None:
        entries = rights.return_entries()
        for outcome in ledger.submit(entries) if entries else ():
            outcome.or_raise()

    def record(planned: NamingRights, _booked: None) -> None:
        rights = naming.get(planned.id)
        if planned.is_over and rights.state is NamingState.ENDING:
            naming.save(rights.end(at=clock()))

    carried_out = Executor(lambda body: naming.get(body["id"]), submit, record)
    return {END: carried_out, CLOSE: carried_out}
