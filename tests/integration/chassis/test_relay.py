"""The relay sends everything at least once, in order per subject, and survives its broker."""

from __future__ import annotations

import gc
import logging
import threading
import time

import pytest
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from chassis import outbox
from chassis.broker_client import BrokerSilent
from chassis.cluster import Cluster, WrongPartitions
from chassis.envelope import parse
from chassis.mongo import collection
from chassis.relay import Relay, queue
from chassis.relay.carrier import Outcome, _sorted
from chassis.settings import Settings
from chassis.testing.patience import eventually
from tests.backbone import LOTS, QUICK, REPLIES, lot, published, reserved

LONG_AGO_NANOSECONDS = 5_000_000_000
# kafka-python forgets to close the socket of an attempt to connect that it gave up, and a
# captured line of its log would keep that socket beyond the test.
logging.getLogger("kafka").setLevel(logging.CRITICAL)
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


class Wire:
    """One service's relay and what arrives on its topics."""

    def __init__(self, broker, topic_prefix, **changes):
        self.broker = broker
        self.settings = Settings(
            service="catalog",
            kafka_brokers=broker.address,
            topic_prefix=topic_prefix,
            **changes,
        )
        self.cluster = Cluster(self.settings)
        self.relay = Relay(self.settings, self.cluster, QUICK)

    def drain(self, *, within_seconds=40):
        """Step until nothing waits, whatever happens to the broker meanwhile."""

        def is_empty():
            try:
                self.relay.step()
            except BrokerSilent:
                return False
            return waiting() == 0

        eventually(is_empty, within_seconds=within_seconds)

    def step_until_silent(self):
        """Step until the relay finds out that the broker does not answer."""

        def finds_out():
            try:
                self.relay.step()
            except BrokerSilent:
                return True
            return False

        eventually(finds_out, within_seconds=40)

    def received(self, topic=LOTS):
        """Everything on a topic, each partition from its start."""
        consumer = KafkaConsumer(
            bootstrap_servers=self.broker.address, allow_auto_create_topics=False
        )
        partitions = [TopicPartition(self.cluster.on_wire(topic), number) for number in range(3)]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        events, quiet = [], 0
        while quiet < 5:
            found = consumer.poll(200)
            events += [parse(record.value) for records in found.values() for record in records]
            quiet = 0 if found else quiet + 1
        consumer.close()
        return events

    def close(self):
        self.relay.close()
        self.cluster.close()
        # A producer that was given up is closed aside; what it leaves open is collected now.
        eventually(lambda: "close" not in {thread.name for thread in threading.enumerate()})
        gc.collect()


def waiting():
    return collection("outbox").count_documents({"state": outbox.PENDING})


def states():
    return [row["state"] for row in collection("outbox").find().sort("place", 1)]


@pytest.fixture(autouse=True)
def _named(database):
    outbox.publish_as("/catalog/1")


@pytest.fixture
def wire(broker, topic_prefix):
    wire = Wire(broker, topic_prefix)
    yield wire
    wire.close()


@pytest.fixture
def own_wire(own_broker, topic_prefix):
    wire = Wire(own_broker, topic_prefix)
    yield wire
    wire.close()


