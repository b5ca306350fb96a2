"""mongod dies under load or has its writes collide: what was acknowledged is there, once."""

from __future__ import annotations

import threading

import pytest

from chassis import mongo
from chassis.kernel.decisions import Revision
from chassis.kernel.errors import Conflict
from chassis.mongo import collection
from chassis.outbox import OutboxRow, save
from tests.backbone import Tin, lot, published

CLAIMS, UNITS, CALLERS = 160, 100, 8


def test_kill_mongod_under_load(pair_on_own_mongod):
    pair = pair_on_own_mongod
    pair.start("catalog")
    pair.start("matching")
    pair.warm_up()
    stopping = threading.Event()
    load = threading.Thread(
        target=lambda: [
            pair.publish(range(1, 5), range(n, n + 1))
            for n in range(1, 400)
            if not stopping.is_set()
        ]
    )
    load.start()
    stopping.wait(1)

    pair.mongod.kill()
    stopping.wait(1)
    pair.mongod.start()
    stopping.wait(2)
    stopping.set()
    load.join()

    adopt_unknown(pair)
    pair.settle()


def adopt_unknown(pair):
    """A write whose answer was lost may or may not be there; what is there counts."""
    for subject, last in list(pair.acknowledged.items()):
        stored = collection("outbox").count_documents({"subject": subject, "sequence": {"$gt": 0}})
        assert last <= stored <= last + 1
        pair.acknowledged[subject] = stored


class TestHotLot:
    @pytest.fixture
    def documents(self):
        return [Tin, OutboxRow]

    @pytest.fixture
    def _colliding(self, database):
        """Let the next twenty updates fail as if another writer had been faster."""
        client = mongo.client()
        client.admin.command(
            {
                "configureFailPoint": "failCommand",
                "mode": {"times": 20},
                "data": {
                    "failCommands": ["update"],
                    "errorCode": 112,
                    "errorLabels": ["TransientTransactionError"],
                },
            }
        )
        yield
        client.admin.command({"configureFailPoint": "failCommand", "mode": "off"})

    @pytest.mark.usefixtures("_colliding")
    def test_sells_exactly_what_is_there_though_writes_collide(self):
        save(Tin(id=lot(), count=UNITS), Revision())
        outcomes = []

        def claim():
            tin = Tin.objects(pk=lot()).get()
            if tin.count == 0:
                return "refused"
            tin.count -= 1
            revision = tin.revision()
            save(tin, revision, [published(lot(), revision.last_sequence + 1)])
            return "sold"

        def caller():
            outcomes.extend(until_known(claim) for _ in range(CLAIMS // CALLERS))

        callers = [threading.Thread(target=caller) for _ in range(CALLERS)]
        for thread in callers:
            thread.start()
        for thread in callers:
            thread.join()

        assert outcomes.count("sold") == UNITS
        assert outcomes.count("refused") == CLAIMS - UNITS
        assert Tin.objects(pk=lot()).get().count == 0
        sequences = [row["sequence"] for row in collection("outbox").find().sort("sequence", 1)]
        assert sequences == list(range(1, UNITS + 1))


def until_known(claim):
    """As a client that is told of a conflict asks again."""
    while True:
        try:
            return mongo.atomically(claim, timeout_seconds=30)
        except Conflict:
            continue
