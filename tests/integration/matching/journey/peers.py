"""Catalog and payments at the other end of a real broker."""

from __future__ import annotations

import json
import threading
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from kafka import KafkaConsumer, KafkaProducer

from chassis.cluster import Cluster
from chassis.context import NOBODY
from chassis.envelope import CONTENT_TYPE, Event, Stamp, event_json, message_json, parse
from chassis.kernel.decisions import DomainEvent, Message
from chassis.settings import Settings
from tests.integration.matching.journey.world import ANSWERS

COMMANDS = ("teahouse.catalog.commands", "teahouse.payments.commands")
REPLIES = "teahouse.matching.saga-replies"


@dataclass(frozen=True, kw_only=True)
class Reply(Message):
    type: str
    topic: str = REPLIES
    saga: str
    answer: dict[str, Any]

    @property
    def key(self) -> str:
        return self.saga


@dataclass(frozen=True, kw_only=True)
class Fact(DomainEvent):
    type: str
    about: str
    facts: dict[str, Any]

    @property
    def subject(self) -> str:
        return self.about


@dataclass
class Peers:
    """Answers every command ``times`` over, as ``answers`` says; notes what it heard."""

    settings: Settings
    times: int = 1
    answers: dict[str, Any] = field(default_factory=lambda: dict(ANSWERS))
    heard: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._cluster = Cluster(self.settings)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="peers", daemon=True)
        self._producer = KafkaProducer(
            bootstrap_servers=self.settings.kafka_brokers, enable_idempotence=False, acks="all"
        )

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stopping.set()
        self._thread.join(timeout=10)
        self._producer.close(timeout=5)
        self._cluster.close()

    def tell(self, source, topic, sequence, fact_type, subject, **facts) -> None:
        """Publish a fact of another service."""
        fact = Fact(type=fact_type, about=subject, facts=facts, occurred_at=datetime.now(UTC))
        whole = event_json(
            fact, event_id=f"evt_{uuid.uuid4().hex}", sequence=sequence, stamp=_stamp(source)
        )
        self._send(topic, subject, _flat(whole))
        self._producer.flush(timeout=5)

    def _run(self) -> None:
        consumer = KafkaConsumer(
            *[self._cluster.on_wire(topic) for topic in COMMANDS],
            bootstrap_servers=self.settings.kafka_brokers,
            group_id=f"peers-{uuid.uuid4().hex}",
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            session_timeout_ms=6_000,
            heartbeat_interval_ms=2_000,
            fetch_max_wait_ms=20,
        )
        while not self._stopping.is_set():
            for records in consumer.poll(100).values():
                for record in records:
                    self._answer(parse(record.value))
        consumer.close(autocommit=False)

    def _answer(self, command: Event) -> None:
        self.heard.append(command)
        if command.type not in self.answers:
            return
        answer_type, answer = self.answers[command.type]
        source = f"/{answer_type.split('.')[0]}/1"
        reply = Reply(
            type=answer_type,
            id=f"msg_{command.id}",
            correlation_id=command.correlation_id,
            saga=command.correlation_id,
            answer=answer,
            occurred_at=datetime.now(UTC),
        )
        for _ in range(self.times):
            self._send(REPLIES, reply.key, _flat(message_json(reply, stamp=_stamp(source))))

    def _send(self, topic: str, key: str, whole: str) -> None:
        self._producer.send(
            self._cluster.on_wire(topic),
            key=key.encode(),
            value=whole.encode(),
            headers=[("content-type", CONTENT_TYPE.encode())],
        )


def _stamp(source: str) -> Stamp:
    return Stamp(source=source, context=NOBODY, recorded_at=datetime.now(UTC))


def _flat(whole: str) -> str:
    """Put what the scripts say where a service's own fields would stand."""
    document = json.loads(whole)
    data = document["data"]
    document["data"] = data.get("answer") or data.get("facts") or {}
    return json.dumps(document)
