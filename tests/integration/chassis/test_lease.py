"""At most one holder at a time, by the database's clock."""

from __future__ import annotations

import time

import pytest

from chassis.lease import Lease, LeaseRow
from chassis.mongo import collection
from chassis.testing.patience import eventually


@pytest.fixture
def documents():
    return [LeaseRow]


@pytest.fixture(autouse=True)
def _connected(database):
    pass


class TestLease:
    def test_belongs_to_the_first_who_asks(self):
        first, second = Lease("relay"), Lease("relay")

        assert first.hold() is True
        assert second.hold() is False
        assert first.hold() is True

    def test_passes_on_when_released(self):
        first, second = Lease("relay"), Lease("relay")
        first.hold()

        first.release()

        assert first.epoch == 1
        assert second.hold() is True
        assert second.epoch == 2

    def test_passes_on_when_its_holder_falls_silent(self):
        first, second = Lease("relay", seconds=1), Lease("relay", seconds=1)
        first.hold()
        started = time.monotonic()

        eventually(second.hold, within_seconds=20)

        assert time.monotonic() - started >= 0.9
        assert second.epoch == 2

    def test_ends_for_its_holder_before_it_may_begin_for_another(self):
        holder = Lease("relay", seconds=1)
        holder.hold()
        collection("leases").update_one({"_id": "relay"}, {"$set": {"owner": "another"}})

        eventually(lambda: not holder.hold(), within_seconds=20)

        row = collection("leases").find_one({"_id": "relay"})
        assert row["owner"] == "another"

    def test_keeps_its_epoch_while_it_is_renewed(self):
        holder = Lease("relay", seconds=0.5)

        held = [holder.hold()]
        time.sleep(0.3)
        held.append(holder.hold())

        assert held == [True, True]
        assert holder.epoch == 1

    def test_names_are_leases_of_their_own(self):
        assert Lease("relay").hold() is True
        assert Lease("task.sweep").hold() is True
