"""Two writers, crashes, lost replies, repeats: the log stays one chain that adds up.

After every step the log is read again from its first segment and must agree with the
model; what was once acknowledged is acknowledged for ever, in the same words.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from datetime import datetime
from itertools import count
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from chassis.kernel.ids import to_int
from services.payments.ledger.domain import EntryRequest, Kind, LedgerUnavailable, Outcome
from services.payments.ledger.domain.times import from_milliseconds
from services.payments.ledger.engine.books import Books
from services.payments.ledger.engine.columns import movements
from services.payments.ledger.engine.identity import Place
from services.payments.ledger.engine.segments import Segment
from services.payments.ledger.queries import LedgerQueries
from services.payments.ledger.repositories.writer import Writer
from teahouse.ledger.verify import verify
from tests.property.ledger_model import Model, units
from tests.property.ledger_random import RandomEntries
from tests.property.test_ledger_model import agree, agreed, parts, word
from tests.unit.payments.ledger.books import MARKET, MemoryLog, MovableClock

Balances = Counter[tuple[str, str]]


class LossyLog(MemoryLog):
    """Stores a segment, or not, and then may not tell which."""

    def __init__(self) -> None:
        super().__init__()
        self.fault = ""

    def append(self, segment: Segment) -> None:
        fault, self.fault = self.fault, ""
        if fault == "lost-before":
            raise LedgerUnavailable("never arrived")
        super().append(segment)
        if fault == "lost-after":
            raise LedgerUnavailable("no reply")


class LedgerMachine(RuleBasedStateMachine):
    """The books of one market under two writers who do not know of each other."""

    @initialize(seed=st.integers(0, 2**32), accounts=st.integers(2, 5))
    def open(self, seed: int, accounts: int) -> None:
        self.clock, self.log, self.model = MovableClock(), LossyLog(), Model()
        self.epochs = count()
        self.source = RandomEntries(seed, self.clock, accounts=accounts)
        self.writers = [self._writer(), self._writer()]
        self.answered: dict[str, tuple[EntryRequest, Outcome]] = {}
        self.closed: dict[int, Balances] = {}

    @rule(which=st.integers(0, 1), size=st.integers(1, 25))
    def submit(self, which: int, size: int) -> None:
        self._submit(which, self.source.batch(size))

    @rule(
        which=st.integers(0, 1),
        size=st.integers(1, 4),
        fault=st.sampled_from(["lost-before", "lost-after"]),
    )
    def lose_the_outcome(self, which: int, size: int, fault: str) -> None:
        """It is unknown, so the same is submitted again, to the other writer."""
        batch, self.log.fault = self.source.batch(size), fault
        try:
            outcomes = self.writers[which].book(batch)
        except LedgerUnavailable:
            self._learn_what_was_stored(batch)
            outcomes = self.writers[1 - which].book(batch)
        self.log.fault = ""
        self._compare(batch, outcomes)

    @rule(which=st.integers(0, 1))
    def crash(self, which: int) -> None:
        self.writers[which] = self._writer()

    @rule(seconds=st.sampled_from([0.2, 40, 1_800, -3_600]))
    def let_time_pass(self, seconds: float) -> None:
        self.clock.forward(seconds=seconds)

    @rule(which=st.integers(0, 1), data=st.data())
    def repeat(self, which: int, data: st.DataObject) -> None:
        """Whatever was acknowledged is told again in the same words, whoever is asked."""
        if not self.answered:
            return
        request, first = self.answered[data.draw(st.sampled_from(sorted(self.answered)))]
        (again,) = self.writers[which].book([request])
        assert self.model.submit([request], self._at(self._writer()), {}) == ["exists"]
        assert (again.reply, again.segment, again.index, again.code, again.difference) == (
            first.reply,
            first.segment,
            first.index,
            "",
            {},
        )

    @invariant()
    def the_log_agrees_with_the_model(self) -> None:
        if not hasattr(self, "log"):
            return
        agree(self._writer(), self.model)

    @invariant()
    def what_took_effect_in_a_closed_period_stays_as_it_was(self) -> None:
        if not hasattr(self, "log"):
            return
        books = self._writer().books
        for until, balances in self.closed.items():
            assert self._effective(until) == balances
        if books.closed_until and books.closed_until not in self.closed:
            self.closed[books.closed_until] = self._effective(books.closed_until)

    def teardown(self) -> None:
        if not hasattr(self, "log"):
            return
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "export.ndjson"
            path.write_text("".join(LedgerQueries(MARKET, self.log).export()), encoding="utf-8")
            assert verify(path).problems == []

    def _writer(self) -> Writer:
        # As under leases no two have the same epoch: what one sealed is never another's bytes.
        epoch = next(self.epochs)
        writer = Writer(MARKET, self.log, self.clock, lambda: epoch)
        writer.catch_up()
        return writer

    def _at(self, writer: Writer) -> datetime:
        """The moment by which the books decide: never before the last segment's."""
        return max(self.clock(), from_milliseconds(writer.books.at))

    def _submit(self, which: int, batch: list[EntryRequest]) -> None:
        self._compare(batch, self.writers[which].book(batch))

    def _learn_what_was_stored(self, batch: list[EntryRequest]) -> None:
        """Of a batch of which nobody heard: what is in the log now, and was not before."""
        fresh = self._writer()
        stored = [
            request
            for request in batch
            if request.id not in self.model.booked and fresh.books.find(to_int(request.id))
        ]
        words = self.model.submit(stored, self._at(fresh), parts(fresh, stored))
        # Of two under one id the first is there; the other, if it says something else, is not.
        assert set(words) <= {"accepted", "exists", "id-conflict"}

    def _compare(self, batch: list[EntryRequest], outcomes: list[Outcome]) -> None:
        fresh = self._writer()
        expected = self.model.submit(batch, self._at(fresh), parts(fresh, batch))
        answers = [word(outcome) for outcome in outcomes]
        for outcome in outcomes:
            if outcome.stands:
                stands_at = fresh.books.ids.find_one(to_int(outcome.id))
                assert stands_at == Place(outcome.segment, outcome.index)
        assert agreed(answers, expected), (batch, answers, expected)
        replies = iter(outcomes)
        for unit in units(batch):
            for request, outcome in zip(unit, replies, strict=False):
                if len(unit) == 1 and outcome.stands:
                    self.answered.setdefault(request.id, (request, outcome))

    def _effective(self, until: int) -> Balances:
        """The posted balances of what takes effect before that moment."""
        books = Books(MARKET, self.log.read)
        balances: Balances = Counter()
        for segment in self.log.segments:
            books.apply(segment)
            entries = segment.entries
            posted, _ = movements(entries)
            when = entries.effective_at.copy()
            when[when == 0] = segment.at
            for owner, number, minor in zip(
                entries.owners().tolist(), entries.account.tolist(), posted.tolist(), strict=True
            ):
                if when[owner] < until and entries.kind[owner] != Kind.HOLD:
                    balances[books.accounts.names[number]] += minor
        return balances


TestLedgerMachine = LedgerMachine.TestCase
TestLedgerMachine.settings = settings(max_examples=12, stateful_step_count=25)
