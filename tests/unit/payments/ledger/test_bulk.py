"""Many lines in one call: what each is told, and what happens when the log goes another way."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from chassis.kernel.ids import to_int
from chassis.kernel.money import Money
from services.payments.ledger.adapters import LeasedLedger, by_requests, to_json
from services.payments.ledger.domain import (
    LedgerUnavailable,
    Leg,
    Round,
    Status,
    plain,
    transfer,
)
from services.payments.ledger.engine.columns import MAX_ENTRIES, MAX_LEGS
from services.payments.ledger.engine.segments import Segment
from services.payments.ledger.repositories.bulk import Call
from services.payments.ledger.repositories.lines import read
from services.payments.ledger.repositories.pipe import Pipe
from services.payments.ledger.repositories.sequencer import Sequencer
from services.payments.ledger.repositories.writer import Writer
from services.payments.ledger.use_cases import (
    MAX_BULK_ENTRIES,
    Leader,
    ResumeTokenInvalid,
    Superseded,
    TooManyEntries,
    book_lines,
)
from tests.unit.payments.ledger.books import (
    MARKET,
    OUTSIDE,
    MemoryLog,
    MovableClock,
    SeededIds,
    a_writer,
)

IDS = SeededIds(8)
FUND = f"offer:{IDS('off')}:fund"


def lines(count: int, minor: int = 1) -> list[bytes]:
    return [
        json.dumps(
            to_json(transfer(IDS("ent"), OUTSIDE, FUND, Money(minor, "CNY"), "deposit"))
        ).encode()
        for _ in range(count)
    ]


def statuses(rounds: list[Round]) -> list[str]:
    return [
        part.others[position].code or part.others[position].status
        if position in part.others
        else "posted"
        for part in rounds
        for position in range(part.start, part.stop)
    ]


class GatedLog(MemoryLog):
    """Counts what is being stored; stores when the gate is open; fails when told to."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.gate.set()
        self.appending = threading.Event()
        self.trouble_at: dict[int, Exception] = {}
        self.tried: list[int] = []

    def append(self, segment: Segment) -> None:
        self.tried.append(segment.sequence)
        self.appending.set()
        assert self.gate.wait(10)
        if segment.sequence in self.trouble_at:
            raise self.trouble_at.pop(segment.sequence)
        super().append(segment)


@pytest.fixture
def log() -> GatedLog:
    return GatedLog()


@pytest.fixture
def sequencer(log: GatedLog) -> Iterator[Sequencer]:
    sequencer = Sequencer(lambda: Writer(MARKET, log, MovableClock()), patience_seconds=10)
    yield sequencer
    log.gate.set()
    sequencer.close()


class TestOutcomes:
    def test_each_line_has_one_in_order(self, sequencer):
        good = lines(3)
        texts = [good[0], b"{", good[1], good[0], good[2].replace(b"deposit", b"De posit")]

        rounds = sequencer.submit_lines(texts)

        assert statuses(rounds) == [
            "posted",
            "entry-malformed",
            "posted",
            "exists",
            "entry-malformed",
        ]
        assert [part.start for part in rounds] == [0, *[part.stop for part in rounds[:-1]]]
        assert rounds[-1].stop == 5

    def test_a_refused_line_tells_its_id_and_why(self, sequencer):
        poor = to_json(transfer(IDS("ent"), FUND, OUTSIDE, Money(5, "CNY"), "payout"))
        unreadable = {"id": poor["id"], "kind": "gift"}

        (part,) = sequencer.submit_lines([json.dumps(row).encode() for row in (poor, unreadable)])

        assert [part.others[at].id for at in (0, 1)] == [poor["id"]] * 2
        assert part.others[0].detail == f"{FUND} has 0 CNY available, 5 asked"
        assert part.others[1].detail.startswith("kind:")

    def test_more_than_a_segment_holds_goes_into_several(self, sequencer, log):
        rounds = sequencer.submit_lines(lines(MAX_ENTRIES + 10))

        assert [segment.entry_count for segment in log.segments] == [MAX_ENTRIES, 10]
        assert set(statuses(rounds)) == {"posted"}

    def test_an_unusual_line_is_booked_beside_usual_ones(self, sequencer, log):
        row = json.loads(lines(1)[0])
        row["legs"][0]["minor"], row["legs"][1]["minor"] = -7.0, 7.0
        many = plain(
            IDS("ent"),
            [Leg(OUTSIDE, -MAX_LEGS, "CNY"), *[Leg(FUND, 1, "CNY")] * MAX_LEGS],
            "deposit",
        )
        texts = [*lines(2), json.dumps(row).encode(), json.dumps(to_json(many)).encode()]

        rounds = sequencer.submit_lines(texts)

        assert statuses(rounds) == ["posted", "posted", "posted", "bad-legs"]
        assert a_writer(log).books.accounts.balance(FUND, "CNY").posted == 9

    def test_reasons_and_times_are_kept(self, sequencer, log):
        row = json.loads(lines(1)[0]) | {"reason": {"zh": "入账"}, "reference": IDS("gth")}
        held = row | {"id": IDS("ent"), "kind": "hold", "expires_at": "2026-12-01T08:00:00+08:00"}

        sequencer.submit_lines([json.dumps(entry).encode() for entry in (row, held)])

        (segment,) = log.segments
        assert segment.reasons == {0: {"zh": "入账"}, 1: {"zh": "入账"}}
        assert segment.entries.expires_at.tolist() == [0, 1_796_083_200_000]
        assert segment.words == ("deposit", "gth")


