"""Applies a backlog in parallel, each subject in one lane, so that its order holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from itertools import chain
from queue import SimpleQueue
from zlib import crc32

from chassis.consumer.applier import EVENTS_A_TRANSACTION, Applier
from chassis.consumer.letters import Letter, Unfit

LANES = 2
WORTH_IT = 100


class Lanes:
    """Takes letters in for one group, over several threads when there are many.

    While one thread waits for MongoDB another computes. Few letters go the straight way:
    one transaction for all is less work than one a lane.
    """

    def __init__(self, applier: Applier) -> None:
        self._applier = applier
        self._pool: ThreadPoolExecutor | None = None

    def take(self, letters: Iterable[Letter | Unfit], *, count: int) -> None:
        """Deal with so many letters as ``Applier.take`` does; all lanes end before this raises.

        The letters may be made as they are asked for: a lane begins with its first
        transaction's worth while later ones are still being read.
        """
        if count < WORTH_IT:
            self._applier.take(letters)
            return
        if self._pool is None:
            self._pool = ThreadPoolExecutor(LANES, thread_name_prefix=self._applier.group)
        lanes = [_Lane() for _ in range(LANES)]
        work = [self._pool.submit(self._applier.take, lane.letters()) for lane in lanes]
        try:
            for letter in letters:
                lanes[_number_of(letter)].add(letter)
        finally:
            for lane in lanes:
                lane.end()
            done, _ = wait(work)
        for future in done:
            future.result()

    def close(self) -> None:
        """End the threads."""
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None


class _Lane:
    """Letters handed from one thread to another, a transaction's worth at a time."""

    def __init__(self) -> None:
        self._handed: SimpleQueue[list[Letter | Unfit]] = SimpleQueue()
        self._gathered: list[Letter | Unfit] = []

    def letters(self) -> Iterator[Letter | Unfit]:
        return chain.from_iterable(iter(self._handed.get, []))

    def add(self, letter: Letter | Unfit) -> None:
        self._gathered.append(letter)
        if len(self._gathered) == EVENTS_A_TRANSACTION:
            self._hand_over()

    def end(self) -> None:
        if self._gathered:
            self._hand_over()
        self._handed.put([])

    def _hand_over(self) -> None:
        self._handed.put(self._gathered)
        self._gathered = []


def _number_of(letter: Letter | Unfit) -> int:
    return 0 if isinstance(letter, Unfit) else crc32(letter.event.subject.encode()) % LANES