class TestRelay:
    def test_sends_what_waits_and_marks_it(self, wire):
        outbox.append([published(lot(1), number) for number in (1, 2, 3)], [reserved("msg_1")])

        wire.drain()

        lots, replies = wire.received(), wire.received(REPLIES)
        assert [event.sequence for event in lots] == [1, 2, 3]
        assert [event.id for event in replies] == ["msg_1"]
        assert states() == [outbox.SENT] * 4
        row = collection("outbox").find_one({"_id": "msg_1"})
        assert row["epoch"] == 1
        assert row["incarnation"] == wire.cluster.states([REPLIES])[REPLIES].incarnation

    def test_keeps_the_order_of_each_subject_over_many_batches(self, wire):
        wire.relay._queue = queue.Queue(limit=7)
        for number in range(1, 31):
            outbox.append([published(lot(number % 5), 1 + number // 5)], last_sequence=number // 5)

        wire.drain()

        for number in range(5):
            mine = [event.sequence for event in wire.received() if event.subject == lot(number)]
            assert mine == sorted(mine)
            assert len(mine) == 6

    def test_finds_a_row_whose_transaction_began_earlier_and_committed_later(self, wire):
        outbox.append([published(lot(2), 1)])
        wire.drain()

        outbox.append([published(lot(1), 1)])
        long_ago = {"$set": {"place": 1}}
        collection("outbox").update_one({"subject": lot(1)}, long_ago)
        wire.drain()

        assert {event.subject for event in wire.received()} == {lot(1), lot(2)}

    def test_sends_each_row_once_though_marks_are_written_later(self, wire):
        for number in range(1, 21):
            outbox.append([published(lot(number), 1)])
            wire.relay.step()
        wire.drain()

        assert len(wire.received()) == 20

    def test_sends_again_what_it_could_not_mark(self, wire):
        outbox.append([published(lot(1), 1)])
        wire.relay.step()
        wire.relay._marks = queue.Marks()  # as if it had died here
        wire.drain()

        assert [event.sequence for event in wire.received()] == [1, 1]

    def test_leaves_the_work_to_the_holder_of_the_lease(self, wire):
        second = Relay(wire.settings, wire.cluster, QUICK)
        wire.relay.step()
        outbox.append([published(lot(1), 1)])

        moved = second.step()

        assert moved is False
        assert states() == [outbox.PENDING]
        second.close()

    def test_takes_over_at_once_from_one_that_was_closed(self, wire):
        wire.relay.step()
        wire.relay.close()
        outbox.append([published(lot(1), 1)])
        second = Relay(wire.settings, wire.cluster, QUICK)

        moved = second.step()

        assert moved is True
        second.close()

    def test_parks_what_has_no_topic_of_its_own_and_goes_on(self, wire):
        outbox.append([published(lot(1), 1)])
        outbox.append(messages=[reserved("msg_1")])
        collection("outbox").update_one(
            {"_id": "msg_1"}, {"$set": {"topic": "teahouse.catalog.nothing"}}
        )

        wire.drain()

        assert states() == [outbox.SENT, outbox.PARKED]

    def test_wakes_up_for_a_nudge(self, wire):
        stopping = threading.Event()
        thread = threading.Thread(target=wire.relay.run, args=(stopping,))
        thread.start()
        eventually(lambda: wire.relay._incarnations != {})
        started = time.monotonic()

        outbox.append([published(lot(1), 1)])
        eventually(lambda: waiting() == 0)

        seconds = time.monotonic() - started
        stopping.set()
        thread.join()
        assert seconds < 5


class TestFirstFailure:
    def test_holds_back_what_follows_it_in_the_same_subject_only(self):
        class Sent:
            def __init__(self, exception=None):
                self.exception = exception

        rows = [
            {"_id": "a1", "subject": "a"},
            {"_id": "a2", "subject": "a"},
            {"_id": "a3", "subject": "a"},
            {"_id": "b1", "subject": "b"},
        ]

        outcome = _sorted(rows, [Sent(), Sent(KafkaError("lost")), Sent(), Sent()])

        assert isinstance(outcome, Outcome)
        assert [row["_id"] for row in outcome.arrived] == ["a1", "b1"]
        assert [row["_id"] for row in outcome.failed] == ["a2", "a3"]


class TestAmnesia:
    def test_sends_everything_again_to_a_broker_that_was_wiped(self, own_wire):
        outbox.append([published(lot(1), number) for number in (1, 2)])
        own_wire.drain()
        collection("outbox").update_many({}, {"$inc": {"place": -LONG_AGO_NANOSECONDS}})
        before = own_wire.cluster.states([LOTS])[LOTS].incarnation

        own_wire.broker.wipe()
        outbox.append([published(lot(1), 3)], last_sequence=2)
        eventually(lambda: own_wire.drain() or len(own_wire.received()) >= 3, within_seconds=60)

        # A producer that was given up may still deliver what it held, once more.
        arriving = iter([event.sequence for event in own_wire.received()])
        assert all(number in arriving for number in (1, 2, 3))
        assert own_wire.cluster.states([LOTS])[LOTS].incarnation != before

    def test_takes_back_a_mark_that_names_a_broker_that_is_gone(self, wire):
        outbox.append([published(lot(1), 1)])
        wire.drain()
        collection("outbox").update_one({}, {"$set": {"incarnation": "an earlier one"}})

        forgotten = queue.sweep(wire.relay._incarnations, refeed=QUICK.refeed)

        assert forgotten == 1
        assert states() == [outbox.PENDING]

    def test_leaves_the_marks_of_this_broker_alone(self, wire):
        outbox.append([published(lot(1), 1)])
        wire.drain()

        assert queue.sweep(wire.relay._incarnations, refeed=QUICK.refeed) == 0

    def test_waits_without_loss_while_the_broker_is_away(self, own_wire):
        outbox.append([published(lot(1), 1)])
        own_wire.drain()
        own_wire.broker.kill()
        outbox.append([published(lot(1), 2)], last_sequence=1)

        own_wire.step_until_silent()
        own_wire.broker.start()
        own_wire.drain()

        assert {event.sequence for event in own_wire.received()} == {1, 2}

    def test_builds_the_producer_anew_when_the_broker_falls_silent(self, own_wire):
        outbox.append([published(lot(1), 1)])
        own_wire.drain()
        own_wire.broker.process.pause()
        outbox.append([published(lot(1), 2)], last_sequence=1)

        own_wire.step_until_silent()
        own_wire.broker.process.resume()
        own_wire.drain()

        assert {event.sequence for event in own_wire.received()} == {1, 2}


class TestTopics:
    def test_of_the_wrong_partition_count_are_made_anew_and_fed_again(self, own_wire):
        outbox.append([published(lot(1), 1)])
        own_wire.drain()
        own_wire.cluster._delete([LOTS])
        wrong = Cluster(
            Settings(
                service="catalog",
                kafka_brokers=own_wire.broker.address,
                topic_prefix=own_wire.settings.topic_prefix,
                topic_partitions=4,
            )
        )
        wrong.ensure([LOTS], mend=False)
        wrong.close()

        eventually(
            lambda: own_wire.drain() or [e.sequence for e in own_wire.received()] == [1],
            within_seconds=60,
        )

        assert own_wire.cluster.states([LOTS])[LOTS].partitions == 3

    def test_of_the_wrong_partition_count_stop_a_cluster_of_several_brokers(self, broker):
        four = Settings(
            service="catalog",
            kafka_brokers=broker.address,
            topic_prefix="test-four",
            topic_partitions=4,
        )
        cluster = Cluster(four)
        cluster.ensure([LOTS], mend=False)
        cluster.close()
        three = Settings(
            service="catalog",
            kafka_brokers=broker.address,
            topic_prefix="test-four",
            topic_replicas=3,
        )
        cluster = Cluster(three)

        with pytest.raises(WrongPartitions):
            cluster.ensure([LOTS], mend=True)

        assert cluster.states([LOTS])[LOTS].partitions == 4
        cluster.close()