class TestPiping:
    def test_the_next_is_decided_while_one_is_being_stored(self, sequencer, log):
        first, second = lines(2), lines(2)
        log.gate.clear()
        with ThreadPoolExecutor(2) as pool:
            waiting = [pool.submit(sequencer.submit_lines, first)]
            assert log.appending.wait(5)
            waiting.append(pool.submit(sequencer.submit_lines, second))
            while sequencer._bulk._writer.books.next_sequence < 2:
                pass

            assert log.segments == []
            assert not any(future.done() for future in waiting)

            log.gate.set()
            assert [statuses(future.result(5)) for future in waiting] == [["posted"] * 2] * 2

    def test_those_who_come_meanwhile_share_a_segment_and_hear_of_their_own_lines(
        self, sequencer, log, monkeypatch
    ):
        batches = [[*lines(2), b"{"] for _ in range(5)]
        log.gate.clear()
        with ThreadPoolExecutor(8) as pool:
            first = pool.submit(sequencer.submit_lines, lines(1))
            assert log.appending.wait(5)
            second = pool.submit(sequencer.submit_lines, lines(1))
            while sequencer._bulk._writer.books.next_sequence < 2:
                pass
            # The pipe is full: the third is decided and waits, and whoever comes then gathers.
            taken, book = threading.Event(), sequencer._bulk.book
            monkeypatch.setattr(
                sequencer._bulk, "book", lambda texts, **how: taken.set() or book(texts, **how)
            )
            third = pool.submit(sequencer.submit_lines, lines(1))
            assert taken.wait(5)
            waiting = [pool.submit(sequencer.submit_lines, texts) for texts in batches]
            while sequencer._waiting.qsize() < len(batches):
                pass
            log.gate.set()
            answers = [future.result(5) for future in waiting]
            assert [statuses(one.result(5)) for one in (first, second, third)] == [["posted"]] * 3

        for texts, (part,) in zip(batches, answers, strict=True):
            assert statuses([part]) == ["posted", "posted", "entry-malformed"]
            assert (part.start, part.stop) == (0, 3)
            assert part.ids[:2] == [json.loads(text)["id"] for text in texts[:2]]
        assert len(log.segments) == 4
        books = a_writer(log).books
        for (part,) in answers:
            found = books.read(part.segment).entries.numbers()
            assert [found[index] for index in part.indexes[:2]] == [
                to_int(entry_id) for entry_id in part.ids[:2]
            ]

    def test_a_place_lost_with_others_on_their_way_loses_and_doubles_nothing(self, sequencer, log):
        before = lines(1)
        sequencer.submit_lines(before)
        batches = [lines(3) for _ in range(6)]
        log.gate.clear()
        with ThreadPoolExecutor(6) as pool:
            log.appending.clear()
            waiting = [pool.submit(sequencer.submit_lines, batches[0])]
            assert log.appending.wait(5)
            waiting += [pool.submit(sequencer.submit_lines, texts) for texts in batches[1:]]
            while sequencer._bulk._writer.books.next_sequence < 3:
                pass
            # Another writer takes the place that the first of them was decided for.
            other = a_writer(MemoryLog())
            other._log = replaced = MemoryLog()
            replaced.segments = log.segments
            other.catch_up()
            other.book([transfer(IDS("ent"), OUTSIDE, FUND, Money(100, "CNY"), "deposit")])
            log.gate.set()
            assert [statuses(future.result(10)) for future in waiting] == [["posted"] * 3] * 6

        books = a_writer(log).books
        assert books.entry_count == 1 + 1 + 18
        assert books.accounts.balance(FUND, "CNY").posted == 1 + 100 + 18

    def test_nothing_follows_what_could_not_be_stored(self, log):
        writer = a_writer(log)
        pipe = Pipe(log)
        log.trouble_at = {0: LedgerUnavailable("away")}
        segments = []
        for _ in range(2):
            writer_segment = writer.decide(_batch(writer)).segment
            assert writer_segment is not None
            writer.books.apply(writer_segment)
            segments.append(writer_segment)

        kept = [pipe.put(segment, segment.sequence) for segment in segments]

        assert not pipe.settle()
        assert [type(future.exception()) for future in kept] == [LedgerUnavailable] * 2
        assert log.tried == [0]
        pipe.close()

    def test_a_refusal_is_told_only_if_the_log_still_ends_there(self, log):
        pipe = Pipe(log)
        assert pipe.put(None, 0).exception(5) is None

        a_writer(log).book([transfer(IDS("ent"), OUTSIDE, FUND, Money(1, "CNY"), "deposit")])

        assert isinstance(pipe.put(None, 0).exception(5), Superseded)
        pipe.close()

    def test_single_callers_wait_for_what_is_on_its_way(self, sequencer, log):
        entry = transfer(IDS("ent"), FUND, OUTSIDE, Money(2, "CNY"), "payout")
        sequencer.submit_lines(lines(1))
        log.gate.clear()
        with ThreadPoolExecutor(2) as pool:
            log.appending.clear()
            bulk = pool.submit(sequencer.submit_lines, lines(1))
            assert log.appending.wait(5)
            single = pool.submit(sequencer.submit, [entry])
            log.gate.set()

            assert statuses(bulk.result(5)) == ["posted"]
            assert single.result(5)[0].status is Status.POSTED


