"""The law of clawbacks: paid, returned and held make what was escrowed, whatever comes when."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.kernel.money import Money
from services.payments.corrections.domain import OutcomeNotLower
from services.payments.debts.domain import Debt
from services.payments.ledger.domain import available_of
from services.payments.releases.domain import release
from sharing.dividing import Heads
from tests.builders.payments import HOST, NOW
from tests.unit.payments.corrections.evenings import a_text, carry_out, decide, files_of
from tests.unit.payments.ledger.real import RealBooks
from tests.unit.payments.settlements.evenings import an_evening_of, settle


class Evening:
    """A settled subsidy in the real books, and everything that may happen to it."""

    def __init__(self, came, subsidy):
        self.ledger, self.subsidy, self.spent = RealBooks(), subsidy, 0
        self.kept, command, _, _ = an_evening_of(a_text(), [], Heads(came, 12), subsidy=subsidy)
        object.__setattr__(self.kept, "ledger", self.ledger)
        (escrow,) = self.kept.escrows.by_id.values()
        self.ledger.move("external:provider", escrow.account, subsidy).or_raise()
        self.settlement = settle(self.kept, command)
        self.files = files_of(self.kept)
        self.heads = came

    def account(self, kind):
        return self.ledger.balance(f"org:{HOST}:{kind}")

    @property
    def fund(self):
        return self.ledger.balance(self.settlement.escrow.parts[0].fund)

    def correct(self, checked_in):
        try:
            decide(self.files, self.settlement.id, checked_in)
            self.heads = min(self.heads, checked_in)
        except OutcomeNotLower:
            assert checked_in >= self.heads

    def work(self, _):
        carry_out(self.files, self.ledger)

    def free(self, _):
        waits = [share for share in self.kept.pending.by_id.values() if not share.release_id]
        found = release(waits, now=NOW)
        if found:
            self.kept.pending.save(found[1])
            self.ledger.submit([found[0].entry()])

    def pay_out(self, minor):
        owed = -self.account("debt")
        minor = min(minor, self.account("available") - owed)
        if minor > 0:
            available = f"org:{HOST}:available"
            self.ledger.move(available, "external:provider", minor).or_raise()
            self.spent += minor

    def recover(self, _):
        owed, free = Money(-self.account("debt"), "CNY"), Money(self.account("available"), "CNY")
        entry = Debt(HOST, owed, available_of(HOST), free, self.ledger.recoveries).recovery()
        if entry is not None:
            self.ledger.recoveries += self.ledger.submit([entry])[0].stands

    def check(self):
        """What she has or had, what is back in the fund, and what is in escrow are the whole."""
        hers = self.account("pending") + self.account("available") + self.account("debt")
        escrow = self.ledger.balance(self.settlement.escrow.account)
        assert hers + self.spent + self.fund + escrow == self.subsidy
        assert escrow == 0
        assert hers + self.spent >= 0
        assert self.account("debt") <= 0


_steps = st.lists(
    st.one_of(
        st.tuples(st.just("correct"), st.integers(0, 20)),
        st.tuples(st.sampled_from(["work", "free", "recover"]), st.just(0)),
        st.tuples(st.just("pay_out"), st.integers(1, 100_000)),
    ),
    max_size=12,
)


@settings(max_examples=150)
@given(st.integers(0, 20), st.integers(1, 100_000), _steps)
def test_paid_returned_and_held_are_what_was_escrowed_at_every_step(came, subsidy, steps):
    evening = Evening(came, subsidy)
    evening.check()

    for step, number in [*steps, ("work", 0)]:
        getattr(evening, step)(number)
        evening.check()

    right = evening.settlement.subsidy_outcome(Heads(evening.heads, 12))
    assert evening.fund == sum(right.returned)


@given(st.lists(st.integers(0, 20), min_size=1, max_size=6))
def test_corrections_in_any_order_lead_to_the_lowest(numbers):
    evening = Evening(16, 99_999)

    for number in numbers:
        evening.correct(number)
        evening.work(0)

    lowest = min(16, *numbers)
    right = evening.settlement.subsidy_outcome(Heads(lowest, 12))
    assert Counter(fund=evening.fund, hers=evening.account("pending")) == Counter(
        fund=sum(right.returned), hers=right.earned
    )
