"""A claim whose subsidy is released by milestones, with its facts, sides, clocks and books."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from chassis.kernel.money import Money
from services.payments.ledger.domain import pending_of
from services.payments.milestones.domain import Schedule
from services.payments.milestones.use_cases import (
    CLAW_BACK,
    END,
    Ladder,
    Speak,
    advance_milestones,
    answer_objection,
    begin_schedule,
    book_end,
    book_taking,
    cancel_milestones,
    object_to_milestone,
    plan_clawback,
    plan_end,
    plan_schedule,
    prove_milestones,
    record_end,
    record_taking,
    rule_on_milestone,
)
from sharing.terms import Ending, Proof
from tests.builders.contracts import a_contract_text
from tests.builders.payments import (
    BRAND,
    HOST,
    NOW,
    FakeLedger,
    a_contract,
    an_escrow,
    an_id,
    books,
)
from tests.builders.providers import FakeIntentions
from tests.unit.payments.settlements.evenings import in_force

SUBSIDY = 80_000
BANDS = [{"heads": 8, "points": 5_000}, {"heads": 12, "points": 10_000}]
PARTS = [
    {
        "id": "advance",
        "why": {"en": "advance", "zh": "预付"},
        "points": 2_500,
        "proof": "opened",
    },
    {
        "id": "evening",
        "why": {"en": "the evening", "zh": "活动举办"},
        "points": 7_500,
        "proof": "held",
    },
]


def a_subsidy(by: str = "platform", otherwise: str = "return", **changes: Any) -> dict[str, Any]:
    """A quarter when the gathering is opened, the rest when it was held."""
    said = {
        "parts": PARTS,
        "objection_days": 3,
        "return_days": 60,
        "ruling": {"by": by, "days": 7, "otherwise": otherwise},
    }
    return {"bands": BANDS, "milestones": said | changes}


class Evening:
    """The claim's schedule over books in dictionaries, or over a ledger that is given."""

    def __init__(
        self, subsidy: dict[str, Any] | None = None, ledger: Any = None, minor: int = SUBSIDY
    ):
        contract = in_force(a_contract(), a_contract_text(subsidy=subsidy or a_subsidy()))
        self.escrow = an_escrow(contract, amount=Money(minor, "CNY"))
        self.kept = books(ledger or FakeLedger(), contract, self.escrow)
        if ledger is None:
            self.kept.ledger.balances[self.escrow.account] = minor
        self.intentions = FakeIntentions()
        self.ladder = Ladder(
            self.kept.schedules,
            self.kept.escrows,
            self.kept.contracts,
            self.kept.pending,
            self.intentions,
            self.kept.ledger,
        )
        self.now, self.gathering = NOW, an_id("gth")
        plan_schedule(self.escrow.id, self.gathering, ladder=self.ladder)

    @property
    def schedule(self) -> Schedule:
        return self.kept.schedules.get(self.escrow.id)

    def state(self, name: str) -> str:
        return self.schedule.milestone(name).state.value

    def ended_by(self, name: str) -> str:
        ruled = self.schedule.milestone(name).ruled
        return ruled.by.value if ruled else ""

    def open(self) -> None:
        begin_schedule(self.gathering, at=self.now, ladder=self.ladder)

    def hold(self, heads: int = 16) -> None:
        self._prove(Proof.HELD, heads)

    def approve(self) -> None:
        self._prove(Proof.APPROVED, None)

    def cancel(self) -> None:
        cancel_milestones(self.gathering, at=self.now, ladder=self.ladder)

    def object(self, who: str, name: str, why: str = "Nobody was there") -> None:
        object_to_milestone(self._word(who, name, why), ladder=self.ladder, now=self.now)

    def answer(self, who: str, name: str, why: str = "Here is the list") -> None:
        answer_objection(self._word(who, name, why), ladder=self.ladder, now=self.now)

    def rule(self, name: str, ending: Ending) -> None:
        rule_on_milestone(
            self.escrow.id, name, ending, "Seen both", ladder=self.ladder, now=self.now
        )

    def wait(self, days: float) -> None:
        """Let time pass; the clocks are looked at, and what is over is booked twice."""
        self.now += timedelta(days=days)
        for claim_id in self.kept.schedules.due(self.now, limit=9):
            advance_milestones(claim_id, now=self.now, ladder=self.ladder)
        self.work()

    def work(self) -> None:
        """Carry out what was intended, each twice, as may happen."""
        steps = {END: (plan_end, book_end, record_end)}
        steps[CLAW_BACK] = (plan_clawback, book_taking, record_taking)
        for kind, about in sorted(self.intentions.open):  # ends before what takes them back
            plan, book, record = steps[kind]
            for _ in range(2):
                planned = plan(about, ladder=self.ladder)
                book(planned, ladder=self.ladder)
            record(planned, ladder=self.ladder, now=self.now)
        self.intentions.open.clear()

    def account(self, kind: str) -> int:
        return self.kept.ledger.balances[f"org:{HOST}:{kind}"]

    @property
    def books(self) -> tuple[int, int, int]:
        """What is in escrow, what waits for the host, and what is back in the fund."""
        balances = self.kept.ledger.balances
        paths = (self.escrow.account, pending_of(HOST), self.escrow.parts[0].fund)
        held, hers, back = (balances[path] for path in paths)
        return held, hers, back

    def _prove(self, proof: Proof, heads: int | None) -> None:
        prove_milestones(self.gathering, proof, at=self.now, heads=heads, ladder=self.ladder)

    def _word(self, who: str, name: str, why: str) -> Speak:
        return Speak(claim_id=self.escrow.id, organization_id=who, milestone=name, why=why)


def moment(days: float) -> datetime:
    """So many days after everything began."""
    return NOW + timedelta(days=days)


__all__ = ["BRAND", "HOST", "SUBSIDY", "Evening", "a_subsidy", "moment"]