class TestUnavailable:
    def test_from_the_first_line_on_is_an_error(self, sequencer, log):
        log.trouble_at = {0: LedgerUnavailable("away")}

        with pytest.raises(LedgerUnavailable, match="away"):
            sequencer.submit_lines(lines(2))

        assert statuses(sequencer.submit_lines(lines(2))) == ["posted"] * 2

    def test_halfway_tells_what_is_stored_and_where_to_go_on(self, sequencer, log):
        body = b"\n".join(lines(MAX_ENTRIES + 10))
        log.trouble_at = {1: LedgerUnavailable("away")}

        first = book_lines(sequencer, body)
        rest = book_lines(sequencer, body, first.resume)

        assert (first.lines, first.answered) == (MAX_ENTRIES + 10, MAX_ENTRIES)
        assert (rest.answered, rest.resume) == (MAX_ENTRIES + 10, None)
        assert statuses(rest.rounds) == ["posted"] * 10
        again = book_lines(sequencer, body)
        assert set(statuses(again.rounds)) == {"exists"}
        assert again.resume is None

    @pytest.mark.parametrize("token", ["", "nonsense", "AAAA", "AAAAAAAAAAAAAAAAAAAAAA=="])
    def test_a_token_of_nothing_is_refused(self, sequencer, token):
        with pytest.raises(ResumeTokenInvalid):
            book_lines(sequencer, b"{}", token)

    def test_a_token_of_another_body_is_refused(self, sequencer, log):
        body = b"\n".join(lines(MAX_ENTRIES + 1))
        log.trouble_at = {1: LedgerUnavailable("away")}
        token = book_lines(sequencer, body).resume

        with pytest.raises(ResumeTokenInvalid):
            book_lines(sequencer, body + b"\n", token)


class TestBodies:
    def test_too_many_lines_book_nothing(self, sequencer, log):
        with pytest.raises(TooManyEntries):
            book_lines(sequencer, b"\n".join([b"{}"] * (MAX_BULK_ENTRIES + 1)))

        assert log.segments == []

    def test_the_last_line_feed_may_be_there_or_not(self, sequencer):
        text = lines(1)[0]

        assert book_lines(sequencer, text).lines == book_lines(sequencer, text + b"\n").lines == 1
        assert book_lines(sequencer, b"").lines == 0

    def test_an_empty_line_is_a_line(self, sequencer):
        answer = book_lines(sequencer, b"\n\n")

        assert statuses(answer.rounds) == ["entry-malformed"] * 2


class TestElsewhere:
    class There:
        def __init__(self, ledger: Sequencer) -> None:
            self.submit = ledger.submit

        def leader(self) -> Leader:
            return Leader("http://there", 1, is_here=False)

    def test_another_process_leads_and_the_outcomes_are_the_same(self, sequencer, log):
        there = self.There(sequencer)
        texts = [*lines(2), b"{"]
        texts.append(texts[0])

        rounds = LeasedLedger(sequencer, there, lambda _: there).submit_lines(texts)

        assert statuses(rounds) == ["posted", "posted", "entry-malformed", "exists"]
        assert by_requests(there, []) == []
        assert replace(rounds[0], others={}).ids[0] == json.loads(texts[0])["id"]


def _batch(writer: Writer) -> object:
    texts = lines(1)
    call = Call(texts, read(texts))
    return call.number(writer.books, call.part(0, 1)).batch
