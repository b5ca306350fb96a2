"""A pair of small services for each test that breaks the backbone."""

from __future__ import annotations

import pytest

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
def pair_on_own_mongod(own_mongod, own_broker, scratch, full):
    """The pair over a mongod that may be killed."""
    yield from _running(Pair(own_mongod, own_broker, scratch, full=full))


def _running(pair):
    try:
        pair.prepare()
        yield pair
    finally:
        pair.stop()
