"""Bills read as they grow, line by line, and our own side looked through behind them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import partial

from chassis import metrics
from chassis.kernel.errors import Conflict
from chassis.kernel.time import Clock
from chassis.logging import logger
from chassis.mongo import atomically
from chassis.turns import Turns
from services.payments.providers.domain import Kind, SettlementLine
from services.payments.providers.domain.operation import HOUR
from services.payments.reconciliations.domain import MISSED_AFTER, READ_FOR, id_of_line
from services.payments.reconciliations.use_cases import Bills, Book, look_for, take_line
from services.payments.releases.domain import midnight

DAYS, OPERATIONS = 50, 500


class Reconciler:
    """Reads every bill that is due, and looks for payouts that none tells of.

    Harmless when two run at once, and when it dies anywhere: a line is taken in once. A bill,
    line or payout that fails here waits, and the others have their turn.
    """

    def __init__(self, book: Book, bills: Bills, clock: Clock, turns: Turns) -> None:
        self._book = book
        self._bills = bills
        self._clock = clock
        self._turns = turns

    def run(self) -> int:
        """Do what is due once; answer how many lines and payouts were taken in."""
        now, names = self._clock(), list(self._book.desk.providers)
        for name in names:
            atomically(partial(self._bills.fill, name, now=now))
        due = self._bills.due(now, limit=DAYS + len(self._turns))
        read = sum(
            self._turns.take(f"{name}:{day}", partial(self._read, name, day, seen))
            for name, day, seen in due
        )
        return read + sum(self._sweep(name) for name in names)

    def _read(self, name: str, day: date, seen: datetime) -> int:
        """Take in what is new on a day's bill; it stays due until all of it is."""
        now = self._clock()
        again = now + HOUR if now < midnight(day) + READ_FOR else None
        taken: list[int] = []
        try:
            taken = [self._take(name, line) for line in self._new(name, day)]
        except ConnectionError as trouble:
            logger("reconciliations").warning("bill not read", provider=name, why=str(trouble))
            again = now + HOUR
        self._bills.done(name, day, seen=seen, again=again if all(taken) else now)
        return sum(taken)

    def _new(self, name: str, day: date) -> list[SettlementLine]:
        provider = self._book.desk.providers.get(name)
        if provider is None:
            return []  # it was set up once
        lines = {id_of_line(name, line): line for line in provider.list_settlement(day)}
        known = self._book.reconciliations.known(list(lines))
        return [line for own, line in lines.items() if own not in known]

    def _sweep(self, name: str) -> int:
        if not self._book.desk.provider(name).capabilities().can(Kind.PAYOUT):
            return 0
        until, limit = self._clock() - MISSED_AFTER, OPERATIONS + len(self._turns)
        found = atomically(partial(self._book.payouts.unswept, name, until=until, limit=limit))
        return sum(self._look(name, operation_id) for operation_id in found)

    def _take(self, name: str, line: SettlementLine) -> int:
        def work() -> object:
            return take_line(name, line, book=self._book, now=self._clock())

        return self._turns.take(id_of_line(name, line), partial(self._once, work))

    def _look(self, name: str, operation_id: str) -> int:
        def work() -> object:
            return look_for(name, operation_id, book=self._book, now=self._clock())

        return self._turns.take(operation_id, partial(self._once, work))

    def _once(self, work: Callable[[], object]) -> bool:
        """Do it in a transaction; answer whether it was done, and not by another at once."""
        try:
            return atomically(work) is not None
        except Conflict:
            return False


def show_breaks(counts: Callable[[], tuple[dict[str, int], float]]) -> None:
    """Set the metrics of open breaks, of each kind, and of the age of the oldest."""
    by_kind, oldest = counts()
    for kind, count in by_kind.items():
        metrics.RECONCILIATION_BREAKS.labels(kind).set(count)
    metrics.RECONCILIATION_OLDEST_SECONDS.set(oldest)
