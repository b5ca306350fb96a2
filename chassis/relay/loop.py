"""The relay's loop: hold the lease, know the broker, read, send, mark."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections.abc import Sequence

from pymongo.errors import PyMongoError

from chassis import crash, metrics, nudge
from chassis.broker_client import BrokerSilent
from chassis.cluster import Cluster, WrongPartitions
from chassis.lease import Lease
from chassis.logging import logger
from chassis.mongo import Row
from chassis.pace import Pace
from chassis.relay import queue
from chassis.relay.carrier import Carrier, Outcome
from chassis.settings import Settings
from chassis.topics import produced_by

FIRST_BACKOFF_SECONDS = 0.1


class Relay:
    """Sends this service's waiting rows for as long as it holds the lease.

    Several may run: the lease makes one of them active, and should two be, the worst is a
    duplicate, for the sequence of each subject is what orders its consumers.
    """

    def __init__(self, settings: Settings, cluster: Cluster, pace: Pace) -> None:
        self._pace = pace
        self._cluster = cluster
        self._topics = produced_by(settings.service)
        self._lease = Lease("relay", seconds=pace.lease)
        self._carrier = Carrier(settings, cluster, pace)
        self._queue = queue.Queue()
        self._marks = queue.Marks()
        self._incarnations: dict[str, str] = {}
        self._check_at = float("-inf")
        self._log = logger("relay")

    def run(self, stopping: threading.Event) -> None:
        """Work until ``stopping`` is set, then let the lease go."""
        failures, pause = 0, self._pace.poll_shortest
        while not stopping.is_set():
            try:
                moved = self.step()
            except (BrokerSilent, WrongPartitions, PyMongoError) as error:
                self._suffer(error, failures)
                failures += 1
                stopping.wait(self._backoff(failures))
                continue
            failures = 0
            pause = self._pace.poll_shortest if moved else min(2 * pause, self._pace.poll_longest)
            # After a whole round there is nothing more to read before the next nudge.
            if (not moved or self._queue.is_drained) and nudge.wait(pause):
                pause = self._pace.poll_shortest
        self.close()

    def close(self) -> None:
        """Finish what was handed to the broker and let another relay take over at once."""
        self._carrier.close()
        with contextlib.suppress(PyMongoError):
            self._mark()
        self._lease.release()
        metrics.RELAY_EPOCH.set(0)

    def step(self) -> bool:
        """One round; answer whether anything was sent.

        Raises ``BrokerSilent`` when the broker is gone; the rows then stay as they are.
        """
        if not self._lease.hold():
            metrics.RELAY_EPOCH.set(0)
            return False
        metrics.RELAY_EPOCH.set(self._lease.epoch)
        if time.monotonic() >= self._check_at:
            self._know_broker()
        if self._marks.is_due:
            self._mark()
        rows = self._queue.read(but=self._marks.ids)
        strays = [row for row in rows if row["topic"] not in self._incarnations]
        if strays:
            self._log.error("no topic of ours", topics=sorted({row["topic"] for row in strays}))
            queue.park((row, "the topic is not registered as ours") for row in strays)
            return True
        if not rows:
            return False
        crash.point("R1")
        known = dict(self._incarnations)
        outcome = self._carry(rows)
        crash.point("R3")
        self._marks.add(outcome.arrived, known)
        queue.park(outcome.refused)
        if outcome.failed:
            raise BrokerSilent(f"{len(outcome.failed)} rows were not acknowledged")
        return True

    def _carry(self, rows: Sequence[Row]) -> Outcome:
        """Hand rows to the broker; after a failure the oldest are read first again.

        A newer row of their subject would overtake them otherwise.
        """
        try:
            outcome = self._carrier.carry(rows, keep_lease=self._lease.hold)
        except BrokerSilent:
            self._queue.start_over()
            raise
        if outcome.failed:
            self._queue.start_over()
        return outcome

    def _mark(self) -> None:
        self._marks.write(epoch=self._lease.epoch)
        crash.point("R4")

    def _know_broker(self) -> None:
        """Learn the broker's topic ids, and send again what an earlier broker held."""
        found = self._cluster.ensure(self._topics, mend=True)
        incarnations = {name: state.incarnation for name, state in found.items()}
        if self._incarnations and incarnations != self._incarnations:
            self._log.warning("the broker has forgotten its topics")
            metrics.BROKER_INCARNATIONS.inc()
            self._carrier.drop("forgotten")
            self._mark()  # with the ids known before, or the sweep would miss these rows
        self._incarnations = incarnations
        forgotten = queue.sweep(incarnations, refeed=self._pace.refeed)
        if forgotten:
            self._log.warning("sending again", rows=forgotten)
            self._queue.start_over()
        queue.measure()
        self._check_at = time.monotonic() + self._pace.broker_check

    def _suffer(self, error: Exception, failures: int) -> None:
        self._check_at = float("-inf")
        if failures == 0:
            self._log.warning("cannot send", why=str(error)[:200])

    def _backoff(self, failures: int) -> float:
        longest = min(FIRST_BACKOFF_SECONDS * 2**failures, self._pace.backoff_longest)
        return random.uniform(FIRST_BACKOFF_SECONDS, longest)  # noqa: S311 - jitter
