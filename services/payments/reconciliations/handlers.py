"""Bills read as they grow, line by line, and our own side looked through behind them."""

from __future__ import annotations

from collections.abc import Callable

from chassis import metrics
from chassis.kernel.errors import Conflict
from chassis.kernel.time import Clock
from chassis.logging import logger
from chassis.mongo import atomically
from services.payments.providers.domain import Kind, Operation, SettlementLine
from services.payments.providers.domain.operation import HOUR
from services.payments.reconciliations.domain import MISSED_AFTER, READ_FOR, id_of_line
from services.payments.reconciliations.use_cases import Bills, Book, look_for, take_line
from services.payments.releases.domain import midnight

DAYS, OPERATIONS = 50, 500


class Reconciler:
    """Reads every bill that is due, and looks for payouts that none tells of.

    Harmless when two run at once, and when it dies anywhere: a line is taken in once.
    """

    def __init__(self, book: Book, bills: Bills, clock: Clock) -> None:
        self._book = book
        self._bills = bills
        self._clock = clock

    def run(self) -> int:
        """Do what is due once; answer how many lines and payouts were taken in."""
        now, providers = self._clock(), self._book.desk.providers
        for name in providers:
            atomically(lambda name=name: self._bills.fill(name, now=now))  # type: ignore[misc] # mypy does not infer bound defaults
        count = 0
        for name, day, seen in self._bills.due(now, limit=DAYS):
            try:
                lines = list(providers[name].list_settlement(day)) if name in providers else []
            except ConnectionError as trouble:
                logger("reconciliations").warning("bill not read", provider=name, why=str(trouble))
                self._bills.done(name, day, seen=seen, again=now + HOUR)
                continue
            count += self._take(name, lines)
            grows = now < midnight(day) + READ_FOR
            self._bills.done(name, day, seen=seen, again=now + HOUR if grows else None)
        return count + sum(self._sweep(name) for name in providers)

    def _take(self, name: str, lines: list[SettlementLine]) -> int:
        ids = {id_of_line(name, line): line for line in lines}
        known = self._book.reconciliations.known(list(ids))
        fresh = [line for own, line in ids.items() if own not in known]
        return sum(self._once(self._taking(name, line)) for line in fresh)

    def _sweep(self, name: str) -> int:
        if not self._book.desk.provider(name).capabilities().can(Kind.PAYOUT):
            return 0
        until = self._clock() - MISSED_AFTER
        found = self._book.payouts.unswept(name, until=until, limit=OPERATIONS)
        return sum(self._once(self._looking(operation)) for operation in found)

    def _taking(self, name: str, line: SettlementLine) -> Callable[[], object]:
        return lambda: take_line(name, line, book=self._book, now=self._clock())

    def _looking(self, operation: Operation) -> Callable[[], object]:
        return lambda: look_for(operation, book=self._book, now=self._clock())

    def _once(self, work: Callable[[], object]) -> bool:
        try:
            return atomically(work) is not None
        except Conflict:
            return False  # another did it at the same moment; what is left stays due


def show_breaks(counts: Callable[[], tuple[dict[str, int], float]]) -> None:
    """Set the metrics of open breaks, of each kind, and of the age of the oldest."""
    by_kind, oldest = counts()
    for kind, count in by_kind.items():
        metrics.RECONCILIATION_BREAKS.labels(kind).set(count)
    metrics.RECONCILIATION_OLDEST_SECONDS.set(oldest)
