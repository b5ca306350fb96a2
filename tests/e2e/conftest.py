"""One running suite for all journeys that do not break it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from teahouse.market import Market
from teahouse.suite import Suite
from tests.conftest import free_base


@pytest.fixture(scope="session")
def suite(scratch: Path, request: pytest.FixtureRequest) -> Iterator[Suite]:
    """mongod, broker and all four services, green."""
    with Suite(
        scratch / "suite",
        port_base=free_base(),
        fresh=True,
        environment={"TEAHOUSE_SANDBOX": "1"},
        broker_kind=request.config.getoption("--broker"),
    ) as running:
        yield running


@pytest.fixture(scope="session")
def market(suite: Suite) -> Market:
    """Brands, hosts and the operator, over HTTP."""
    return Market(suite)
