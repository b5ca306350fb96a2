"""The one that decides and appends: rounds of deciding until every request is answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from chassis import metrics
from chassis.kernel.time import Clock
from services.payments.ledger.domain import EntryRequest, Outcome
from services.payments.ledger.domain.times import to_milliseconds
from services.payments.ledger.engine.books import Books
from services.payments.ledger.engine.columns import MAX_ENTRIES
from services.payments.ledger.engine.decision import Verdict, decide
from services.payments.ledger.engine.segments import Batch, Segment
from services.payments.ledger.repositories.answers import outcomes
from services.payments.ledger.repositories.numbering import number
from services.payments.ledger.repositories.pipe import Pipe
from services.payments.ledger.use_cases import Log, Snapshots, Superseded

LEAST = 256  # at least a chain


class Writer:
    """Books requests into the log, one segment after the other.

    Nothing enters the books in memory that is not in the log, so a segment that loses
    its place to another writer costs only the reading of what the other wrote. Safe
    beside other writers; not safe for several threads. It begins with the latest snapshot,
    where there are any.
    """

    def __init__(
        self,
        market: str,
        log: Log,
        clock: Clock,
        epoch: Callable[[], int] = lambda: 0,
        snapshots: Snapshots | None = None,
    ) -> None:
        snapshot = snapshots.latest(log.read) if snapshots else None
        self.books = snapshot or Books(market, log.read)
        self._log = log
        self._clock = clock
        self._epoch = epoch

    def catch_up(self) -> int:
        """Take in what the log has beyond the books; answer how many segments that was.

        Raises ``ChainBroken`` when the log is not what was once sealed.
        """
        before = self.books.next_sequence
        for segment in self._log.since(before):
            self.books.apply(segment)
        return self.books.next_sequence - before

    def pipe(self) -> Pipe:
        """A pipe into the log that this writer writes."""
        return Pipe(self._log)

    def decide(self, batch: Batch) -> Verdict:
        """Rule on a batch by the books as they stand, at the time of the clock."""
        at = to_milliseconds(self._clock())
        return decide(self.books, batch, at=at, epoch=self._epoch())

    def book(self, requests: Sequence[EntryRequest]) -> list[Outcome]:
        """Decide in order, append, answer; raise as ``Log.append`` does, but ``Superseded``."""
        answers: list[Outcome] = []
        window = MAX_ENTRIES
        while len(answers) < len(requests):
            some = _some(requests, len(answers), window)
            ruled = self._round(some)
            answers += ruled
            # What had to wait is written into columns anew, so let that be little.
            window = min(MAX_ENTRIES, max(LEAST, 2 * len(ruled)))
        return answers

    def _round(self, requests: Sequence[EntryRequest]) -> list[Outcome]:
        """Answer some of the requests, by one segment at most.

        None of them when so many holds were over that the segment was full of that.
        """
        while True:
            numbered = number(self.books, requests)
            verdict = self.decide(numbered.batch)
            answers = outcomes(self.books, requests, numbered, verdict)
            if self.settle(verdict.segment):
                told = Counter(answer.code or answer.status.value for answer in answers)
                for outcome, many in told.items():
                    metrics.LEDGER_ENTRIES.labels(outcome).inc(many)
                return answers
            metrics.LEDGER_CONFLICTS.inc()
            self.catch_up()

    def settle(self, segment: Segment | None) -> bool:
        """Store what was decided and take it in; answer whether it is final.

        It is when it is stored, or a refusal by the newest books. Raises as ``Log.append``
        does, but ``Superseded``.
        """
        if segment is None:
            return not self._log.has(self.books.next_sequence)
        try:
            with metrics.LEDGER_APPEND.time():
                self._log.append(segment)
        except Superseded:
            return False
        metrics.LEDGER_SEGMENTS.inc()
        self.books.apply(segment)
        return True


def _some(requests: Sequence[EntryRequest], start: int, window: int) -> Sequence[EntryRequest]:
    """About so many requests from there on, chains whole."""
    end = min(len(requests), start + window)
    while end < len(requests) and requests[end - 1].linked:
        end += 1
    return requests[start:end]
