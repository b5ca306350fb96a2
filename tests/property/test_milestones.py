"""The law of milestones: released, returned and still held make what was escrowed, always."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.kernel.errors import DomainError
from chassis.kernel.money import Money
from services.payments.debts.domain import Debt
from services.payments.ledger.domain import available_of
from services.payments.milestones.domain import State
from services.payments.releases.domain import release
from sharing.terms import Ending
from tests.unit.payments.ledger.real import RealBooks
from tests.unit.payments.milestones.evenings import BRAND, HOST, Evening, a_subsidy

NAMES = ("advance", "evening")


class Played(Evening):
    """An evening in the real books, of which anything may happen at any time, and twice."""

    def __init__(self, subsidy, minor):
        ledger = RealBooks()
        super().__init__(subsidy, ledger, minor)
        ledger.move("external:provider", self.escrow.account, minor).or_raise()
        self.ledger, self.minor, self.spent = ledger, minor, 0
        self.proven: set[str] = set()

    def account(self, kind):
        return self.ledger.balance(f"org:{HOST}:{kind}")

    def free(self):
        """What a release does to all that the host waits for."""
        waits = [share for share in self.kept.pending.by_id.values() if not share.release_id]
        found = release(waits, now=self.now)
        if found:
            self.kept.pending.save(found[1])
            self.ledger.submit([found[0].entry()])[0].or_raise()

    def spend(self):
        """What a payout leaves behind: nothing of what may be paid out and is not owed."""
        minor = self.account("available") + self.account("debt")
        if minor > 0:
            paid = self.ledger.move(f"org:{HOST}:available", "external:provider", minor)
            paid.or_raise()
            self.spent += minor

    def recover(self):
        owed, free = Money(-self.account("debt"), "CNY"), Money(self.account("available"), "CNY")
        entry = Debt(HOST, owed, available_of(HOST), free, self.ledger.recoveries).recovery()
        if entry is not None:
            self.ledger.recoveries += self.ledger.submit([entry])[0].stands

    def play(self, step):
        """One step; what is refused changes nothing."""
        kind, name, number = step
        with suppress(DomainError):
            match kind:
                case "hold":
                    self.hold(number)
                case "wait":
                    self.wait(number)
                case "brand":
                    self.object(BRAND, name)
                case "host":
                    self.object(HOST, name)
                case "answer":
                    self.answer(HOST if number % 2 else BRAND, name)
                case "rule":
                    self.rule(name, Ending.RELEASE if number % 2 else Ending.RETURN)
                case _:
                    getattr(self, kind)()

    def check(self):
        """The whole is there, and no side did alone what is not its to do."""
        escrow = self.ledger.balance(self.escrow.account)
        fund = self.ledger.balance(self.escrow.parts[0].fund)
        hers = sum(self.account(kind) for kind in ("pending", "available", "debt")) + self.spent
        assert escrow + fund + hers == self.minor
        assert min(escrow, fund, hers) >= 0
        for each in self.schedule_or_none():
            if each.state is State.RELEASED and not each.proven_at:
                assert each.ruled.by == "platform"

    def schedule_or_none(self):
        found = self.kept.schedules.find(self.escrow.id)
        return found.milestones if found else ()


STEPS = [
    "open",
    "hold",
    "approve",
    "cancel",
    "wait",
    "wait",
    "work",
    "free",
    "spend",
    "recover",
    "brand",
    "host",
    "answer",
    "rule",
]
_steps = st.lists(
    st.tuples(
        st.sampled_from(STEPS),
        st.sampled_from(NAMES),
        st.integers(0, 20),
    ),
    max_size=25,
)
_subsidies = st.builds(
    a_subsidy, by=st.sampled_from(["heads", "platform"]), otherwise=st.sampled_from(list(Ending))
)


@settings(max_examples=200)
@given(_subsidies, st.integers(1, 100_001), _steps)
def test_released_returned_and_held_are_what_was_escrowed_at_every_step(subsidy, minor, steps):
    played = Played(subsidy, minor)

    for step in steps:
        played.play(step)
        played.check()
        played.play(step)
        played.check()


@settings(max_examples=60)
@given(_subsidies, st.integers(1, 100_001), _steps)
def test_whatever_is_said_or_kept_silent_about_it_ends_by_the_clocks(subsidy, minor, steps):
    played = Played(subsidy, minor)
    played.open()
    for step in steps:
        played.play(step)

    for _ in range(4):
        played.wait(70)
        played.check()

    assert all(each.is_over and each.is_booked for each in played.schedule.milestones)
    assert played.ledger.balance(played.escrow.account) == 0
