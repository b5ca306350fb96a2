"""Many callers, one segment for all who wait; nobody is answered before it is stored."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from chassis.kernel.money import Money
from services.payments.ledger.domain import EntryRequest, LedgerUnavailable, Status, transfer
from services.payments.ledger.engine.segments import Segment
from services.payments.ledger.repositories.sequencer import Sequencer
from services.payments.ledger.repositories.writer import Writer
from tests.unit.payments.ledger.books import MARKET, MemoryLog, MovableClock, SeededIds

IDS = SeededIds(6)
FUND = f"offer:{IDS('off')}:fund"


def a_deposit(minor: int = 1) -> EntryRequest:
    return transfer(IDS("ent"), "external:provider", FUND, Money(minor, "CNY"), "deposit")


class GatedLog(MemoryLog):
    """Stores a segment when the gate is open; can be told to fail."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.gate.set()
        self.asked = threading.Event()
        self.trouble: Exception | None = None

    def append(self, segment: Segment) -> None:
        self.asked.set()
        assert self.gate.wait(10)
        if self.trouble:
            raise self.trouble
        super().append(segment)


@pytest.fixture
def log() -> GatedLog:
    return GatedLog()


@pytest.fixture
def sequencer(log: GatedLog) -> Iterator[Sequencer]:
    sequencer = Sequencer(lambda: Writer(MARKET, log, MovableClock()))
    yield sequencer
    sequencer.close()


class TestSequencer:
    def test_answers_each_of_a_callers_requests_in_order(self, sequencer, log):
        good, poor = a_deposit(), replace(a_deposit(), legs=())

        outcomes = sequencer.submit([good, poor, good])

        assert [outcome.status for outcome in outcomes] == [
            Status.POSTED,
            Status.REFUSED,
            Status.EXISTS,
        ]
        assert sequencer.submit([]) == []

    def test_nobody_is_answered_before_the_segment_is_stored(self, sequencer, log):
        log.gate.clear()
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(sequencer.submit, [a_deposit()])
            assert log.asked.wait(5)

            assert not waiting.done()

            log.gate.set()
            assert waiting.result(5)[0].status is Status.POSTED

    def test_those_who_come_meanwhile_share_the_next_segment(self, sequencer, log):
        log.gate.clear()
        with ThreadPoolExecutor(21) as pool:
            first = pool.submit(sequencer.submit, [a_deposit()])
            assert log.asked.wait(5)
            others = [pool.submit(sequencer.submit, [a_deposit()]) for _ in range(20)]
            while sequencer._waiting.qsize() < 20:
                pass
            log.gate.set()

            assert first.result(5)[0].segment == 0
            places = {(o.segment, o.index) for other in others for o in other.result(5)}

        assert places == {(1, index) for index in range(20)}

    def test_an_unknown_outcome_is_told_to_those_who_wait_and_passes(self, sequencer, log):
        entry = a_deposit()
        log.trouble = LedgerUnavailable("the log is away")
        with pytest.raises(LedgerUnavailable, match="the log is away"):
            sequencer.submit([entry])

        log.trouble = None

        assert sequencer.submit([entry])[0].status is Status.POSTED

    def test_a_bug_met_by_one_caller_is_that_callers_alone(self, sequencer, log, monkeypatch):
        poison, fine = a_deposit(13), a_deposit()
        book = Writer.book

        def buggy(writer: Writer, requests: list[EntryRequest]) -> object:
            if poison in requests:
                raise ZeroDivisionError
            return book(writer, requests)

        monkeypatch.setattr(Writer, "book", buggy)
        log.gate.clear()
        with ThreadPoolExecutor(3) as pool:
            first = pool.submit(sequencer.submit, [a_deposit()])
            assert log.asked.wait(5)
            bad, good = (pool.submit(sequencer.submit, [entry]) for entry in (poison, fine))
            while sequencer._waiting.qsize() < 2:
                pass
            log.gate.set()

            assert first.result(5)[0].stands
            assert good.result(5)[0].status is Status.POSTED
            with pytest.raises(ZeroDivisionError):
                bad.result(5)

    def test_a_broken_chain_stops_it_for_good(self, log):
        Writer(MARKET, log, MovableClock()).book([a_deposit()])
        log.segments[0] = replace(log.segments[0], epoch=9)
        sequencer = Sequencer(lambda: Writer(MARKET, log, MovableClock()))

        for _ in range(2):
            with pytest.raises(LedgerUnavailable, match="not what was sealed"):
                sequencer.submit([a_deposit()])

        assert not sequencer.is_sound
        assert len(log.segments) == 1
        sequencer.close()

    def test_patience_has_an_end(self, log):
        log.gate.clear()
        sequencer = Sequencer(lambda: Writer(MARKET, log, MovableClock()), patience_seconds=0.05)

        with pytest.raises(LedgerUnavailable, match="outcome is unknown"):
            sequencer.submit([a_deposit()])

        log.gate.set()
        sequencer.close()
        assert len(log.segments) == 1

    def test_a_closed_one_takes_nothing_more(self, sequencer):
        sequencer.submit([a_deposit()])
        sequencer.close()

        with pytest.raises(LedgerUnavailable, match="closed"):
            sequencer.submit([a_deposit()])
