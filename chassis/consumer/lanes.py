"""Applies a backlog in parallel, each subject in one lane, so that its order holds."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from zlib import crc32

from chassis.consumer.applier import Applier
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

    def take(self, letters: Sequence[Letter | Unfit]) -> None:
        """Deal with letters as ``Applier.take`` does; all lanes end before this raises."""
        if len(letters) < WORTH_IT:
            self._applier.take(letters)
            return
        if self._pool is None:
            self._pool = ThreadPoolExecutor(LANES, thread_name_prefix=self._applier.group)
        lanes: list[list[Letter | Unfit]] = [[] for _ in range(LANES)]
        for letter in letters:
            lanes[_lane_of(letter)].append(letter)
        done, _ = wait([self._pool.submit(self._applier.take, lane) for lane in lanes])
        for future in done:
            future.result()

    def close(self) -> None:
        """End the threads."""
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None


def _lane_of(letter: Letter | Unfit) -> int:
    return 0 if isinstance(letter, Unfit) else crc32(letter.event.subject.encode()) % LANES
