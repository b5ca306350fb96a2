"""Looks after what waits: tries again, pulls what is missing, gives up in the end."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from chassis import deadletters, metrics
from chassis.consumer import parking
from chassis.consumer.applier import Applier, Unavailable
from chassis.consumer.letters import Letter, Unfit, admit
from chassis.consumer.parking import stream_of
from chassis.logging import logger
from chassis.mongo import atomically, collection
from chassis.outbox import topic_of
from chassis.pace import Pace
from chassis.topics import register

AT_ONCE = 200
MEASURE_SECONDS = 5.0

Fetch = Callable[[str, str, int], Sequence[str]]
"""Asks a service for the envelopes of one subject after a sequence; raises
``ConnectionError`` or ``requests.RequestException`` when it does not answer."""


class Mender:
    """One group's parked events; run its ``step`` every second or so."""

    def __init__(self, applier: Applier, fetch: Fetch, pace: Pace) -> None:
        self._applier = applier
        self._group = applier.group
        self._fetch = fetch
        self._pace = pace
        self._log = logger("mender").bind(group=self._group)
        self._measure_at = 0.0

    def step(self) -> int:
        """Deal with everything due; answer how much that was."""
        now = datetime.now(UTC)
        letters = parking.due(self._group, now=now, limit=AT_ONCE)
        if letters:
            self._applier.again(letters)
        streams: dict[str, Letter] = {}
        for letter in letters:
            stream = stream_of(self._group, letter.event)
            if stream is not None:
                streams.setdefault(stream, letter)
        for stream in streams:
            self._look_at(stream, now)
        if time.monotonic() >= self._measure_at:
            self._measure_at = time.monotonic() + MEASURE_SECONDS
            self._measure(now)
        return len(letters)

    def _look_at(self, stream: str, now: datetime) -> None:
        """Pull what a stream lacks, if that is why it waits."""
        first = next(iter(parking.of_streams([stream], limit=1)), None)
        if first is None:
            return
        later = now + timedelta(seconds=self._pace.gap_pull)
        if not self._lacks(stream, first):
            # Behind a retry or a dead letter: its turn comes with that.
            parking.postpone({"stream": stream, "reason": parking.GAP}, later)
            return
        self._pull(stream, first)
        first = next(iter(parking.of_streams([stream], limit=1)), None)
        if first is None or not self._lacks(stream, first):
            return
        patience = timedelta(seconds=self._pace.gap_give_up)
        if now - (first.first_at or now) > patience:
            self._give_up(first, now)
        parking.postpone({"stream": stream}, later)

    def _lacks(self, stream: str, first: Letter) -> bool:
        head = collection("inbox_heads").find_one({"_id": stream}) or {"sequence": 0}
        missing = (first.event.sequence or 0) > head["sequence"] + 1
        return missing and head.get("blocked_at") is None

    def _pull(self, stream: str, first: Letter) -> None:
        source, subject = first.event.source, first.event.subject
        topic = register().get(topic_of(first.event.type))
        head = collection("inbox_heads").find_one({"_id": stream}) or {"sequence": 0}
        if topic is None:
            return
        try:
            envelopes = self._fetch(source.split("/")[1], subject, head["sequence"])
        except (OSError, Unavailable) as error:
            self._log.warning("cannot pull", subject=subject, why=str(error)[:200])
            return
        letters = [admit(text.encode(), topic, place="outbox") for text in envelopes]
        fit = [letter for letter in letters if not isinstance(letter, Unfit)]
        self._applier.take(fit)
        self._log.info("pulled", subject=subject, events=len(fit))
        metrics.EVENTS_REPAIRED.labels(self._group).inc(len(fit))

    def _give_up(self, first: Letter, now: datetime) -> None:
        last_missing = (first.event.sequence or 1) - 1
        self._log.error("gap given up", subject=first.event.subject, sequence=last_missing)
        atomically(
            lambda: deadletters.bury_gap(
                self._group, first.event, last_missing=last_missing, now=now
            )
        )
        metrics.DEAD_LETTERS.labels(self._group, "gap").inc()

    def _measure(self, now: datetime) -> None:
        parked = collection("inbox_pending")
        metrics.EVENTS_PENDING.labels(self._group).set(
            parked.count_documents({"group": self._group})
        )
        oldest = parked.find_one({"group": self._group}, sort=[("first_at", 1)])
        age = (now - oldest["first_at"]).total_seconds() if oldest else 0.0
        metrics.GAP_OLDEST_SECONDS.labels(self._group).set(age)
        metrics.DEAD_LETTERS_OPEN.labels(self._group).set(
            collection("dead_letters").count_documents({"group": self._group, "state": "open"})
        )
