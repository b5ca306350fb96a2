"""Whatever lines of a bank come, in whatever order and how often: each is accounted for once."""

from __future__ import annotations

import random
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.payments.providers.domain import State
from services.payments.reconciliations.domain import Standing
from tests.builders.bank import BankPayouts, bank_name
from tests.builders.payments import an_id
from tests.builders.providers import DAY
from tests.fakes.bank import Booked

WHATS = ("paid", "returned", "twice", "missing", "amount", "nameless", "part", "silent")
"""What becomes of a payment at the bank: ``silent`` is told of without its id and its name."""


class Play:
    """A payout for each of these ends, carried from the books to the bank and back."""

    def __init__(self, whats, seed):
        self.chance = random.Random(seed)
        self.ends = {an_id("org"): what for what in whats}
        self.bank = BankPayouts(
            {f"org:{who}:available": 1_000 + n for n, who in enumerate(self.ends)}
        )
        self.whole = sum(self.bank.ledger.balances.values())
        for who in self.ends:
            self.bank.bank_account_of(who)
        self.bank.plan()
        self.bank.settle()
        self.bank.files.send()

    def lines(self):
        """Every line that the bank has, and some that are nobody's."""
        found = [Booked("fee", -3, "", "Bank"), Booked("gift", 70, "", "A brand")]
        operations = {o.order.receiver.party_id: o for o in self.bank.operations.by_id.values()}
        for who, what in self.ends.items():
            found += self._of(operations[who].id, what)
        self.chance.shuffle(found)
        return found

    def _of(self, operation_id, what):
        bank, own = self.bank.files.bank, bank_name(operation_id)
        left = bank.paid(own)
        if what == "missing":
            return []
        if what == "amount":
            return [bank.paid(own, minor=left.minor - 1)]
        if what == "nameless":
            return [bank.paid(own, end_to_end="")]
        if what == "silent":
            return [bank.paid(own, end_to_end="", name="")]
        more = {
            "returned": [bank.back(own)],
            "twice": [bank.paid(own)],
            "part": [bank.back(own, minor=-left.minor - 1)],
        }
        return [left, *more.get(what, [])]

    def run(self):
        """Bring the lines cut into statements of any day, some of them twice, in any order."""
        lines, files = self.lines(), self.bank.files
        contents = []
        while lines:
            cut = self.chance.randint(1, len(lines))
            day = files.today + self.chance.randint(0, 2) * DAY
            contents.append(files.bank.statement(lines[:cut], day, number=f"s{len(contents)}"))
            lines = lines[cut:]
        contents += self.chance.choices(contents, k=2)
        self.chance.shuffle(contents)
        for content in contents:
            files.upload(content)
            if self.chance.random() < 0.5:
                files.reconcile()
                self.bank.settle()
        files.reconcile()
        self.bank.settle()
        files.clock.pass_by(timedelta(days=6))
        files.reconcile()
        self.bank.settle()
        return self.bank


@given(whats=st.lists(st.sampled_from(WHATS), min_size=1, max_size=6), seed=st.integers(0, 10**9))
def test_every_line_is_matched_or_a_break_and_every_payment_ends_once(whats, seed):
    play = Play(whats, seed)
    bank = play.run()
    files = bank.files

    told = [each for each in files.reconciliations.by_id.values() if each.line_id]
    assert sorted(each.line_id for each in told) == sorted(files.drawer.lines)
    for each in files.reconciliations.by_id.values():
        assert (each.kind is None) == (each.standing is Standing.MATCHED)
        assert (each.rule is None) <= (each.kind is not None)

    assert sum(bank.ledger.balances.values()) == play.whole
    ends = {o.order.receiver.party_id: o for o in bank.operations.by_id.values()}
    for who, what in play.ends.items():
        operation = ends[who]
        path = f"org:{who}:available"
        came_back = what == "returned"
        is_open = what in {"missing", "amount", "silent"}
        assert operation.state is (
            State.FAILED if came_back else State.ACCEPTED if is_open else State.SUCCEEDED
        ), what
        free = operation.order.amount.minor if came_back else 0
        assert bank.counter.purses.free(path) == free, what
        told_ends = [each.state for each in files.ended if each.id == operation.id]
        assert len(told_ends) == len(set(told_ends))
    kinds = sorted(each.kind.value for each in told if each.kind)
    wanted = {"twice": "twice", "amount": "amount-differs", "part": "amount-differs"}
    expected = [wanted[what] for what in whats if what in wanted]
    nobody = 2 + whats.count("silent")
    assert kinds == sorted(expected + ["missing-here"] * nobody)
    missing = [each for each in files.reconciliations.by_id.values() if not each.line_id]
    assert len(missing) == whats.count("missing") + whats.count("silent")
