"""One consumer group's loop: poll, apply, commit the offsets afterwards, never get stuck."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

from kafka import ConsumerRebalanceListener, KafkaConsumer
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata
from pymongo.errors import PyMongoError

from chassis import crash, metrics
from chassis.broker_client import BrokerSilent, Line
from chassis.cluster import Cluster, WrongPartitions
from chassis.consumer.applier import Applier, Unavailable
from chassis.consumer.lanes import Lanes
from chassis.consumer.letters import Letter, Unfit, admit
from chassis.consumer.limit import Halted
from chassis.consumer.watch import NO_ASSIGNMENT, Watch
from chassis.logging import logger
from chassis.pace import Pace
from chassis.settings import Settings
from chassis.topics import register

POLL_MS = 100
RECORDS_A_POLL = 1_600  # what a fetch brings
IDLE_SECONDS = 2.0
CLOSE_MS = 2_000


class Rebuild(RuntimeError):
    """A Kafka consumer is no longer to be trusted; the text says why."""


class GroupLoop:
    """Reads topics for one group with one Kafka consumer, rebuilt whenever in doubt."""

    def __init__(
        self,
        settings: Settings,
        cluster: Cluster,
        applier: Applier,
        topics: Sequence[str],
        pace: Pace,
    ) -> None:
        self._settings = settings
        self._cluster = cluster
        self._applier = applier
        self._lanes = Lanes(applier)
        self._topics = list(topics)
        self._pace = pace
        self._log = logger("consumer").bind(group=applier.group)
        self._locked_out = 0
        self.has_joined = False
        self.is_halted = False

    def run(self, stopping: threading.Event) -> None:
        """Work until ``stopping`` is set; the group is left in an orderly way."""
        failures = 0
        while not stopping.is_set() and not self.is_halted:
            try:
                self._live(stopping)
                failures = 0
            except Halted as error:
                self.is_halted = True
                metrics.CONSUMER_HALTED.labels(self._applier.group).set(1)
                self._log.error("halted: too many dead letters", why=str(error))
            except (Rebuild, BrokerSilent, WrongPartitions, KafkaError, PyMongoError) as error:
                failures += 1
                self._log.warning("building the consumer anew", why=str(error)[:200])
                stopping.wait(random.uniform(0.1, min(0.2 * 2**failures, 5.0)))  # noqa: S311
        self._lanes.close()

    def _live(self, stopping: threading.Event) -> None:
        """The life of one Kafka consumer."""
        self._cluster.ensure(self._topics, mend=False)
        membership = Membership(self._settings, self._cluster, self._applier.group, self._pace)
        membership.join(self._topics)
        is_orderly = False
        try:
            self._read(membership, stopping)
            is_orderly = True
        except Rebuild as error:
            metrics.CONSUMER_REBUILDS.labels(self._applier.group, str(error)).inc()
            self._unwedge(str(error))
            raise
        except Halted:
            is_orderly = True
            raise
        finally:
            membership.leave(orderly=is_orderly)

    def _unwedge(self, why: str) -> None:
        """Have the broker forget a group that lets nobody in, at the second time of asking."""
        self._locked_out = self._locked_out + 1 if why == NO_ASSIGNMENT else 0
        if self._locked_out > 1:
            with contextlib.suppress(BrokerSilent):
                self._cluster.forget_group(self._applier.group)

    def _read(self, membership: Membership, stopping: threading.Event) -> None:
        backoff = 0.0
        while not stopping.is_set():
            found = membership.poll()
            self.has_joined = self.has_joined or membership.is_assigned
            if not found:
                continue
            crash.point("C1")
            try:
                self._lanes.take(self._letters(found), count=sum(map(len, found.values())))
            except Unavailable as error:
                backoff = min(max(2 * backoff, 0.1), self._pace.backoff_longest)
                self._log.warning("cannot apply now", why=str(error)[:200])
                membership.hold_back(found, seconds=random.uniform(backoff / 2, backoff))  # noqa: S311
                continue
            backoff = 0.0
            membership.done(found)

    def _letters(self, found: dict[Any, list[Any]]) -> Iterator[Letter | Unfit]:
        topics = register()
        for partition, records in found.items():
            topic = topics[self._cluster.in_register(partition.topic)]
            for record in records:
                yield admit(
                    record.value, topic, f"{topic.name}/{record.partition}/{record.offset}"
                )


class Membership:
    """One Kafka consumer in its group: positions, pauses, offsets, and its end."""

    def __init__(self, settings: Settings, cluster: Cluster, group: str, pace: Pace) -> None:
        self._settings = settings
        self._cluster = cluster
        self._group = group
        self._pace = pace
        self._consumer: Any = None
        self._line: Line | None = None
        self._watch = Watch(group, cluster, pace, session_ms=settings.session_timeout_ms)
        self._uncommitted: dict[Any, int] = {}
        self._commit_at = 0.0
        self._resume_at = float("inf")
        self._idle_since = time.monotonic()

    @property
    def is_assigned(self) -> bool:
        """Whether the group has given this member its share, which may be none."""
        return self._watch.is_assigned

    def join(self, topics: Sequence[str]) -> None:
        """Subscribe; partitions are assigned during later polls."""
        timeout = self._settings.session_timeout_ms
        self._line = Line(
            KafkaConsumer,
            self._settings,
            group_id=self._cluster.group_on_wire(self._group),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            allow_auto_create_topics=False,
            session_timeout_ms=timeout,
            heartbeat_interval_ms=timeout // 3,
            max_poll_records=RECORDS_A_POLL,
            fetch_max_wait_ms=int(self._pace.fetch_busy * 1000),
            fetch_min_bytes=int(self._pace.fetch_bytes),
            request_timeout_ms=10_000 + timeout,
            metadata_max_age_ms=5_000,
            metrics_enabled=False,
        )
        self._consumer = self._line.client
        self._consumer.subscribe(
            [self._cluster.on_wire(topic) for topic in topics], listener=_Listener(self._watch)
        )
        self._watch.begin(topics)

    def poll(self) -> dict[Any, list[Any]]:
        """Records by partition, if any; keeps the membership alive.

        Raises ``Rebuild`` when this consumer seems stuck.
        """
        if time.monotonic() >= self._resume_at:
            self._consumer.resume(*self._consumer.paused())
            self._resume_at = float("inf")
        found: dict[Any, list[Any]] = self._consumer.poll(POLL_MS)
        reason = self._watch.look(self._consumer)
        if reason:
            raise Rebuild(reason)
        for partition in self._watch.start_over(self._consumer):
            # Its log is a new one: these records may come from the middle of it.
            found.pop(partition, None)
            self._uncommitted.pop(partition, None)
        self._pace_fetches(busy=bool(found))
        self._commit_due()
        return found

    def hold_back(self, found: dict[Any, list[Any]], *, seconds: float) -> None:
        """Give these records again after a while; polling goes on meanwhile."""
        for partition, records in found.items():
            if partition in self._consumer.assignment():
                self._consumer.seek(partition, records[0].offset)
        self._consumer.pause(*self._consumer.assignment())
        self._resume_at = time.monotonic() + seconds

    def done(self, found: dict[Any, list[Any]]) -> None:
        """Note that these records are dealt with; their offsets are committed soon."""
        for partition, records in found.items():
            self._uncommitted[partition] = records[-1].offset + 1

    def leave(self, *, orderly: bool) -> None:
        """Commit and leave the group, or just vanish from it.

        A consumer that leaves before it was assigned anything, or whose broker has
        forgotten it, can wedge the group on the embedded broker for good; vanishing
        only costs the session timeout.
        """
        if orderly and self._watch.is_assigned:
            with contextlib.suppress(KafkaError, OSError):
                if self._uncommitted:
                    self._consumer.commit(self._stamped(), timeout_ms=CLOSE_MS)
                self._consumer.close(autocommit=False, timeout_ms=CLOSE_MS)
                return
        if self._line is not None:
            self._line.cut()

    def _pace_fetches(self, *, busy: bool) -> None:
        """Let the broker hold an empty fetch for longer when nothing has come for a while."""
        now = time.monotonic()
        if busy:
            self._idle_since = now
        is_idle = now - self._idle_since > IDLE_SECONDS
        wait = self._pace.fetch_idle if is_idle else self._pace.fetch_busy
        self._consumer._fetcher.config["fetch_max_wait_ms"] = int(wait * 1000)

    def _commit_due(self) -> None:
        if not self._uncommitted or time.monotonic() < self._commit_at:
            return
        stamped = self._stamped()
        if stamped:
            self._consumer.commit_async(stamped, callback=_committed)
        self._uncommitted.clear()
        self._commit_at = time.monotonic() + self._pace.offset_commit

    def _stamped(self) -> dict[Any, OffsetAndMetadata]:
        mine = self._consumer.assignment()
        return {
            partition: OffsetAndMetadata(offset, "", -1)
            for partition, offset in self._uncommitted.items()
            if partition in mine
        }


class _Listener(ConsumerRebalanceListener):
    """Tells the watch about partitions won and lost."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    def on_partitions_assigned(self, assigned: Any) -> None:  # noqa: ANN401 - kafka-python's
        self._watch.won(assigned)

    def on_partitions_revoked(self, revoked: Any) -> None:  # noqa: ANN401 - kafka-python's
        self._watch.lost(revoked)


def _committed(_offsets: object, outcome: object) -> None:
    """A commit that failed is repeated with the next one; redelivery is harmless."""
    if not isinstance(outcome, Exception):
        crash.point("C4")
