"""Kafka clients are opened with what makes them fast, and not at all towards nobody."""

from __future__ import annotations

import gc
import logging
import socket
import threading
import time
from contextlib import closing

import pytest
from kafka import KafkaAdminClient, KafkaProducer
from kafka.record import util

from chassis.broker_client import BrokerSilent, Line
from chassis.cluster import Cluster
from chassis.settings import Settings
from chassis.testing.patience import eventually
from tests.backbone import LOTS

# kafka-python forgets to close the socket of an attempt to connect that it gave up, and a
# captured line of its log would keep that socket beyond the test.
logging.getLogger("kafka").setLevel(logging.CRITICAL)
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


class TestChecksums:
    def test_are_computed_in_c(self):
        assert util.crc32c_c is not None


class TestLine:
    def test_to_nobody_is_refused_and_leaves_nothing_running(self):
        before = threading.active_count()

        with pytest.raises(BrokerSilent):
            Line(KafkaProducer, Settings(service="catalog", kafka_brokers="127.0.0.1:9"))

        assert threading.active_count() <= before

    def test_to_one_that_accepts_and_never_answers_leaves_nothing_running(self):
        with socket.socket() as mute:
            mute.bind(("127.0.0.1", 0))
            mute.listen()
            address = f"127.0.0.1:{mute.getsockname()[1]}"
            before = threading.active_count()

            with pytest.raises(BrokerSilent):
                Line(KafkaAdminClient, Settings(service="catalog", kafka_brokers=address))

        eventually(lambda: threading.active_count() <= before)
        gc.collect()

    @pytest.mark.parametrize("in_flight", [1, 5])
    def test_of_a_producer_rests_while_the_broker_owes_an_answer(self, own_broker, in_flight):
        settings = Settings(service="catalog", kafka_brokers=own_broker.address)
        cluster = Cluster(settings)
        cluster.ensure([LOTS], mend=False)
        topic = cluster.on_wire(LOTS)
        cluster.close()
        line = Line(
            KafkaProducer,
            settings,
            enable_idempotence=False,
            linger_ms=0,
            max_in_flight_requests_per_connection=in_flight,
        )
        with closing(line.client) as producer:
            producer.send(topic, b"first").get(timeout=30)
            own_broker.process.pause()
            waiting = []
            for number in range(30):
                waiting.append(producer.send(topic, b"more", partition=number % 3))
                time.sleep(0.002)

            used = time.process_time()
            time.sleep(0.5)
            used = time.process_time() - used
            own_broker.process.resume()

            assert used < 0.2  # it was all of the half second
            assert all(each.get(timeout=30) for each in waiting)
