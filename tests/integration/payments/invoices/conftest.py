"""A month to invoice."""

from __future__ import annotations

import pytest

from tests.integration.payments.invoices.month import Month


@pytest.fixture
def month(database):
    found = Month(database)
    yield found
    found.ledger.close()
