"""Two small services on real processes: catalog asks, matching counts and answers.

``python -m chassis.worker tests.fault.pair`` is either, as ``PAIR_SERVICE`` says. Catalog's
facts go to matching, which notes them on a tally a subject and sends catalog a command for
each; catalog notes those. So every hop has its outbox, its relay, its inbox and its group.
"""

from __future__ import annotations

import os
import sys
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from pymongo import UpdateOne
from pymongo.errors import PyMongoError
from werkzeug.serving import make_server

from chassis import mongo, outbox
from chassis.consumer.parking import ParkedEvent
from chassis.consumer.watch import ReadTopic
from chassis.deadletters import DeadLetter
from chassis.embedded.ports import HOST, free_port
from chassis.embedded.process import ChildProcess
from chassis.envelope import Event
from chassis.inbox import HandledMessage, InboxHead
from chassis.kernel.decisions import Message
from chassis.kernel.ids import derived_id, from_int
from chassis.lease import LeaseRow
from chassis.mongo import collection
from chassis.outbox import OutboxRow
from chassis.pace import Pace
from chassis.settings import Settings
from chassis.testing.patience import eventually
from chassis.web import Blueprint, ServiceApp
from chassis.web.blueprints import keyless, public
from chassis.worker import Subscription, Worker
from tests.backbone import LOTS, PUBLISHED, published
from tests.tokens import SigningKeys

ASKED = "catalog.command.reserve-packs.v1"
COMMANDS = "teahouse.catalog.commands"
DOCUMENTS = (OutboxRow, InboxHead, HandledMessage, ParkedEvent, DeadLetter, ReadTopic, LeaseRow)
SCALED_DOWN = {
    "lease": 2.0,
    "broker_check": 0.5,
    "silence": 3.0,
    "backoff_longest": 1.0,
    "mend": 0.2,
    "gap_pull": 1.0,
    "assignment": 3.0,
}
"""The machinery's patience where a test does not run at full length."""
SESSION_SECONDS, SESSION_SECONDS_IN_FULL = 3, 10
PATIENCE_SECONDS, PATIENCE_SECONDS_IN_FULL = 60, 180


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Message):
    """What matching sends back for each fact."""

    type: ClassVar[str] = ASKED
    topic: ClassVar[str] = COMMANDS
    lot_id: str
    number: int

    @property
    def key(self) -> str:
        return self.lot_id


def tally(events: Sequence[Event]) -> None:
    """Note each fact on its subject's tally, in the order it is applied, and answer it."""
    for event in events:
        if not isinstance(event.data.get("number"), int):
            raise TypeError(f"no number in {event.id}")
    collection("tallies").bulk_write(
        [
            UpdateOne(
                {"_id": event.subject},
                {"$push": {"seen": event.sequence}, "$inc": {"sum": event.data["number"]}},
                upsert=True,
            )
            for event in events
        ]
    )
    outbox.append(
        messages=[
            Asked(
                id=derived_id("msg", event.subject, event.id),
                correlation_id=event.subject,
                occurred_at=event.time,
                lot_id=event.subject,
                number=event.data["number"],
            )
            for event in events
        ]
    )


def note(events: Sequence[Event]) -> None:
    """Note each command; a second effect of one would show as a second document."""
    collection("notes").insert_many(
        [{"message": event.id, "lot": event.subject} for event in events]
    )


def create_worker() -> Worker:
    """The worker of whichever service this process is."""
    service = os.environ["PAIR_SERVICE"]
    settings = Settings.from_env(service)
    mongo.connect(settings.mongo_uri)
    subscription = (
        Subscription("catalog.commands", [COMMANDS], {ASKED: note})
        if service == "catalog"
        else Subscription("matching.projection", [LOTS], {PUBLISHED: tally})
    )
    return Worker(settings, [subscription])


