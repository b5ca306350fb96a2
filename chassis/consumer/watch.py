"""Finds out what Kafka clients keep to themselves: a new log, a stall, no assignment."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from typing import Any

from mongoengine import Document, StringField

from chassis import metrics
from chassis.broker_client import BrokerSilent
from chassis.cluster import Cluster, TopicState
from chassis.mongo import collection
from chassis.pace import Pace

NO_ASSIGNMENT = "no-assignment"


class ReadTopic(Document):
    """Which incarnation of a topic a group's offsets belong to."""

    meta = {"collection": "inbox_topics", "auto_create_index": False}
    id = StringField(primary_key=True)  # group|topic
    incarnation = StringField(required=True)


class Watch:
    """Watches one Kafka consumer from outside.

    Offsets mean nothing in another incarnation of the topic, so its partitions are then
    read from the start; what was applied before is dropped by its heads.
    """

    def __init__(self, group: str, cluster: Cluster, pace: Pace, *, session_ms: int) -> None:
        self._group = group
        # A member that vanished holds a rebalance up for its whole session.
        self._patience = max(pace.assignment, 2.5 * session_ms / 1000)
        self._cluster = cluster
        self._pace = pace
        self._topics: list[str] = []
        self._states: dict[str, TopicState | None] = {}
        self._is_new = False
        self.is_assigned = False
        self._joined_at = self._look_at = 0.0
        self._moved: dict[Any, tuple[int | None, float]] = {}

    def begin(self, topics: Sequence[str]) -> None:
        """Start watching a consumer that has just subscribed."""
        self._topics = list(topics)
        self._joined_at = time.monotonic()
        self._look_at = self._joined_at + self._pace.broker_check

    def won(self, partitions: Sequence[Any]) -> None:
        """Partitions were assigned."""
        self.is_assigned = True
        self._is_new = self._is_new or bool(partitions)
        self._joined_at = time.monotonic()
        self._moved.clear()

    def lost(self, _partitions: Sequence[Any]) -> None:
        """Partitions were taken away; a rebalance is under way."""
        self.is_assigned = False
        self._joined_at = time.monotonic()

    def start_over(self, consumer: Any) -> list[Any]:  # noqa: ANN401 - kafka-python has no types
        """After an assignment: have partitions of a new log read from its start.

        Answers which those are. Raises ``BrokerSilent``.
        """
        if not self._is_new:
            return []
        states = self._cluster.states(self._topics)
        fresh = {
            topic
            for topic, state in states.items()
            if state is not None and self._is_other_log(topic, state.incarnation)
        }
        again = [
            partition
            for partition in consumer.assignment()
            if self._cluster.in_register(partition.topic) in fresh
        ]
        if again:
            consumer.seek_to_beginning(*again)
        self._states = states
        self._is_new = False
        return again

    def look(self, consumer: Any) -> str:  # noqa: ANN401 - kafka-python has no types
        """Why this consumer has to be rebuilt; empty while all seems well."""
        now = time.monotonic()
        if not self.is_assigned and now - self._joined_at > self._patience:
            return NO_ASSIGNMENT
        if now < self._look_at:
            return ""
        self._look_at = now + self._pace.broker_check
        if not self.is_assigned or self._is_new:
            return ""
        self._notice_change()
        return self._stalled(consumer, now)

    def _notice_change(self) -> None:
        """See that a topic was made anew, or is gone; ``start_over`` then looks closer."""
        with contextlib.suppress(BrokerSilent):
            states = self._cluster.states(
                self._topics, fresh_within_seconds=self._pace.broker_check / 2
            )
            if None in states.values():
                states = {**self._cluster.ensure(self._topics, mend=False)}
            self._is_new = states != self._states

    def _is_other_log(self, topic: str, incarnation: str) -> bool:
        """Whether this group last read another incarnation; notes this one."""
        before = collection("inbox_topics").find_one_and_update(
            {"_id": f"{self._group}|{topic}"},
            {"$set": {"incarnation": incarnation}},
            upsert=True,
        )
        return before is not None and before["incarnation"] != incarnation

    def _stalled(self, consumer: Any, now: float) -> str:  # noqa: ANN401 - as above
        """Compare positions with the ends that fetches told; ask nobody else."""
        lag = 0
        paused = consumer.paused()
        for partition in consumer.assignment():
            highwater = consumer.highwater(partition) or 0
            position = consumer.position(partition, timeout_ms=500)
            if position is not None and position > highwater > 0:
                return "beyond-the-end"
            behind = highwater - (position or 0)
            lag += behind
            last, since = self._moved.get(partition, (None, now))
            if position != last or behind == 0 or partition in paused:
                self._moved[partition] = (position, now)
            elif now - since > self._pace.stall:
                return "stalled"
        metrics.CONSUMER_LAG.labels(self._group).set(lag)
        return ""
