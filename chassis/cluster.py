"""The broker: which topics it has, and making those it lacks."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kafka import KafkaAdminClient
from kafka.admin import NewTopic
from kafka.errors import KafkaError, TopicAlreadyExistsError, UnknownTopicOrPartitionError

from chassis.broker_client import BrokerSilent, Line
from chassis.outbox import FIRST_WORD
from chassis.settings import Settings
from chassis.topics import durability

REQUEST_MS = 3000


class WrongPartitions(RuntimeError):
    """A topic has another number of partitions than it must keep for life."""


@dataclass(frozen=True, slots=True)
class TopicState:
    """What the broker has: its own id of the topic, which a wipe changes, and the partitions."""

    incarnation: str
    partitions: int


class Cluster:
    """The broker as one service sees it: its topics under this service's prefix.

    Names are those of the register; the prefix is added on the way out. Every method
    raises ``BrokerSilent`` when the broker does not answer within three seconds. Safe to
    use from several threads.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._line: Line | None = None
        self._seen: dict[str, tuple[float, TopicState | None]] = {}

    def on_wire(self, name: str) -> str:
        """The broker's name of a topic."""
        return self._settings.topic_prefix + name.removeprefix(FIRST_WORD)

    def in_register(self, wire_name: str) -> str:
        """The inverse of ``on_wire``."""
        return FIRST_WORD + wire_name.removeprefix(self._settings.topic_prefix)

    def group_on_wire(self, group: str) -> str:
        """The broker's name of a consumer group; two prefixes share none."""
        prefix = self._settings.topic_prefix
        return group if prefix == FIRST_WORD else f"{prefix}.{group}"

    def states(
        self, names: Iterable[str], *, fresh_within_seconds: float = 0
    ) -> dict[str, TopicState | None]:
        """What the broker has of these topics; None for one it does not know."""
        wanted, now = list(names), time.monotonic()
        with self._lock:
            known = {name: self._seen.get(name, (float("-inf"), None)) for name in wanted}
            if any(now - at >= fresh_within_seconds for at, _ in known.values()):
                self._look(wanted)
            return {name: self._seen[name][1] for name in wanted}

    def ensure(self, names: Iterable[str], *, mend: bool) -> dict[str, TopicState]:
        """Make the topics that are missing; answer the state of all.

        With ``mend``, a topic with the wrong number of partitions is deleted and made
        anew where the cluster is a single broker: what it held is sent again from the
        outbox. Elsewhere that raises ``WrongPartitions``.
        """
        wanted = list(names)
        found = self.states(wanted)
        partitions = self._settings.topic_partitions
        wrong = [name for name, state in found.items() if state and state.partitions != partitions]
        if wrong and not (mend and self._settings.topic_replicas == 1):
            raise WrongPartitions(f"{', '.join(wrong)}: not {partitions} partitions")
        with self._lock:
            self._delete(wrong)
            self._create([name for name in wanted if found[name] is None or name in wrong])
        states = self.states(wanted)
        missing = [name for name, state in states.items() if state is None]
        if missing:
            raise BrokerSilent(f"the broker does not show {', '.join(missing)} yet")
        return {name: state for name, state in states.items() if state is not None}

    def forget_group(self, group: str) -> None:
        """Delete a consumer group without members, and its offsets with it."""
        with self._lock:
            self._call(lambda admin: admin.delete_groups([self.group_on_wire(group)]))

    def close(self) -> None:
        """Close the connection; a later call opens a new one."""
        with self._lock:
            self._drop()

    def _look(self, names: list[str]) -> None:
        wire_names = [self.on_wire(name) for name in names]
        answers = self._call(lambda admin: admin.describe_topics(wire_names))
        at = time.monotonic()
        for answer in answers:
            missing = answer["error_code"] != 0
            state = None if missing else _state_of(answer)
            self._seen[self.in_register(answer["name"])] = (at, state)

    def _create(self, names: Iterable[str]) -> None:
        for name in names:
            topic = NewTopic(
                self.on_wire(name),
                self._settings.topic_partitions,
                self._settings.topic_replicas,
                topic_configs=None if self._settings.topic_replicas == 1 else durability(),
            )
            self._call(
                lambda admin, topic=topic: admin.create_topics([topic]),
                but=TopicAlreadyExistsError,
            )

    def _delete(self, names: Iterable[str]) -> None:
        for name in names:
            self._call(
                lambda admin, name=name: admin.delete_topics([self.on_wire(name)]),
                but=UnknownTopicOrPartitionError,
            )

    def _call(self, ask: Any, but: type[KafkaError] | None = None) -> Any:  # noqa: ANN401 - kafka-python has no types
        """Ask the admin client; ``but`` is the error that somebody else was faster."""
        try:
            if self._line is None:
                self._line = Line(KafkaAdminClient, self._settings, request_timeout_ms=REQUEST_MS)
            return ask(self._line.client)
        except (KafkaError, OSError) as error:
            if but is not None and isinstance(error, but):
                return None
            self._drop()
            raise BrokerSilent(str(error)[:200]) from error

    def _drop(self) -> None:
        if self._line is not None:
            line, self._line = self._line, None
            line.client.close()


def _state_of(answer: Mapping[str, Any]) -> TopicState:
    return TopicState(str(answer["topic_id"]), len(answer["partitions"]))
