"""Correct an outcome: decided in one transaction, booked, then recorded in another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from chassis.kernel.decisions import Decision
from services.payments.corrections.domain import (
    Correction,
    CorrectionState,
    correct,
    correction_id,
)
from services.payments.ledger.domain import ChainRefused, FloorBroken, IdConflict, debt_of
from services.payments.ledger.use_cases import Ledger
from services.payments.naming.use_cases import Intentions
from services.payments.releases.use_cases import PendingShares, take_back
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
    corrections: Corrections
    shares: PendingShares
    intentions: Intentions


def correct_outcome(command: CorrectOutcome, *, files: Files, now: datetime) -> Correction:
    """Decide a correction once; what it claws back is in the books within a second.

    The same number again is the correction of before, whatever reason is given now. Raises
    ``SettlementNotFound``, ``SettlementNotBooked`` or ``OutcomeNotLower``.
    """
    settlement = files.settlements.get(command.settlement_id)
    known = files.corrections.find(correction_id(settlement.id, command.checked_in))
    if known is not None:
        return known
    decided = correct(
        settlement,
        files.corrections.of(settlement.id),
        checked_in=command.checked_in,
        why_en=command.why_en,
        why_zh=command.why_zh,
        at=now,
    )
    # Saved unchanged, so that of two corrections at once one sees the other.
    files.settlements.save(Decision(settlement))
    if not decided.clawed_back:
        return files.corrections.save(decided.complete(at=now))
    parts = {decided.source: decided.clawed_back.minor}
    (account,) = take_back(parts, shares=files.shares).values()
    files.intentions.record(CORRECTION, decided.id)
    return files.corrections.save(Decision(replace(decided, account=account)))


def book_correction(correction: Correction, *, files: Files, ledger: Ledger) -> None:
    """Book the clawback; booking it again changes nothing.

    The brand never waits for the host's money: what she lacks becomes her debt as a whole, and
    is paid by whatever she has or gets that may be paid out.
    """
    settlement = files.settlements.get(correction.settlement_id)
    for account in dict.fromkeys((correction.account, debt_of(correction.host_id))):
        outcomes = ledger.submit(correction.entries(settlement, account))
        codes = {outcome.code for outcome in outcomes if not outcome.stands}
        # The id of another of them: it stands as a debt since this was booked before.
        if not codes & {FloorBroken.code, IdConflict.code}:
            break
    for outcome in outcomes:
        if outcome.code != ChainRefused.code:
            outcome.or_raise()


def record_correction(planned: Correction, *, corrections: Corrections, now: datetime) -> None:
    """Tell everybody that it is booked."""
    current = corrections.find(planned.id)
    if current is not None and current.state is CorrectionState.PLANNED:
        corrections.save(current.complete(at=now))
