"""The claim saga over a real broker, with scripted peers at its two ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from chassis import topics
from chassis.cluster import Cluster
from chassis.mongo import collection
from chassis.testing.patience import eventually
from chassis.worker.machine import Machine
from services.matching import app
from services.matching.settings import MatchingSettings
from tests.builders.matching import HOST, an_id
from tests.integration.matching.journey.peers import Peers
from tests.integration.matching.journey.world import A_PLAN

JOIN_SECONDS = 60


@pytest.fixture
def settings(database, broker, topic_prefix) -> MatchingSettings:
    return MatchingSettings(
        service="matching",
        mongo_uri=database,
        kafka_brokers=broker.address,
        topic_prefix=topic_prefix,
    )


@pytest.fixture
def machine(settings, world) -> Iterator[Machine]:
    """Matching's worker as threads of this process, consuming."""
    quiet = replace(settings, worker_internal_port=0, nudge_port=0)
    cluster = Cluster(quiet)
    cluster.ensure(topics.register(), mend=False)
    cluster.close()
    machine = Machine(app.create_worker(quiet))
    machine.start()
    eventually(lambda: machine.readiness.report()[0], within_seconds=JOIN_SECONDS)
    yield machine
    machine.stop()
    machine.wait()


def standing(world, claim_ids) -> list[str]:
    rows = collection("claims").find({"_id": {"$in": claim_ids}})
    return sorted(row["status"] for row in rows)


class TestClaimOverTheBroker:
    def test_is_decided_once_however_often_it_is_answered(self, world, settings, machine):
        with Peers(settings, times=2) as peers:
            claim_ids = [world.claim(packs=1) for _ in range(20)]

            eventually(lambda: standing(world, claim_ids) == ["confirmed"] * 20, within_seconds=30)

        assert len({command.id for command in peers.heard}) == 40
        for claim_id in claim_ids:
            assert world.facts(claim_id) == [
                "matching.claim.requested.v1",
                "matching.claim.confirmed.v1",
            ]

    def test_takes_back_what_was_reserved_when_funds_run_out(self, world, settings, machine):
        refused = {
            "payments.command.place-hold.v1": (
                "payments.reply.hold-refused.v1",
                {"code": "not-enough-funds", "detail": ""},
            )
        }
        with Peers(settings) as peers:
            peers.answers |= refused
            claim_id = world.claim()

            eventually(lambda: standing(world, [claim_id]) == ["rejected"], within_seconds=30)

        assert [command.type.split(".")[2] for command in peers.heard] == [
            "reserve-packs",
            "place-hold",
            "release-packs",
        ]

    def test_learns_of_hosts_that_may_host_together(self, world, settings, machine):
        newcomer = an_id("org", 77)
        with Peers(settings) as peers:
            peers.tell(
                "/identity/1",
                "teahouse.identity.organization",
                1,
                "identity.organization.registered.v1",
                newcomer,
                organization_id=newcomer,
                kind="host",
                name="Lantern friends",
                city="Beijing",
            )
            claim_id = world.claim()
            eventually(lambda: standing(world, [claim_id]) == ["confirmed"], within_seconds=30)
            eventually(
                lambda: collection("organizations").find_one({"_id": newcomer}), within_seconds=30
            )

            plan = A_PLAN | {"claim_id": claim_id, "co_host_ids": [newcomer]}
            planned = world.post(HOST, "/v1/gatherings", plan)

            assert planned.status_code == 201
            eventually(
                lambda: collection("gatherings").find_one({"status": "opened"}), within_seconds=30
            )
