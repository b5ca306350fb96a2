"""Kafka clients are opened with what makes them fast, and not at all towards nobody."""

from __future__ import annotations

import gc
import logging
import socket
import threading

import pytest
from kafka import KafkaAdminClient, KafkaProducer
from kafka.record import util

from chassis.broker_client import BrokerSilent, Line
from chassis.settings import Settings
from chassis.testing.patience import eventually

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
