"""A process that starts from a snapshot ranks as one that has read everything."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from pymongo.errors import OperationFailure

from chassis import mongo
from chassis.testing.patience import eventually
from services.matching.models.documents import MODELS
from services.matching.offers.adapters import LiveRanking, live, snapshots
from services.matching.offers.adapters.snapshots import Snapshots
from tests.integration.matching.ranking.conftest import RANKED_BY
from tests.integration.matching.ranking.told import lot_id
from tests.unit.matching.offers.builders import NOW, a_host

CHANGES, HISTORY_LOST = live._changes, 286


@pytest.fixture
def started(clock, lots, hosts, tmp_path):
    """Starts a ranking in a process of its own, as far as that can be seen."""

    @contextmanager
    def start():
        ranking = LiveRanking(
            clock,
            RANKED_BY.ranking,
            models=MODELS,
            lots=lots,
            hosts=hosts,
            snapshots=Snapshots(tmp_path),
        )
        try:
            yield ranking
        finally:
            ranking.close()

    return start


@pytest.fixture
def keep(started, tmp_path, monkeypatch):
    """Keeps a snapshot of what is stored now, in the way a running process does."""

    def keep():
        (tmp_path / snapshots.NAME).unlink(missing_ok=True)
        with monkeypatch.context() as patched, started() as ranking:
            patched.setattr(snapshots, "EVERY_SECONDS", 0)
            ranking.is_ready()
            eventually((tmp_path / snapshots.NAME).exists)

    return keep


@pytest.fixture
def read_all(monkeypatch):
    """Notes whenever all lots are read."""
    times, load = [], live.load_index

    def noted(*given, **options):
        times.append(given)
        return load(*given, **options)

    monkeypatch.setattr(live, "load_index", noted)
    return times


def ranked(ranking):
    eventually(ranking.is_ready)
    model = ranking.model()
    found = ranking.best(a_host(), model=model, limit=50, listed=True, now=NOW)
    return [(each.position, each.lot, each.subsidy) for each in found]


def names(ranking):
    return [position.lot_id for position, _, _ in ranked(ranking)]


def some_market(told):
    told.take(told.opened(), *(told.published(number) for number in range(1, 6)))
    told.take(told.packs("reserved", 1, claim=1, packs=1, free=9), told.closed(2))


class TestWarmStart:
    def test_ranks_exactly_as_a_cold_one_and_reads_no_lot(
        self, told, ranking, started, keep, read_all
    ):
        some_market(told)
        keep()
        read_all.clear()

        with started() as warm:
            found = ranked(warm)

        assert read_all == []
        assert found == ranked(ranking)
        assert len(found) == 4

    def test_knows_what_changed_while_nobody_ran_before_it_answers(
        self, told, ranking, started, keep, read_all
    ):
        some_market(told)
        keep()
        told.take(told.published(7), told.closed(3))
        told.take(told.packs("reserved", 4, claim=4, packs=10, free=0))
        told.take(told.packs("released", 1, claim=1, packs=1, free=10))
        told.take(told.claim("confirmed", 1))
        mongo.collection("elsewhere").insert_one({})
        read_all.clear()

        with started() as warm:
            found = ranked(warm)

        assert read_all == []
        assert found == ranked(ranking)
        assert sorted(position.lot_id for position, _, _ in found) == [
            lot_id(1),
            lot_id(5),
            lot_id(7),
        ]

    def test_goes_on_following(self, told, started, keep):
        some_market(told)
        keep()

        with started() as warm:
            ranked(warm)
            told.take(told.published(8))
            eventually(lambda: lot_id(8) in names(warm))

    def test_loads_when_it_loses_the_stream_later(
        self, told, started, keep, read_all, monkeypatch
    ):
        some_market(told)
        keep()
        read_all.clear()

        with started() as warm:
            ranked(warm)
            mongo.collection("offers").drop()
            told.take(told.published(9))
            eventually(lambda: read_all and names(warm) == [lot_id(9)])


class TestDoubts:
    """Each has all lots read, and nobody sees a difference."""

    def start_in_doubt(self, told, ranking, started, read_all):
        read_all.clear()
        with started() as cold:
            found = ranked(cold)
        assert len(read_all) == 1
        assert found == ranked(ranking)

    def test_no_snapshot(self, told, ranking, started, read_all):
        some_market(told)

        self.start_in_doubt(told, ranking, started, read_all)

    def test_a_damaged_one(self, told, ranking, started, keep, read_all, tmp_path):
        some_market(told)
        keep()
        whole = (tmp_path / snapshots.NAME).read_bytes()
        (tmp_path / snapshots.NAME).write_bytes(whole[:-1])

        self.start_in_doubt(told, ranking, started, read_all)

    def test_a_place_that_the_server_does_not_know(
        self, told, ranking, started, keep, read_all, tmp_path
    ):
        some_market(told)
        keep()
        kept, origin = Snapshots(tmp_path), live.origin()
        kept.keep(origin, kept.read(origin)._replace(token={"_data": "nonsense"}))

        self.start_in_doubt(told, ranking, started, read_all)

    def test_a_place_that_the_log_of_the_server_does_not_reach(
        self, told, ranking, started, keep, read_all, monkeypatch
    ):
        def lost_after(collections, after=None):
            if after:
                raise OperationFailure("the resume point is not in the oplog", HISTORY_LOST)
            return CHANGES(collections)

        some_market(told)
        keep()
        monkeypatch.setattr(live, "_changes", lost_after)

        self.start_in_doubt(told, ranking, started, read_all)

    def test_collections_that_were_made_anew(self, told, ranking, started, keep, read_all):
        some_market(told)
        keep()
        mongo.collection("offers").drop()
        told.take(told.published(9))

        self.start_in_doubt(told, ranking, started, read_all)

    def test_too_much_that_changed_since(
        self, told, ranking, started, keep, read_all, monkeypatch
    ):
        some_market(told)
        keep()
        told.take(told.closed(3))
        monkeypatch.setattr(live, "CATCH_UP_SECONDS", -1.0)

        self.start_in_doubt(told, ranking, started, read_all)

    def test_a_stream_that_fails_while_it_catches_up(
        self, told, ranking, started, keep, read_all, monkeypatch
    ):
        some_market(told)
        keep()
        told.take(told.closed(3))

        def fail():
            raise OperationFailure("no answer")

        monkeypatch.setattr(live, "_place_of_now", fail)

        self.start_in_doubt(told, ranking, started, read_all)

    def test_collections_that_cannot_be_told_apart(
        self, told, ranking, started, keep, read_all, monkeypatch
    ):
        def fail():
            raise OperationFailure("not allowed to list collections")

        some_market(told)
        keep()
        monkeypatch.setattr(live, "origin", fail)

        self.start_in_doubt(told, ranking, started, read_all)
