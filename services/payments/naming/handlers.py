"""How the end of naming rights gets into the books."""

from __future__ import annotations

from chassis.dispatcher import Executor
from chassis.kernel.time import Clock
from services.payments.ledger.use_cases import Ledger
from services.payments.naming.domain import NamingRights, NamingState
from services.payments.naming.use_cases import NamingRightsBook


def ending_executor(naming: NamingRightsBook, ledger: Ledger, clock: Clock) -> Executor:
    """Carry out the intent ``end-naming``: return the rest, then close the package."""

    def submit(rights: NamingRights) -> None:
        if rights.unearned:
            ledger.submit([rights.return_entry()])[0].or_raise()

    def record(planned: NamingRights, _booked: None) -> None:
        rights = naming.get(planned.id)
        if rights.state is NamingState.ENDING:
            naming.save(rights.end(at=clock()))

    return Executor(lambda body: naming.get(body["id"]), submit, record)
