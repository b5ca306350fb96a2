"""Payments on a real database."""

from __future__ import annotations

import pytest

from tests.integration.payments.house import House, an_evening


@pytest.fixture
def house(database):
    found = House(database)
    yield found
    found.ledger.close()


@pytest.fixture
def evening(house):
    return an_evening(house)
