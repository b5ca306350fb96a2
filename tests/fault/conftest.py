"""A pair of small services for each test that breaks the backbone."""

from __future__ import annotations

import uuid

import pytest

from chassis.embedded.mongod import Mongod, MongodOptions
from chassis.embedded.ports import free_port
from tests.fault.pair import Desk, Pair


@pytest.fixture
def pair(mongod, own_broker, scratch, full):
    """Catalog and matching over the shared mongod and a broker that may be broken."""
    yield from _running(Pair(mongod, own_broker, scratch, full=full))


@pytest.fixture
def desk():
    """Catalog's internal HTTP port."""
    desk = Desk()
    desk.open()
    yield desk
    desk.close()


@pytest.fixture
def pair_with_desk(mongod, own_broker, scratch, full, desk):
    """The pair, and catalog's outbox over HTTP."""
    yield from _running(Pair(mongod, own_broker, scratch, full=full, desk=desk))


@pytest.fixture
def pair_on_own_mongod(own_broker, scratch, full):
    """The pair over a mongod that may be killed."""
    folder = scratch / uuid.uuid4().hex[:8]
    folder.mkdir()
    server = Mongod(
        folder / "mongod",
        port=free_port(),
        log=folder / "mongod.log",
        options=MongodOptions(test_commands=True),
    )
    server.start()
    yield from _running(Pair(server, own_broker, scratch, full=full))
    server.kill()


def _running(pair):
    pair.prepare()
    yield pair
    pair.stop()
