"""How clawbacks get into the books."""

from __future__ import annotations

from collections.abc import Mapping

from chassis.dispatcher import Executor
from chassis.kernel.time import Clock
from services.payments.corrections.domain import Correction
from services.payments.corrections.use_cases import Files, book_correction, record_correction
from services.payments.ledger.use_cases import Ledger


def correction_executor(files: Files, ledger: Ledger, clock: Clock) -> Executor:
    """Carry out the intent ``correction``: book the clawback, then tell of it."""

    def plan(body: Mapping[str, str]) -> Correction:
        found = files.corrections.find(body["id"])
        if found is None:
            raise LookupError(f"no correction {body['id']}")
        return found

    return Executor(
        plan=plan,
        submit=lambda correction: book_correction(correction, files=files, ledger=ledger),
        record=lambda correction, _: record_correction(
            correction, corrections=files.corrections, now=clock()
        ),
    )
