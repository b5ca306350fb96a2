"""What the worker does about clearings by the clock."""

from __future__ import annotations

from functools import partial

from chassis.kernel.errors import Conflict
from chassis.kernel.ids import Ids
from chassis.kernel.time import Clock
from chassis.logging import logger
from chassis.mongo import atomically
from services.matching.clearings.domain import Clearing, Result
from services.matching.clearings.use_cases import (
    NOTED_AT_ONCE,
    Bench,
    Clearings,
    SolverFailed,
    begin_clearing,
    clear_this_week,
    end_clearing,
    fail_clearing,
    hold_some,
    note_demand,
    settle_clearing,
    work_out,
)
from services.matching.holds.use_cases import announce_holds

ANNOUNCED_AT_ONCE = 500
"""So many lots in one transaction, which then takes a fraction of its five seconds."""


def clear_next(bench: Bench, clock: Clock) -> bool:
    """Work out the first clearing that waits; whether there was one.

    A process that dies in the middle leaves it to whoever comes next: before the result is
    settled it is begun anew, afterwards the holding goes on where it stopped. Of two at once
    the one that began first stops at its next step.
    """
    begun = atomically(partial(begin_clearing, clearings=bench.clearings, now=clock()))
    if begun is None or begun.stage.has_ended:
        return begun is not None
    try:
        _run(begun, bench, clock)
    except Conflict as taken:
        logger("clearings").warning("taken up by another", clearing=begun.id, why=str(taken))
    return True


def ask_each_week(clearings: Clearings, ids: Ids, clock: Clock, *, reserve: bool) -> None:
    """Ask for the clearing of the present week, if nobody has."""
    ask = partial(clear_this_week, reserve=reserve, clearings=clearings, ids=ids, now=clock())
    try:
        atomically(ask)
    except Conflict:
        logger("clearings").info("asked for by another")


def _run(clearing: Clearing, bench: Bench, clock: Clock) -> None:
    settled = clearing if clearing.result else _solved(clearing, bench, clock)
    if settled.result is not None and not settled.stage.has_ended:
        _hold(settled, settled.result, bench, clock)


def _solved(clearing: Clearing, bench: Bench, clock: Clock) -> Clearing:
    clearings = bench.clearings
    try:
        result = work_out(clearing, bench=bench, now=clock())
    except SolverFailed as failed:
        logger("clearings").warning("not solved", clearing=clearing.id, exc_info=failed)
        fail = partial(fail_clearing, clearing, str(failed), clearings=clearings, now=clock())
        return atomically(fail)
    settle = partial(settle_clearing, clearing, result, clearings=clearings, now=clock())
    return atomically(settle)


def _hold(clearing: Clearing, result: Result, bench: Bench, clock: Clock) -> None:
    lot_ids = bench.assignments.lots(clearing.id, result.attempt)
    for first in range(0, len(lot_ids), ANNOUNCED_AT_ONCE):
        some_lots = lot_ids[first : first + ANNOUNCED_AT_ONCE]
        atomically(partial(announce_holds, some_lots, desk=bench.desk, now=clock()))
    # Claims that began before that know nothing of it; none of them lives so long.
    bench.wait(bench.settle_seconds)
    total, done = result.figures.cleared.assignments, 0
    while some := atomically(partial(hold_some, clearing, result, bench=bench, now=clock())):
        done += some
        bench.clearings.tell(clearing.id, clearing.stage, done, total)
    if not _note_demand(clearing, result, bench):
        return
    # Outside the transaction: they may be more than one can delete, and count for nothing.
    bench.assignments.forget_others(clearing.id, result.attempt)
    atomically(partial(end_clearing, clearing, result, bench=bench, now=clock()))


def _note_demand(clearing: Clearing, result: Result, bench: Bench) -> bool:
    """Have lists count what it found of its lots; False where another ended it."""
    found = sorted(bench.assignments.demand(clearing.id, result.attempt).items())
    for first in range(0, len(found), NOTED_AT_ONCE):
        some = dict(found[first : first + NOTED_AT_ONCE])
        note = partial(note_demand, clearing, some, done=first + len(some), total=len(found))
        if not atomically(partial(note, bench=bench)):
            return False
    return True
