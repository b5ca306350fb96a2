"""A process that books deposits as fast as it can and notes each one that was acknowledged.

Run as ``python -m tests.fault.booking MONGO_URI NOTES SEED``; the tests kill it.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable

from chassis import mongo
from chassis.kernel.ids import id_maker
from chassis.kernel.money import Money
from chassis.kernel.time import system_clock
from services.payments.ledger.domain import EntryRequest, hold, post, transfer
from services.payments.ledger.domain.entries import Leg
from services.payments.ledger.repositories.segments import MongoLog
from services.payments.ledger.repositories.sequencer import Sequencer
from services.payments.ledger.repositories.writer import Writer

MARKET = "test"
CALLERS = 8
FUND, ESCROW = (f"{word}_0{'1' * 25}" for word in ("off", "clm"))


def entries(make_id: Callable[[str], str]) -> list[EntryRequest]:
    """A deposit, and half of it held and posted."""
    fund, escrow = f"offer:{FUND}:fund", f"claim:{ESCROW}:escrow"
    held = hold(make_id("ent"), [Leg(fund, -1, "CNY"), Leg(escrow, 1, "CNY")], "escrow")
    deposit = transfer(make_id("ent"), "external:provider", fund, Money(2, "CNY"), "deposit")
    return [deposit, held, post(make_id("ent"), held.id, "escrow")]


def main(uri: str, notes: str, seed: int) -> None:
    """Book until killed."""
    mongo.connect(uri)
    sequencer = Sequencer(lambda: Writer(MARKET, MongoLog(), system_clock, lambda: seed))
    make_id = id_maker(system_clock)
    written = os.open(notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def work() -> None:
        while True:
            wanted = entries(make_id)
            try:
                outcomes = sequencer.submit(wanted)
            except ConnectionError:
                # Unknown: the same again, until it is known.
                outcomes = [outcome for entry in wanted for outcome in _until_known(entry)]
            for outcome in outcomes:
                if outcome.stands:
                    line = f"{outcome.id} {outcome.segment} {outcome.index}\n"
                    os.write(written, line.encode())

    def _until_known(entry: EntryRequest) -> list[object]:
        while True:
            try:
                return sequencer.submit([entry])
            except ConnectionError:
                continue

    for _ in range(CALLERS):
        threading.Thread(target=work).start()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
