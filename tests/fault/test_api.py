"""A writing request has exactly one effect, wherever its api dies and while the broker is away."""

from __future__ import annotations

import secrets
import shutil
import threading
import time
import uuid

import pytest
from pymongo import MongoClient

from chassis.crash import KILLED
from chassis.testing.patience import eventually
from teahouse.demo.journey.parties import Person
from teahouse.demo.journey.wire import Wire
from tests.conftest import new_suite

SERVICES = ("identity", "catalog")
API = "catalog-api"
AWAY_SECONDS, AWAY_SECONDS_IN_FULL = 5, 600
COMMIT_TAKES_SECONDS = 3


class Shop:
    """A venue owner in front of catalog, who repeats herself until she has an answer."""

    def __init__(self, suite):
        self.suite = suite
        self.wire = Wire({name: suite.public_url(name) for name in SERVICES})
        owner = Person(
            self.wire,
            email=f"owner-{secrets.token_hex(6)}@example.com",
            password=secrets.token_hex(8),
            name="Owner",
        )
        owner.register()
        self.venue = owner.found("venue", "Tea house", "Beijing")

    def open_room(self, name):
        """One writing request, with one key however often it has to be repeated."""
        room = {"name": name, "city": "Beijing", "capacity": 20, "equipment": []}
        return self.venue.post("catalog", "/v1/venues", room)["id"]

    def rooms(self):
        return [(room["id"], room["name"]) for room in self.venue.every("catalog", "/v1/venues")]

    def facts_about(self, room_id):
        with self.mongo() as client:
            return client["catalog"]["outbox"].count_documents({"subject": room_id})

    def waiting(self):
        with self.mongo() as client:
            return client["catalog"]["outbox"].count_documents({"state": 0})

    def mongo(self):
        return MongoClient(self.suite.mongo_uri)


@pytest.fixture(scope="module")
def shop(request, scratch):
    folder = scratch / f"shop-{uuid.uuid4().hex[:8]}"
    with new_suite(request.config, folder, services=SERVICES) as suite:
        yield Shop(suite)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("point", ["W1", "W2", "W4"])
def test_killed_at(shop, point):
    shop.open_room(f"before {point}")
    before = shop.rooms()
    shop.suite.hold(API)
    shop.suite.release(API, once={"TEAHOUSE_CRASH_AT": point})

    room_id = shop.open_room(f"room {point}")

    assert shop.suite.last_exit(API) == KILLED
    assert sorted(shop.rooms()) == sorted([*before, (room_id, f"room {point}")])
    assert shop.facts_about(room_id) == 1


def test_killed_while_its_commit_was_under_way(shop):
    before, answers = shop.rooms(), []
    with shop.mongo() as client:
        slow = {
            "failCommands": ["commitTransaction"],
            "blockConnection": True,
            "blockTimeMS": COMMIT_TAKES_SECONDS * 1000,
        }
        client.admin.command("configureFailPoint", "failCommand", mode="alwaysOn", data=slow)
        asking = threading.Thread(target=lambda: answers.append(shop.open_room("room W3")))
        asking.start()
        eventually(lambda: commits_under_way(client) > 0, within_seconds=20)

        shop.suite.kill(API)
        client.admin.command("configureFailPoint", "failCommand", mode="off")
        asking.join()

    (room_id,) = answers
    assert sorted(shop.rooms()) == sorted([*before, (room_id, "room W3")])
    assert shop.facts_about(room_id) == 1


def test_takes_requests_while_the_broker_is_away(shop, full):
    shop.open_room("before it left")
    eventually(lambda: shop.waiting() == 0, within_seconds=30)
    shop.suite.hold("broker")
    repeats, opened = shop.wire.repeats, []

    until = time.monotonic() + (AWAY_SECONDS_IN_FULL if full else AWAY_SECONDS)
    while time.monotonic() < until:
        opened.append(shop.open_room(f"meanwhile {len(opened)}"))

    assert shop.wire.repeats == repeats
    assert shop.waiting() >= len(opened)
    shop.suite.release("broker")
    eventually(lambda: shop.waiting() == 0, within_seconds=60 + len(opened) / 1500)
    assert set(opened) <= {room_id for room_id, _ in shop.rooms()}


def commits_under_way(client):
    running = client.admin.aggregate(
        [
            {"$currentOp": {"allUsers": True}},
            {"$match": {"command.commitTransaction": {"$exists": True}}},
        ]
    )
    return len(list(running))
