"""People on the running suite that all journeys share."""

from __future__ import annotations

import pytest

from teahouse.market import Market
from teahouse.suite import Suite


@pytest.fixture(scope="session")
def market(suite: Suite) -> Market:
    """Brands, hosts and the operator, over HTTP."""
    return Market(suite)
