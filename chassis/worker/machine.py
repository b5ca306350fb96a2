"""Runs a worker: relay, consumers, menders and tasks as threads of one process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from chassis import metrics, nudge, outbox
from chassis.client import PeerUnavailable, ServiceClient
from chassis.cluster import Cluster
from chassis.consumer.applier import Applier, Unavailable
from chassis.consumer.limit import Halted
from chassis.consumer.loop import GroupLoop
from chassis.consumer.mender import Fetch, Mender
from chassis.context import Context, bound
from chassis.health import Readiness
from chassis.lease import Lease
from chassis.logging import logger
from chassis.pace import Pace
from chassis.relay import Relay
from chassis.settings import Settings
from chassis.worker import Subscription, Task, Worker
from chassis.worker.status import StatusServer

STOP_SECONDS = 20.0
OK = 200


class Machine:
    """A worker's threads. A thread that fails in a way nobody foresaw stops them all."""

    def __init__(
        self, worker: Worker, *, pace: Pace | None = None, fetch: Fetch | None = None
    ) -> None:
        self._worker = worker
        self._settings = worker.settings
        self._pace = pace or Pace.from_env()
        self._fetch = fetch or Peers(worker.settings)
        self._cluster = Cluster(worker.settings)
        # One for all tasks: renewing one each would be most of an idle service's writes.
        self._lease = Lease("tasks", seconds=self._pace.lease)
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._loops: list[GroupLoop] = []
        self._log = logger("worker")
        own = {"consuming": self._is_consuming, "limit": self._is_allowed}
        self.readiness = Readiness({**own, **worker.checks})
        self.has_failed = False

    def start(self) -> None:
        """Start everything and return; raise ``OSError`` when the internal port is taken."""
        if self._settings.worker_internal_port:
            server = StatusServer(self._settings.worker_internal_port, self.readiness)
            self._spawn("status", lambda: server.serve(self._stopping))
        outbox.publish_as(self._settings.source)
        relay = Relay(self._settings, self._cluster, self._pace)
        self._spawn("relay", lambda: relay.run(self._stopping))
        for subscription in self._worker.subscriptions:
            self._subscribe(subscription)
        for task in self._worker.tasks:
            self._schedule(task)
        if self._settings.nudge_port:
            port = self._settings.nudge_port
            self._spawn("nudge", lambda: nudge.listen(port, self._stopping))

    def stop(self) -> None:
        """Ask every thread to finish what it has in hand."""
        self._stopping.set()
        nudge.ring()

    def wait(self) -> None:
        """Return when ``stop`` was called and every thread has ended, 20 s at most."""
        while not self._stopping.wait(1.0):
            pass
        for thread in self._threads:
            thread.join(STOP_SECONDS)
        self._lease.release()
        self._cluster.close()

    def _subscribe(self, subscription: Subscription) -> None:
        group = subscription.group
        pace = self._pace
        if not subscription.is_urgent:
            pace = pace.unhurried(is_shown=subscription.is_shown)
        applier = Applier(group, subscription.handlers, pace)
        loop = GroupLoop(self._settings, self._cluster, applier, subscription.topics, pace)
        self._loops.append(loop)
        self._spawn(group, lambda: loop.run(self._stopping))
        mender = Mender(applier, self._fetch, pace)
        self._schedule(Task(f"mend.{group}", pace.mend, mender.step))

    def _schedule(self, task: Task) -> None:
        self._spawn(task.name, partial(self._repeat, task))

    def _repeat(self, task: Task) -> None:
        rest = task.seconds
        while not self._stopping.wait(rest):
            rest = 0.0 if self._lease.hold() and self._has_more(task) else task.seconds

    def _has_more(self, task: Task) -> bool:
        """Run a task; whether it says that more is left to do."""
        acting = Context(actor=f"service:{self._settings.service}", reason=f"task:{task.name}")
        try:
            with bound(acting):
                return task.function() is True
        except (Unavailable, Halted) as error:
            self._log.warning("task waits", task=task.name, why=str(error)[:200])
        except Exception:  # noqa: BLE001 - whatever it is, the task is due again soon
            metrics.TASK_FAILURES.labels(task.name).inc()
            self._log.exception("task failed", task=task.name)
        return False

    def _spawn(self, name: str, work: Callable[[], object]) -> None:
        def guarded() -> None:
            try:
                work()
            except Exception:  # noqa: BLE001 - a supervisor starts us again from a clean state
                self._log.exception("thread failed", thread=name)
                self.has_failed = True
                self.stop()

        thread = threading.Thread(target=guarded, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _is_consuming(self) -> bool:
        """Every consumer has had partitions once; later trouble with Kafka is no matter."""
        return all(loop.has_joined for loop in self._loops)

    def _is_allowed(self) -> bool:
        """No consumer has halted at its dead-letter limit."""
        return not any(loop.is_halted for loop in self._loops)


class Peers:
    """Pulls what is missing from the outbox of the service that published it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._clients: dict[str, ServiceClient] = {}

    def __call__(self, service: str, subject: str, after_sequence: int) -> Sequence[str]:
        if service not in self._clients:
            self._clients[service] = ServiceClient(self._settings, service)
        answer: Any = self._clients[service].get(
            "/internal/outbox", subject=subject, after_sequence=after_sequence
        )
        if answer.status_code != OK:
            raise PeerUnavailable(f"{answer.status_code} from {service}")
        events: Sequence[str] = answer.json()["events"]
        return events
