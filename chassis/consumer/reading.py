"""What the database knows about letters in hand: heads, parked ones, what was seen."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from pymongo.errors import DuplicateKeyError

from chassis import inbox
from chassis.consumer import parking
from chassis.consumer.letters import Letter
from chassis.consumer.streams import Head, Move, sort_out
from chassis.inbox import head_id
from chassis.mongo import Row, collection

PARKED_AT_ONCE = 500

Stream = tuple[str, str]
"""The source and the subject of events that follow each other."""


@dataclass(slots=True)
class Reading:
    """Letters sorted by what to do with them, and the heads as they were read."""

    ready: list[Letter] = field(default_factory=list)
    waiting: list[Letter] = field(default_factory=list)
    seen: list[Letter] = field(default_factory=list)
    heads: dict[Stream, Head] = field(default_factory=dict)
    is_cut: bool = False  # more is parked than was read
    _left: Counter[Stream] = field(default_factory=Counter)

    def moves(self, letters: Sequence[Letter]) -> list[Move]:
        """The heads these ready letters advance; each expected where it was read.

        Call it for one part of ``ready`` after the other: it remembers how far it went.
        """
        last: dict[Stream, int] = {}
        for letter in letters:
            if letter.event.sequence is not None:
                last[_stream(letter)] = letter.event.sequence
                self._left[_stream(letter)] -= 1
        return [self._move(stream, to) for stream, to in last.items()]

    def count_left(self) -> None:
        """Note what has to be applied or stays parked of each subject."""
        self._left = Counter(map(_stream, (*self.ready, *self.waiting)))

    def _move(self, stream: Stream, to: int) -> Move:
        head = self.heads[stream]
        stays = self._left[stream] > 0 or head.blocked_at is not None or self.is_cut
        move = Move(*stream, head.sequence, to, head.is_stored, head.is_waiting, stays)
        self.heads[stream] = replace(
            head, sequence=to, is_stored=True, is_waiting=head.is_waiting and stays
        )
        return move


def _stream(letter: Letter) -> Stream:
    return letter.event.source, letter.event.subject


def read(group: str, letters: Sequence[Letter], *, now: datetime) -> Reading:
    """Sort letters, and whatever is parked of their subjects, by what the database knows."""
    answer = Reading()
    streams: dict[Stream, list[Letter]] = {}
    messages: dict[str, Letter] = {}
    for letter in letters:
        event = letter.event
        if event.sequence is None:
            if event.id in messages:
                answer.seen.append(letter)
            messages.setdefault(event.id, letter)
        else:
            streams.setdefault(_stream(letter), []).append(letter)
    _read_streams(group, streams, answer, now)
    _read_messages(group, messages, answer, now)
    answer.count_left()
    return answer


def _read_streams(
    group: str, streams: dict[Stream, list[Letter]], answer: Reading, now: datetime
) -> None:
    if not streams:
        return
    keys = {head_id(group, *stream): stream for stream in streams}
    rows = {row["_id"]: row for row in collection("inbox_heads").find({"_id": {"$in": [*keys]}})}
    disturbed = [key for key, row in rows.items() if row.get("waiting")]
    if disturbed:
        parked = parking.of_streams(disturbed, limit=PARKED_AT_ONCE)
        answer.is_cut = len(parked) == PARKED_AT_ONCE
        for letter in parked:
            stream = _stream(letter)
            # The copy in hand may be the parked row itself.
            streams[stream] = [
                other for other in streams[stream] if other.event.id != letter.event.id
            ] + [letter]
    for key, stream in keys.items():
        head = _head(rows.get(key))
        if head.sequence == 0:
            head = _adopted(group, stream, streams[stream], head)
        found = sort_out(head, streams[stream], now=now)
        answer.heads[stream] = head
        answer.ready += found.ready
        answer.waiting += found.waiting
        answer.seen += found.seen


def _read_messages(
    group: str, messages: dict[str, Letter], answer: Reading, now: datetime
) -> None:
    if not messages:
        return
    handled = inbox.seen(group, messages)
    parked = parking.of_messages(group, (letter.event for letter in messages.values()))
    for event_id, letter in messages.items():
        known = parked.get(event_id, letter)
        if event_id in handled:
            answer.seen.append(known)
        elif known.due_at is not None and known.due_at > now:
            answer.waiting.append(known)
        else:
            answer.ready.append(known)


def _head(row: Row | None) -> Head:
    if row is None:
        return Head()
    return Head(
        row["sequence"],
        is_stored=True,
        is_waiting=bool(row.get("waiting")),
        blocked_at=row.get("blocked_at"),
    )


def _adopted(group: str, stream: Stream, letters: Sequence[Letter], head: Head) -> Head:
    """The head of a subject not yet read under this source.

    A service restored from a backup publishes under a higher incarnation and goes on
    counting; what was read of a lower one then counts as read of this.
    """
    source, subject = stream
    _, service, incarnation = source.split("/")
    before = min(letter.event.sequence or 0 for letter in letters) - 1
    if before < 1 or incarnation == "1":
        return head
    earlier = (f"/{service}/{number}" for number in range(1, int(incarnation)))
    heads = inbox.heads(group, ((source, subject) for source in earlier))
    if max(heads.values(), default=0) < before:
        return head
    with contextlib.suppress(DuplicateKeyError):
        collection("inbox_heads").update_one(
            {"_id": head_id(group, source, subject), "sequence": 0},
            {"$set": {"sequence": before, "source": source, "subject": subject}},
            upsert=True,
        )
    return replace(head, sequence=before, is_stored=True)
