"""Correct an outcome: decided in one transaction, booked, then recorded in another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol

from chassis.kernel.decisions import Decision
from services.payments.corrections.domain import (
    Correction,
    CorrectionState,
    SettlementNotBooked,
    Subsidy,
    correct,
    correction_id,
)
from services.payments.escrow.use_cases import book_clawback
from services.payments.ledger.domain import debt_of
from services.payments.ledger.use_cases import Ledger
from services.payments.milestones.domain import State
from services.payments.milestones.use_cases import Schedules
from services.payments.naming.use_cases import Intentions
from services.payments.releases.use_cases import PendingShares, take_back
from services.payments.settlements.domain import Settlement
from services.payments.settlements.use_cases import Settlements

CORRECTION = "correction"


class Corrections(Protocol):
    """The corrections, wherever they are kept."""

    def find(self, name: str) -> Correction | None:
        """The correction of this id, if there is one."""
        ...

    def of(self, settlement_id: str) -> list[Correction]:
        """Those of a settlement, booked or about to be, oldest first."""
        ...

    def save(self, decision: Decision[Correction]) -> Correction:
        """Store the state and its events together, or raise ``Conflict``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectOutcome:
    """The platform's word that only so many came to a settled gathering, and why."""

    settlement_id: str
    checked_in: int
    why_en: str
    why_zh: str


@dataclass(frozen=True, slots=True)
class Files:
    """What a correction is decided from."""

    settlements: Settlements
    schedules: Schedules
    corrections: Corrections
    shares: PendingShares
    intentions: Intentions


def correct_outcome(command: CorrectOutcome, *, files: Files, now: datetime) -> Correction:
    """Decide a correction once; what it claws back is in the books within a second.

    The same number again is the correction of before, whatever reason is given now. What
    milestones release later goes by the lower number. Raises ``SettlementNotFound``,
    ``SettlementNotBooked`` or ``OutcomeNotLower``.
    """
    settlement = files.settlements.get(command.settlement_id)
    known = files.corrections.find(correction_id(settlement.id, command.checked_in))
    if known is not None:
        return known
    decided = correct(
        settlement,
        files.corrections.of(settlement.id),
        subsidy=_subsidy(settlement, files),
        checked_in=command.checked_in,
        why_en=command.why_en,
        why_zh=command.why_zh,
        at=now,
    )
    # Saved unchanged, so that of two corrections at once one sees the other.
    files.settlements.save(Decision(settlement))
    schedule = files.schedules.find(settlement.claim_id)
    if schedule is not None and schedule.is_begun:
        files.schedules.save(Decision(schedule.recount(command.checked_in)))
    if not decided.takes:
        return files.corrections.save(decided.complete(at=now))
    accounts = take_back(decided.parts, shares=files.shares)
    files.intentions.record(CORRECTION, decided.id)
    return files.corrections.save(Decision(decided.found_at(accounts)))


def book_correction(correction: Correction, *, files: Files, ledger: Ledger) -> None:
    """Book the clawback; booking it again changes nothing.

    The brand never waits for the host's money: what she lacks becomes her debt as a whole, and
    is paid by whatever she has or gets that may be paid out.
    """
    subsidy = _subsidy(files.settlements.get(correction.settlement_id), files)
    paid_by = {paid.origin_id: paid for paid in subsidy.paid}
    for take in correction.takes:
        paid = paid_by[take.origin_id]
        book_clawback(
            partial(correction.entries, take, paid, subsidy.escrow),
            (take.account, debt_of(correction.host_id)),
            ledger=ledger,
        )


def record_correction(planned: Correction, *, corrections: Corrections, now: datetime) -> None:
    """Tell everybody that it is booked."""
    current = corrections.find(planned.id)
    if current is not None and current.state is CorrectionState.PLANNED:
        corrections.save(current.complete(at=now))


def _subsidy(settlement: Settlement, files: Files) -> Subsidy:
    """What was paid of the subsidy: by the settlement, or by milestones.

    Raises ``SettlementNotBooked`` while a milestone that was released is being booked.
    """
    schedule = files.schedules.find(settlement.claim_id)
    wanted = settlement.min_checked_in
    if schedule is None or not schedule.is_begun or schedule.terms is None:
        return Subsidy(settlement.escrow, settlement.terms, wanted, (settlement.paid,))
    released = [each for each in schedule.milestones if each.state is State.RELEASED]
    if waiting := [each.name for each in released if not each.is_booked]:
        raise SettlementNotBooked(f"milestones {', '.join(waiting)} are being booked")
    paid = tuple(schedule.paid(each) for each in released)
    return Subsidy(schedule.held, schedule.terms, wanted, paid)
