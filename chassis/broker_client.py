"""Opens Kafka clients so that one that cannot be opened leaves nothing behind."""

from __future__ import annotations

import contextlib
import socket
from typing import Any

from kafka.errors import KafkaError
from kafka.net.compat import KafkaNetClient

from chassis.settings import Settings

CONNECT_SECONDS = 1.0
BOOTSTRAP_MS = 3_000
RECONNECT_MS = 1_000
PATIENCE_MS = 10


class BrokerSilent(ConnectionError):
    """The broker did not answer; try again later."""


class Patient(KafkaNetClient):
    """Waits for a node that owes answers instead of asking it again at once.

    kafka-python says of a node that takes nothing before it has answered that it may be asked
    without delay: the thread of a producer with more to send then spins, with a core and the
    interpreter's lock, for as long as the broker is slow. An answer ends any wait.
    """

    def connection_delay(self, node_id: int) -> float:
        delay: float = super().connection_delay(node_id)
        return max(delay, PATIENCE_MS) if self.connected(node_id) else delay


class Line:
    """One open Kafka client and the connections under it."""

    def __init__(self, kind: Any, settings: Settings, **config: Any) -> None:  # noqa: ANN401 - kafka-python has no types
        """Open a client of this kind; raise ``BrokerSilent`` when no broker answers."""
        self._net: list[Any] = []
        brokers = settings.kafka_brokers.split(",")
        if not any(map(_is_listening, brokers)):
            raise BrokerSilent(f"nobody listens at {settings.kafka_brokers}")
        try:
            self.client = kind(
                bootstrap_servers=brokers,
                bootstrap_timeout_ms=BOOTSTRAP_MS,
                reconnect_backoff_max_ms=RECONNECT_MS,
                kafka_client=self._connect,
                **config,
            )
        except (KafkaError, OSError) as error:
            self.cut()
            raise BrokerSilent(str(error)[:200]) from error

    def cut(self) -> None:
        """Close the connections without a word to the broker."""
        for net in self._net:
            with contextlib.suppress(KafkaError, OSError, RuntimeError):
                net.close()

    def _connect(self, **config: Any) -> Patient:  # noqa: ANN401 - as above
        """Keep hold of the part that the client would leave running when it gives up."""
        net = Patient(**config)
        self._net.append(net)
        return net


def _is_listening(address: str) -> bool:
    """Whether anybody accepts connections there: a client would wait seconds to find out."""
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=CONNECT_SECONDS):
            return True
    except OSError:
        return False
