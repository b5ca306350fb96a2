"""A settled evening whose outcome is corrected, over books in dictionaries or the real ones."""

from __future__ import annotations

from typing import Any

from services.payments.corrections.use_cases import (
    CORRECTION,
    CorrectOutcome,
    Files,
    book_correction,
    correct_outcome,
    record_correction,
)
from tests.builders.contracts import a_contract_text
from tests.builders.payments import NOW, FakeCorrections
from tests.builders.providers import FakeIntentions

BANDS = {"bands": [{"heads": 8, "points": 5_000}, {"heads": 12, "points": 10_000}]}


def a_text(**changes: Any) -> dict[str, Any]:
    """A contract that pays half of the subsidy from eight on, and all from twelve."""
    return a_contract_text(subsidy=BANDS, **changes)


def files_of(kept: Any) -> Files:
    """What corrections of these books are decided from."""
    corrections = FakeCorrections(KeyError)
    return Files(kept.settlements, kept.schedules, corrections, kept.pending, FakeIntentions())


def decide(files: Files, settlement_id: str, checked_in: int) -> Any:
    command = CorrectOutcome(
        settlement_id=settlement_id,
        checked_in=checked_in,
        why_en="Tickets were copied",
        why_zh="签到票系复制",
    )
    return correct_outcome(command, files=files, now=NOW)


def carry_out(files: Files, ledger: Any) -> None:
    """Carry out every clawback that was intended; twice, as may happen."""
    for kind, about in list(files.intentions.open):
        assert kind == CORRECTION
        planned = files.corrections.find(about)
        for _ in range(2):
            book_correction(planned, files=files, ledger=ledger)
            record_correction(planned, corrections=files.corrections, now=NOW)
