"""A release waits for its money, and leaves the others alone."""

from __future__ import annotations

import pytest

from chassis.kernel.decisions import NotYet
from services.payments.releases.domain import Release, day_of
from services.payments.releases.handlers import release_executor
from tests.builders.payments import HOST, NOW, FakeLedger, Shelf, an_id, yuan


def test_waits_until_all_that_it_frees_is_there():
    planned = Release(an_id("rel"), HOST, day_of(NOW), yuan(10), 1)
    releases, ledger = Shelf(LookupError, planned), FakeLedger({f"org:{HOST}:pending": 999})
    executor = release_executor(releases, ledger, lambda: NOW)
    with pytest.raises(NotYet):
        executor.submit(planned)

    ledger.balances[f"org:{HOST}:pending"] += 1
    executor.record(releases.get(planned.id), executor.submit(planned))

    assert ledger.balances[f"org:{HOST}:available"] == 1_000
    assert releases.get(planned.id).state == "completed"
