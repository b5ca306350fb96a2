"""Matching on a real database: callers over HTTP, and the other services as scripts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chassis import mongo
from chassis.embedded.mongod import Mongod
from chassis.testing.clock import FakeClock
from services.matching import app, wiring
from services.matching.offers.adapters import LiveRanking
from services.matching.offers.repositories import MongoOfferNotes
from services.matching.prepare import prepare
from services.matching.settings import MatchingSettings
from teahouse.prepare import documents_of
from tests.builders.matching import NOW, a_lot
from tests.databases import empty_database
from tests.integration.matching.journey.clearing import LOTS
from tests.integration.matching.journey.world import World
from tests.tokens import SigningKeys


@pytest.fixture(scope="module")
def kept(mongod: Mongod) -> Iterator[str]:
    """One database for a module: making its indexes takes longer than most tests."""
    with empty_database(mongod, documents_of("chassis", "services.matching")) as uri:
        yield uri


@pytest.fixture
def database(kept: str) -> str:
    """That database, emptied."""
    for name in mongo.database().list_collection_names():
        mongo.collection(name).delete_many({})
    return kept


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
def settings(database) -> MatchingSettings:
    return MatchingSettings(service="matching", mongo_uri=database)


@pytest.fixture
def followers(monkeypatch) -> Iterator[None]:
    """Rankings that an app made end with its test: they would follow a database that is gone."""
    made: list[LiveRanking] = []

    def make(*given, **named) -> LiveRanking:
        made.append(LiveRanking(*given, **named))
        return made[-1]

    monkeypatch.setattr(wiring, "LiveRanking", make)
    yield
    for ranking in made:
        ranking.close()


@pytest.fixture
def world(settings, clock, followers, monkeypatch) -> World:
    """A running matching that knows a lot, an offer, a slot, a cartridge and a community."""
    monkeypatch.setattr(app, "clock_of", lambda _settings: clock)
    prepare()
    keys = SigningKeys()
    world = World(app.create_app(settings, keys=keys), app.create_worker(settings), keys)
    world.learn()
    return world


@pytest.fixture
def market(world) -> World:
    """One pack of each of two lots, and two hosts who may have one claim each."""
    notes = MongoOfferNotes()
    notes.publish_lots([a_lot(id=lot, packs_free=1, packs_total=1) for lot in LOTS])
    return world
