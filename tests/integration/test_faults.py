"""The proxy that breaks connections does break them, and mends them again."""

from __future__ import annotations

import random
import socket
import threading
import time
import uuid

import pytest
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from chassis import mongo
from chassis.embedded.ports import HOST
from chassis.testing.faults import FaultProxy
from chassis.testing.patience import eventually
from tests.databases import empty_database


@pytest.fixture
def echo():
    """A server that sends everything back, and counts what it received."""
    with _Echo() as server:
        yield server


@pytest.fixture
def proxy(echo):
    with FaultProxy(echo.port) as proxy:
        yield proxy


class TestFaultProxy:
    def test_passes_bytes_both_ways(self, proxy):
        with dial(proxy) as caller:
            assert ask(caller, b"hello") == b"hello"

    def test_carries_a_mongodb_transaction(self, mongod):
        name = f"test_{uuid.uuid4().hex}"
        with (
            FaultProxy(mongod.port) as proxy,
            MongoClient(HOST, proxy.port, directConnection=True) as client,
            client.start_session() as session,
        ):
            session.with_transaction(
                lambda inside: client[name].rows.insert_one({"_id": 1}, session=inside)
            )

            assert client[name].rows.find_one() == {"_id": 1}
            client.drop_database(name)

    def test_delays_each_way(self, proxy):
        with dial(proxy) as caller:
            proxy.latency(0.1, random_source=random.Random(1))
            started = time.monotonic()

            assert ask(caller, b"slow") == b"slow"

            assert time.monotonic() - started >= 0.2

    def test_loses_only_the_replies_when_told_so(self, proxy, echo):
        with dial(proxy) as caller:
            ask(caller, b"before")
            proxy.blackhole("replies")

            caller.sendall(b"work")

            eventually(lambda: echo.received.endswith(b"work"))
            with pytest.raises(TimeoutError):
                caller.recv(10)

    def test_swallows_requests_silently(self, proxy, echo):
        with dial(proxy) as caller:
            proxy.blackhole()

            caller.sendall(b"lost")

            with pytest.raises(TimeoutError):
                caller.recv(10)
            assert echo.received == b""

    def test_refuses_while_down_and_serves_once_healed(self, proxy):
        with dial(proxy) as caller:
            ask(caller, b"before")
            proxy.down()

            assert caller.recv(10) == b""
            with pytest.raises(ConnectionRefusedError):
                dial(proxy)

        proxy.heal()
        with dial(proxy) as caller:
            assert ask(caller, b"again") == b"again"

    def test_tears_open_connections_and_takes_new_ones(self, proxy):
        with dial(proxy) as caller:
            ask(caller, b"before")
            proxy.reset()

            with pytest.raises(ConnectionResetError):
                caller.recv(10)

        with dial(proxy) as caller:
            assert ask(caller, b"again") == b"again"


class TestDatabase:
    def test_is_empty_and_connected(self, database):
        assert mongo.database().name in database
        assert mongo.collection("nothing").find_one() is None

    def test_is_there_again_after_its_server_died(self, own_mongod):
        own_mongod.kill()

        with empty_database(own_mongod, []):
            assert mongo.collection("nothing").find_one() is None

    def test_is_let_go_of_though_its_server_died(self, own_mongod):
        with pytest.raises(PyMongoError), empty_database(own_mongod, []):
            own_mongod.kill()

        with empty_database(own_mongod, []):
            assert mongo.collection("nothing").find_one() is None


def dial(proxy: FaultProxy) -> socket.socket:
    return socket.create_connection((HOST, proxy.port), timeout=0.5)


def ask(caller: socket.socket, question: bytes) -> bytes:
    caller.sendall(question)
    return caller.recv(100)


class _Echo:
    def __enter__(self):
        self.received = b""
        self._listener = socket.create_server((HOST, 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self):
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(caller,), daemon=True).start()

    def _answer(self, caller):
        with caller:
            try:
                while chunk := caller.recv(1000):
                    self.received += chunk
                    caller.sendall(chunk)
            except OSError:
                return
