"""Hands outbox rows to the broker and learns which ones arrived."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from kafka import KafkaProducer
from kafka.errors import (
    InvalidRecordError,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
)

from chassis import crash, metrics
from chassis.broker_client import BrokerSilent, Line
from chassis.cluster import Cluster
from chassis.envelope import CONTENT_TYPE
from chassis.mongo import Row
from chassis.pace import Pace
from chassis.settings import Settings

SLICE_SECONDS = 0.5
_HEADER = ("content-type", CONTENT_TYPE.encode())
_NEVER = (MessageSizeTooLargeError, RecordListTooLargeError, InvalidRecordError)


@dataclass(slots=True)
class Outcome:
    """What became of a batch.

    ``failed`` rows have an unknown outcome: the broker may hold them. ``refused`` ones it
    will never take.
    """

    arrived: list[Row] = field(default_factory=list)
    failed: list[Row] = field(default_factory=list)
    refused: list[tuple[Row, str]] = field(default_factory=list)


class Carrier:
    """A producer that is given up and built anew rather than trusted to recover.

    Not idempotent: the 3.x client never recovers from a broker that forgot its producer
    id. One request in flight keeps the order of a key, and a repeat is dropped by every
    inbox.
    """

    def __init__(self, settings: Settings, cluster: Cluster, pace: Pace) -> None:
        self._settings = settings
        self._cluster = cluster
        self._pace = pace
        self._producer: Any = None

    def carry(self, rows: Sequence[Row], *, keep_lease: Callable[[], bool]) -> Outcome:
        """Send rows in order and wait; ``keep_lease`` is called at least twice a second.

        Raises ``BrokerSilent`` when the broker turns out to be gone, or when it stopped
        acknowledging: everything not acknowledged then has an unknown outcome.
        """
        try:
            producer = self._open()
            futures = [self._send(producer, row) for row in rows]
            crash.point("R2")
            self._wait(producer, {row["topic"] for row in rows}, futures, keep_lease)
        except KafkaTimeoutError as error:
            self.drop("timeout")
            raise BrokerSilent(str(error)[:200]) from error
        except BrokerSilent:
            self.drop("silence")
            raise
        outcome = _sorted(rows, futures)
        if outcome.failed:
            self.drop("failure")
        return outcome

    def drop(self, why: str) -> None:
        """Give the producer up; what it still holds may yet arrive."""
        if self._producer is not None:
            metrics.RELAY_REBUILDS.labels(why).inc()
            closing = (self._producer, 1.0)
            threading.Thread(target=_close, args=closing, name="close", daemon=True).start()
            self._producer = None

    def close(self) -> None:
        """Flush for at most five seconds and close."""
        if self._producer is not None:
            _close(self._producer, 5.0)
            self._producer = None

    def _open(self) -> Any:  # noqa: ANN401 - kafka-python has no types
        if self._producer is None:
            self._producer = Line(
                KafkaProducer,
                self._settings,
                enable_idempotence=False,
                acks="all",
                max_in_flight_requests_per_connection=1,
                allow_auto_create_topics=False,
                linger_ms=0,
                batch_size=256 * 1024,
                request_timeout_ms=5_000,
                delivery_timeout_ms=15_000,
                max_block_ms=5_000,
                metrics_enabled=False,
            ).client
        return self._producer

    def _send(self, producer: Any, row: Row) -> Any:  # noqa: ANN401 - kafka-python has no types
        try:
            return producer.send(
                self._cluster.on_wire(row["topic"]),
                key=row["key"].encode(),
                value=row["event"].encode(),
                headers=[
                    _HEADER,
                    ("ce_id", row["_id"].encode()),
                    ("ce_type", row["type"].encode()),
                ],
            )
        except _NEVER as error:
            return error

    def _wait(
        self,
        producer: Any,  # noqa: ANN401 - kafka-python has no types
        topics: set[str],
        futures: Sequence[Any],
        keep_lease: Callable[[], bool],
    ) -> None:
        """Wait for all acknowledgements; raise ``BrokerSilent`` when they stop coming."""
        progress, at = -1, time.monotonic()
        while True:
            with contextlib.suppress(KafkaTimeoutError):
                producer.flush(timeout=SLICE_SECONDS)
            keep_lease()
            settled = sum(_is_settled(future) for future in futures)
            if settled == len(futures):
                return
            if settled > progress:
                progress, at = settled, time.monotonic()
                continue
            # Nothing moved: is it gone, has it forgotten us, or is it only slow?
            if None in self._cluster.states(topics).values():
                raise BrokerSilent("a topic is gone")
            if time.monotonic() - at > self._pace.silence:
                raise BrokerSilent(f"no acknowledgement for {self._pace.silence} s")


def _is_settled(future: Any) -> bool:  # noqa: ANN401 - kafka-python has no types
    return isinstance(future, Exception) or future.is_done


def _sorted(rows: Iterable[Row], futures: Iterable[Any]) -> Outcome:
    """Stop at the first failure of each subject: what follows it stays pending too."""
    outcome = Outcome()
    stopped: set[str] = set()
    for row, future in zip(rows, futures, strict=True):
        error = future if isinstance(future, Exception) else future.exception
        if row["subject"] in stopped:
            outcome.failed.append(row)
        elif error is None:
            outcome.arrived.append(row)
        elif isinstance(error, _NEVER):
            # Whoever misses it finds the gap and reads it from the outbox over HTTP.
            outcome.refused.append((row, str(error)[:300]))
        else:
            stopped.add(row["subject"])
            outcome.failed.append(row)
    return outcome


def _close(producer: Any, seconds: float) -> None:  # noqa: ANN401 - kafka-python has no types
    with contextlib.suppress(KafkaError, OSError):
        producer.close(timeout=seconds)