class Desk:
    """Catalog's internal HTTP, and as much of identity as a service token needs."""

    def __init__(self) -> None:
        self.port = free_port()
        keys = SigningKeys()
        settings = Settings(service="catalog", api_internal_port=self.port)
        app = ServiceApp(settings, keys=keys)
        blueprint = Blueprint("tokens", __name__, url_prefix="/v1", description="Tokens")

        @blueprint.post("/service-tokens")
        @public
        @keyless
        @blueprint.response(200)
        def give_token() -> dict[str, object]:
            """Give matching a token for catalog."""
            return {"access_token": keys.service("matching", "catalog"), "expires_in": 600}

        app.register(blueprint)
        self._server = make_server(HOST, self.port, app, threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever)

    def open(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Pair:
    """The two services, the load on them, and what must hold in the end.

    This process is catalog's api: connected to its database, it publishes in transactions
    and remembers what was acknowledged. ``full`` leaves every waiting time as in production.
    """

    def __init__(self, mongod, broker, folder, *, full, desk=None):
        self._changes = {} if full else SCALED_DOWN
        self.pace = Pace(**self._changes)
        self.session_seconds = SESSION_SECONDS_IN_FULL if full else SESSION_SECONDS
        self.patience_seconds = PATIENCE_SECONDS_IN_FULL if full else PATIENCE_SECONDS
        self.mongod, self.broker, self.folder = mongod, broker, folder
        self.name = uuid.uuid4().hex[:8]
        self.desk = desk
        self.workers = []
        self.acknowledged: dict[str, int] = {}
        self.refused = 0

    def prepare(self):
        """Make both databases; stay connected to catalog's."""
        for service in ("matching", "catalog"):
            mongo.disconnect()
            mongo.connect(self.uri(service))
            mongo.ensure_indexes(DOCUMENTS)
            for name in ("tallies", "notes"):
                mongo.database().create_collection(name)
        outbox.publish_as("/catalog/1")

    def uri(self, service):
        return self.mongod.uri(f"{service}_{self.name}")

    def start(self, service, **environment):
        """A started worker of a service; ``environment`` may name its crash point."""
        number = len(self.workers)
        port = free_port()
        prefix = service.upper()
        known = {
            "PAIR_SERVICE": service,
            f"{prefix}_MONGO_URI": self.uri(service),
            f"{prefix}_WORKER_INTERNAL_PORT": str(port),
            f"{prefix}_NUDGE_PORT": str(port),
            "TEAHOUSE_KAFKA_BROKERS": self.broker.address,
            "TEAHOUSE_TOPIC_PREFIX": f"pair-{self.name}",
            "TEAHOUSE_SESSION_TIMEOUT_MS": str(self.session_seconds * 1000),
        }
        known |= {f"TEAHOUSE_PACE_{name.upper()}": str(it) for name, it in self._changes.items()}
        if self.desk is not None:
            url = f"http://{HOST}:{self.desk.port}"
            known |= {"TEAHOUSE_IDENTITY_URL": url, "TEAHOUSE_CATALOG_INTERNAL_URL": url}
        worker = ChildProcess(
            f"{service}-{number}",
            [sys.executable, "-m", "chassis.worker", "tests.fault.pair"],
            log=self.folder / f"{self.name}-{service}-{number}.log",
            environment={**known, **environment},
        )
        worker.start()
        self.workers.append(worker)
        return worker

    def stop(self):
        for worker in self.workers:
            worker.kill()
        mongo.disconnect()

    def publish(self, subjects, sequences):
        """One transaction an event; what was acknowledged counts, the rest may or may not."""
        for sequence in sequences:
            for number in subjects:
                self._publish_one(from_int("lot", number), sequence)

    def publish_until(self, is_over, *, subject=77):
        """Publish one event after the other until something happened."""
        deadline = time.monotonic() + self.patience_seconds
        while not is_over():
            assert time.monotonic() < deadline, "\n".join(self.tails())
            self._publish_one(from_int("lot", subject), self.count(subject) + 1)
            time.sleep(0.02)

    def count(self, subject):
        """How many events of a subject were acknowledged."""
        return self.acknowledged.get(from_int("lot", subject), 0)

    def _publish_one(self, subject, sequence):
        if self.acknowledged.get(subject, 0) != sequence - 1:
            return
        try:
            mongo.atomically(
                lambda: outbox.append([published(subject, sequence)], last_sequence=sequence - 1)
            )
        except PyMongoError:
            self.refused += 1
            return
        self.acknowledged[subject] = sequence

    def read(self, service, name):
        """Every document of a service's collection."""
        with self.mongod.client() as client:
            return list(client[f"{service}_{self.name}"][name].find())

    def tallies(self):
        return {row["_id"]: row["seen"] for row in self.read("matching", "tallies")}

    def wrong(self):
        """What is lost, doubled or out of order, right now; empty when all is well."""
        found = []
        tallies = self.tallies()
        for subject, last in self.acknowledged.items():
            if tallies.get(subject) != list(range(1, last + 1)):
                found.append(f"{subject}: {tallies.get(subject)} of {last}")
        notes = [row["message"] for row in self.read("catalog", "notes")]
        if len(notes) != len(set(notes)):
            found.append("a command had two effects")
        if len(notes) != sum(self.acknowledged.values()):
            found.append(f"{len(notes)} commands of {sum(self.acknowledged.values())}")
        sums = sum(row["sum"] for row in self.read("matching", "tallies"))
        if sums != sum(last * (last + 1) // 2 for last in self.acknowledged.values()):
            found.append(f"the tallies add up to {sums}")
        return found

    def settle(self, *, within_seconds=None):
        """Wait until everything acknowledged had its one effect; answer the seconds it took."""
        started = time.monotonic()

        def is_settled():
            wrong = self.wrong()
            assert wrong == [], "\n".join([*wrong[:5], *self.tails()])
            return True

        eventually(is_settled, within_seconds=within_seconds or self.patience_seconds)
        return time.monotonic() - started

    def tails(self):
        return [f"--- {worker.name}\n{worker.tail(6)}" for worker in self.workers]

    def warm_up(self):
        """Have one event go all the way round, so that every consumer has joined."""
        self.publish([9_999], [1])
        self.settle()
