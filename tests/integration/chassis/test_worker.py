"""A worker on a real broker: nothing is lost or doubled, and it never gets stuck."""

from __future__ import annotations

import gc
import logging
import socket
import threading
import urllib.error
import urllib.request

import pytest
from kafka import KafkaProducer
from marshmallow import ValidationError

from chassis import deadletters, metrics, mongo, outbox
from chassis.embedded.ports import free_port
from chassis.mongo import collection
from chassis.settings import Settings
from chassis.testing.patience import eventually
from chassis.worker import Subscription, Task, Worker
from chassis.worker.machine import Machine
from tests.backbone import LOTS, PUBLISHED, QUICK, envelope, lot, published

GROUP = "matching.projection"
TOIL = 200

# kafka-python forgets to close the socket of an attempt to connect that it gave up, and a
# captured line of its log would keep that socket beyond the test.
logging.getLogger("kafka").setLevel(logging.CRITICAL)
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


class House:
    """A service that reads its own facts, and the machines that run it."""

    def __init__(self, broker, topic_prefix):
        self.broker = broker
        self.prefix = topic_prefix
        self.port = free_port()
        self.trouble = None
        self.ran = self.toiled = 0
        self.machines = []

    def settings(self):
        return Settings(
            service="catalog",
            kafka_brokers=self.broker.address,
            topic_prefix=self.prefix,
            session_timeout_ms=3000,
            worker_internal_port=self.port,
            nudge_port=self.port,
        )

    def start(self):
        """Start a machine of the service."""
        worker = Worker(
            self.settings(),
            [Subscription(GROUP, [LOTS], {PUBLISHED: self.put})],
            [Task("count", 0.05, self.tick), Task("toil", 1.0, self.toil)],
        )
        machine = Machine(worker, pace=QUICK, fetch=lambda *_: [])
        machine.start()
        self.machines.append(machine)
        return machine

    def stop(self, machine):
        self.machines.remove(machine)
        machine.stop()
        machine.wait()

    def put(self, events):
        if self.trouble is not None:
            raise self.trouble
        collection("shelf").insert_many(
            [{"subject": event.subject, "sequence": event.sequence} for event in events]
        )

    def tick(self):
        self.ran += 1

    def toil(self):
        """Some of a long piece of work; whether more of it is left."""
        self.toiled += 1
        return self.toiled < TOIL

    def publish(self, number, *sequences):
        for sequence in sequences:
            event = published(lot(number), sequence)
            outbox.append([event], last_sequence=sequence - 1)

    def on_shelf(self, number):
        return [row["sequence"] for row in collection("shelf").find({"subject": lot(number)})]

    def await_shelf(self, number, sequences, *, within_seconds=90):
        eventually(lambda: self.on_shelf(number) == list(sequences), within_seconds=within_seconds)

    def ask(self, path):
        """Status and text of the internal port."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}") as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()


@pytest.fixture
def house(database, broker, topic_prefix):
    yield from _house(broker, topic_prefix)


@pytest.fixture
def own_house(database, own_broker, topic_prefix):
    yield from _house(own_broker, topic_prefix)


def _house(broker, topic_prefix):
    mongo.database().create_collection("shelf")
    outbox.publish_as("/catalog/1")
    house = House(broker, topic_prefix)
    yield house
    for machine in list(house.machines):
        house.stop(machine)
    eventually(lambda: "close" not in {thread.name for thread in threading.enumerate()})
    gc.collect()


def duplicates():
    return metrics.DUPLICATES_DROPPED.labels(GROUP)._value.get()


class TestWorker:
    def test_carries_facts_from_commit_to_handler_in_order(self, house):
        house.start()

        house.publish(1, 1, 2, 3)
        house.publish(2, 1)

        house.await_shelf(1, [1, 2, 3])
        house.await_shelf(2, [1])

    def test_goes_on_where_it_stopped(self, house):
        first = house.start()
        house.publish(1, 1, 2)
        house.await_shelf(1, [1, 2])
        house.stop(first)
        house.publish(1, 3)
        before = duplicates()

        house.start()

        house.await_shelf(1, [1, 2, 3])
        assert duplicates() == before

    def test_can_be_stopped_before_it_was_assigned_anything(self, house):
        house.stop(house.start())
        house.publish(1, 1)

        house.start()

        house.await_shelf(1, [1])

    def test_keeps_everything_while_its_database_or_a_peer_is_away(self, house):
        house.start()
        house.publish(1, 1)
        house.await_shelf(1, [1])
        house.trouble = ConnectionError("nobody there")
        house.publish(1, 2, 3)
        eventually(lambda: metrics.CONSUMER_LAG.labels(GROUP)._value.get() > 0, within_seconds=20)

        house.trouble = None

        house.await_shelf(1, [1, 2, 3])
        assert deadletters.dead_letters() == []

    def test_runs_its_tasks(self, house):
        house.start()

        eventually(lambda: house.ran > 2)

    def test_goes_on_with_a_task_that_has_more_to_do(self, house):
        house.start()

        eventually(lambda: house.toiled >= TOIL)  # minutes, if it rested each time

    def test_runs_a_task_in_one_of_two_workers(self, house):
        first = house.start()
        eventually(lambda: house.ran > 0)
        lease = collection("leases").find_one({"_id": "tasks"})
        house.port = free_port()

        house.start()

        assert collection("leases").find_one({"_id": "tasks"})["owner"] == lease["owner"]
        house.stop(first)
        eventually(
            lambda: collection("leases").find_one({"_id": "tasks"})["owner"] != lease["owner"]
        )


class TestStatus:
    def test_is_ready_once_every_consumer_has_had_its_share(self, house):
        house.start()

        eventually(lambda: house.ask("/readyz")[0] == 200, within_seconds=60)

        assert house.ask("/livez")[0] == 200
        assert "teahouse_outbox_pending" in house.ask("/metrics")[1]
        assert house.ask("/nothing")[0] == 404

    def test_turns_red_when_a_consumer_halts_at_its_limit(self, house):
        house.start()
        eventually(lambda: house.ask("/readyz")[0] == 200, within_seconds=60)
        house.trouble = ValidationError("a bad deploy")
        for number in range(1, 40):
            house.publish(number, 1)

        eventually(lambda: house.ask("/readyz")[0] == 503, within_seconds=60)

        assert '"limit": false' in house.ask("/readyz")[1]
        assert len(deadletters.dead_letters()) == 20


class TestPoison:
    @pytest.mark.parametrize(
        ("raw", "reason"),
        [
            (b"{", "json"),
            (b"\xff" * 10, "json"),
            (b"x" * 900_000, "too-large"),
            (envelope(lot(9), 1, source="/identity/1").encode(), "source"),
            (envelope(lot(9), 1).replace('"1.0"', '"0.3"').encode(), "specversion"),
        ],
    )
    def test_is_set_aside_while_the_rest_flows(self, house, raw, reason):
        house.start()
        house.publish(1, 1)
        house.await_shelf(1, [1])
        producer = KafkaProducer(bootstrap_servers=house.broker.address, enable_idempotence=False)
        for partition in range(3):
            topic = f"{house.prefix}.catalog.lot"
            producer.send(topic, raw, partition=partition).get(timeout=30)
        producer.close()

        house.publish(1, 2)

        house.await_shelf(1, [1, 2])
        eventually(deadletters.dead_letters)
        (dead,) = deadletters.dead_letters()
        assert dead["reason"] == reason


class TestBrokerWiped:
    def test_loses_nothing_and_doubles_nothing(self, own_house):
        own_house.start()
        own_house.publish(1, 1, 2, 3)
        own_house.await_shelf(1, [1, 2, 3])

        own_house.broker.wipe()
        own_house.publish(1, 4, 5)
        own_house.publish(2, 1)

        own_house.await_shelf(1, [1, 2, 3, 4, 5])
        own_house.await_shelf(2, [1])

    def test_with_events_still_on_the_wire_loses_none(self, own_house):
        first = own_house.start()
        own_house.publish(1, 1)
        own_house.await_shelf(1, [1])
        own_house.trouble = ConnectionError("slow")
        own_house.publish(1, 2, 3, 4)
        eventually(lambda: collection("outbox").count_documents({"state": 0}) == 0)

        own_house.broker.wipe()
        own_house.trouble = None

        own_house.await_shelf(1, [1, 2, 3, 4])
        own_house.stop(first)

    def test_while_no_worker_ran_reads_the_new_log_from_its_start(self, own_house):
        first = own_house.start()
        own_house.publish(1, *range(1, 9))
        own_house.await_shelf(1, range(1, 9))
        own_house.stop(first)

        own_house.broker.wipe()
        own_house.publish(1, 9)
        own_house.start()

        own_house.await_shelf(1, range(1, 10))


class TestPort:
    def test_that_is_taken_ends_the_worker_instead_of_leaving_it_half_alive(self, house):
        with socket.socket() as other:
            other.bind(("127.0.0.1", house.port))
            other.listen()

            with pytest.raises(OSError, match="in use"):
                house.start()
