"""One process at a time decides, by the server's clock."""

from __future__ import annotations

import threading
import time

import pytest

from services.payments.ledger.repositories.lease import MongoLease
from services.payments.ledger.use_cases import Leader
from tests.unit.payments.ledger.books import MARKET

pytestmark = pytest.mark.usefixtures("database")


def a_lease(name: str, seconds: float = 6.0) -> MongoLease:
    return MongoLease(MARKET, holder=name, url=f"http://{name}", seconds=seconds)


class TestLeader:
    def test_the_first_to_ask_leads(self):
        first, second = a_lease("first"), a_lease("second")

        assert first.leader() == Leader("http://first", 1, is_here=True)
        assert second.leader() == Leader("http://first", 1, is_here=False)

    def test_leads_on_in_the_same_epoch(self):
        lease = a_lease("first", seconds=0.2)
        lease.leader()
        time.sleep(0.11)

        assert lease.leader() == Leader("http://first", 1, is_here=True)

    def test_another_takes_over_when_it_has_run_out(self):
        first, second = a_lease("first", seconds=0.1), a_lease("second", seconds=0.1)
        first.leader()
        time.sleep(0.15)

        assert second.leader() == Leader("http://second", 2, is_here=True)
        assert first.leader() == Leader("http://second", 2, is_here=False)
        assert second.epoch == 2

    def test_only_one_of_many_that_ask_at_once(self):
        leases = [a_lease(f"process-{number}") for number in range(8)]
        threads = [threading.Thread(target=lease.leader) for lease in leases]

        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sum(lease.leader().is_here for lease in leases) == 1
        assert {lease.leader().epoch for lease in leases} == {1}
