"""The limit of whatever waits for MongoDB to keep something: one small write, again and again."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from pymongo import WriteConcern

from chassis.mongo import collection

WRITES_A_SECOND = 20


@contextmanager
def writing() -> Iterator[list[float]]:
    """The seconds until a majority has each write in its journal, while the block runs.

    They count from when a write was due: one that the disk holds up delays those after it.
    """
    took: list[float] = []
    stopping = threading.Event()
    thread = threading.Thread(target=_write, args=(took, stopping))
    thread.start()
    try:
        yield took
    finally:
        stopping.set()
        thread.join()


def _write(took: list[float], stopping: threading.Event) -> None:
    journaled = collection("journal").with_options(
        write_concern=WriteConcern(w="majority", j=True)
    )
    begun = time.perf_counter()
    for number in count():
        due = begun + number / WRITES_A_SECOND
        if stopping.wait(max(0.0, due - time.perf_counter())):
            return
        journaled.update_one({"_id": 1}, {"$set": {"number": number}}, upsert=True)
        took.append(time.perf_counter() - due)
