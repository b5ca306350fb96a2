"""Brokers that speak the Kafka protocol; this one keeps everything in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from chassis.embedded.binaries import tansu_binary
from chassis.embedded.ports import HOST, is_answering, is_free
from chassis.embedded.process import ChildProcess
from chassis.embedded.trouble import port_taken


class Broker(Protocol):
    """A broker of one node on 127.0.0.1, whichever program it is."""

    process: ChildProcess
    port: int

    @property
    def address(self) -> str:
        """What a service is given as ``..._KAFKA_BROKERS``."""
        ...

    def start(self, *, within_seconds: float = ...) -> None:
        """Start and wait until it answers; ``CannotStart`` says why it does not."""
        ...

    def launch(self) -> None:
        """Start without waiting; poll ``is_ready``."""
        ...

    def is_ready(self) -> bool: ...

    def kill(self) -> None:
        """End it as ``kill -9`` does."""
        ...

    def stop(self) -> None: ...

    def erase(self) -> None:
        """Delete what a stopped broker has kept."""
        ...

    def wipe(self) -> None:
        """Kill it and start it again empty: topics, messages and offsets are gone."""
        ...


class Tansu:
    """The broker Tansu with memory storage: it forgets everything when it stops.

    That is wanted: what MongoDB does not remember would be lost every day, not once a year.
    ``advertised_port`` is where clients are sent, for a proxy in between.
    """

    def __init__(self, *, port: int, log: Path, advertised_port: int | None = None) -> None:
        self.port = port
        command = [
            *(str(tansu_binary()), "broker", "--storage-engine", "memory://tansu/"),
            *("--listener-url", f"tcp://{HOST}:{port}"),
            *("--advertised-listener-url", f"tcp://{HOST}:{advertised_port or port}"),
        ]
        self.process = ChildProcess("broker", command, log=log, environment={"RUST_LOG": "warn"})

    @property
    def address(self) -> str:
        return f"{HOST}:{self.port}"

    def start(self, *, within_seconds: float = 20) -> None:
        self.launch()
        self.process.wait_until(self.is_ready, within_seconds=within_seconds)

    def launch(self) -> None:
        # It says "ready" and then exits with 0 when the port is taken, so look first.
        if not is_free(self.port):
            raise port_taken("broker", self.port)
        self.process.start()

    def is_ready(self) -> bool:
        return is_answering(self.port) and answers_kafka(self.address)

    def kill(self) -> None:
        self.process.kill()

    def stop(self) -> None:
        self.process.stop(grace_seconds=3)

    def erase(self) -> None:
        """There is nothing to delete: it lived in memory."""

    def wipe(self) -> None:
        self.kill()
        self.start()


def answers_kafka(address: str) -> bool:
    """Whether a broker at this address answers a request for its topics."""
    # kafka-python takes half a second to import: who only needs the classes need not wait.
    from kafka import KafkaAdminClient  # noqa: PLC0415 - as said
    from kafka.errors import KafkaError  # noqa: PLC0415 - as said

    try:
        admin = KafkaAdminClient(
            bootstrap_servers=address, request_timeout_ms=3_000, bootstrap_timeout_ms=3_000
        )
    except (KafkaError, OSError):
        return False
    try:
        admin.list_topics()
    except (KafkaError, OSError):
        return False
    finally:
        admin.close()
    return True
