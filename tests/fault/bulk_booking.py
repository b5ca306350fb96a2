"""A process that books bulk calls, piped, and notes each entry that was acknowledged.

Run as ``python -m tests.fault.bulk_booking MONGO_URI NOTES SEED [WHEN SEGMENT]``; with the
last two it kills itself ``before`` or ``after`` that segment is inserted.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading

from chassis import mongo
from chassis.kernel.ids import id_maker
from chassis.kernel.time import system_clock
from services.payments.ledger.adapters import to_json
from services.payments.ledger.domain import Round
from services.payments.ledger.engine.segments import Segment
from services.payments.ledger.repositories.segments import MongoLog
from services.payments.ledger.repositories.sequencer import Sequencer
from services.payments.ledger.repositories.snapshots import MongoSnapshots
from services.payments.ledger.repositories.writer import Writer
from tests.fault.booking import MARKET, entries

CALLERS = 3
LINES = 10  # times three entries


class MortalLog(MongoLog):
    """Kills its process at one segment: nothing of it is cleaned up, nobody is told."""

    def __init__(self, when: str = "", at: int = -1) -> None:
        super().__init__()
        self._when, self._at = when, at

    def append(self, segment: Segment) -> None:
        if (self._when, self._at) == ("before", segment.sequence):
            os.kill(os.getpid(), signal.SIGKILL)
        super().append(segment)
        if (self._when, self._at) == ("after", segment.sequence):
            os.kill(os.getpid(), signal.SIGKILL)


def place(part: Round, position: int) -> tuple[int | None, int | None]:
    """Where the entry of a line stands."""
    other = part.others.get(position)
    if other is None:
        return part.segment, part.indexes[position - part.start]
    assert other.stands, other
    return other.segment, other.index


def main(uri: str, notes: str, seed: int, when: str = "", at: str = "-1") -> None:
    """Book until killed."""
    mongo.connect(uri)
    log, snapshots = MortalLog(when, int(at)), MongoSnapshots(MARKET)
    sequencer = Sequencer(lambda: Writer(MARKET, log, system_clock, lambda: seed, snapshots))
    make_id = id_maker(system_clock)
    written = os.open(notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def note(part: Round) -> None:
        for position, entry_id in enumerate(part.ids, start=part.start):
            os.write(written, b"%b %d %d\n" % (entry_id.encode(), *place(part, position)))

    def work() -> None:
        while True:
            lines = [
                json.dumps(to_json(entry)).encode()
                for _ in range(LINES)
                for entry in entries(make_id)
            ]
            done = 0
            while done < len(lines):
                try:
                    rounds = sequencer.submit_lines(lines[done:])
                except ConnectionError:
                    continue  # unknown: the same again, until it is known
                for part in rounds:
                    note(part)
                done += rounds[-1].stop

    for _ in range(CALLERS):
        threading.Thread(target=work).start()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), *sys.argv[4:])
