"""The order of one stream: what may be applied now, what waits, what was seen before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from chassis.consumer.letters import Letter


@dataclass(frozen=True, slots=True)
class Head:
    """How far one group has read one subject of one source.

    ``is_waiting`` says that something of it is parked; ``blocked_at`` is the sequence of
    a dead letter that must be decided on first.
    """

    sequence: int = 0
    is_stored: bool = False
    is_waiting: bool = False
    blocked_at: int | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """A head to advance from ``expected`` to ``to``; made when it is not stored."""

    source: str
    subject: str
    expected: int
    to: int
    is_stored: bool
    was_waiting: bool = False
    stays_waiting: bool = False


class Sorted(NamedTuple):
    """What to do with the letters of a stream, each in order of sequence."""

    ready: list[Letter]
    waiting: list[Letter]
    seen: list[Letter]


def straight_moves(letters: Sequence[Letter]) -> list[Move] | None:
    """The moves if nothing is amiss: every subject's letters follow each other.

    They suppose that the head stands just before; None where the letters themselves
    already show a hole or a repeat.
    """
    spans: dict[tuple[str, str], tuple[int, int]] = {}
    for letter in letters:
        event = letter.event
        if event.sequence is None:
            continue
        stream = (event.source, event.subject)
        first, last = spans.get(stream, (event.sequence, event.sequence - 1))
        if event.sequence != last + 1:
            return None
        spans[stream] = (first, event.sequence)
    return [
        Move(source, subject, first - 1, last, is_stored=first > 1)
        for (source, subject), (first, last) in spans.items()
    ]


def sort_out(head: Head, letters: Iterable[Letter], *, now: datetime) -> Sorted:
    """Sort one stream's letters, new and parked, against its head.

    Ready are those that follow the head without a hole, up to a dead letter or one that
    is to be tried again later. Of two with the same sequence the parked one counts, for it
    knows its attempts.
    """
    by_sequence: dict[int, Letter] = {}
    answer = Sorted([], [], [])
    for letter in sorted(letters, key=lambda letter: not letter.is_parked):
        sequence = letter.event.sequence or 0
        if sequence <= head.sequence or sequence in by_sequence:
            answer.seen.append(letter)
        else:
            by_sequence[sequence] = letter
    follows = head.sequence + 1
    for sequence, letter in sorted(by_sequence.items()):
        is_early = letter.is_retry and letter.due_at is not None and letter.due_at > now
        if sequence == follows and sequence != head.blocked_at and not is_early:
            answer.ready.append(letter)
            follows += 1
        else:
            answer.waiting.append(letter)
    return answer
