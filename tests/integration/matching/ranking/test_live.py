"""The index in memory keeps step with what is stored, and mends itself."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from pymongo.errors import NetworkTimeout, OperationFailure

from chassis import mongo
from chassis.testing.patience import eventually
from services.matching.communities.domain import Community, Portrait
from services.matching.communities.repositories import MongoCommunities
from services.matching.offers.adapters import live
from services.matching.offers.engine.breakdown import day
from services.matching.offers.engine.facts import Demand
from services.matching.offers.engine.points import DEFAULT
from services.matching.offers.repositories import MongoDemands, MongoShelf
from services.matching.pictures.domain import HostRecord, Picture
from services.matching.pictures.repositories import MongoPictures
from tests.builders.matching import an_id
from tests.integration.matching.ranking.told import lot_id
from tests.unit.matching.offers.builders import HOST, NOW, a_hold, a_host


def seen(ranking, now=NOW, host=None):
    model = ranking.model()
    found = ranking.best(host or a_host(), model=model, limit=50, listed=True, now=now)
    return [ranked.position.lot_id for ranked in found]


class TestLoading:
    def test_reads_what_was_stored_before(self, told, ranking):
        told.take(told.opened(), told.published(1), told.published(2), told.closed(2))

        assert seen(ranking) == [lot_id(1)]
        assert len(ranking) == 1

    def test_starts_by_being_asked_whether_it_is_ready(self, told, ranking):
        told.take(told.opened(), told.published(1))

        ranking.is_ready()

        eventually(ranking.is_ready)
        assert len(ranking) == 1

    @pytest.mark.parametrize(("many", "settled"), [(2, 0), (1, 1)])
    def test_leaves_many_lots_out_of_garbage_collections(
        self, told, ranking, monkeypatch, many, settled
    ):
        times = []
        monkeypatch.setattr(live, "MANY_LOTS", many)
        monkeypatch.setattr(live.memory, "settle", lambda: times.append(len(ranking)))
        told.take(told.opened(), told.published(1))

        seen(ranking)

        assert times == [1] * settled

    def test_says_so_when_the_offers_cannot_be_read(self, ranking, monkeypatch):
        def fail(*_):
            raise OperationFailure("no stream today")

        monkeypatch.setattr(live, "_changes", fail)
        monkeypatch.setattr(live, "FIRST_LOAD_SECONDS", 0.1)

        with pytest.raises(NetworkTimeout):
            seen(ranking)


class TestFollowing:
    def test_sees_each_fact_soon_after_it_is_applied(self, told, ranking):
        told.take(told.opened())
        assert seen(ranking) == []

        told.take(told.published(1))
        eventually(lambda: seen(ranking) == [lot_id(1)])

        told.take(told.packs("reserved", 1, claim=1, packs=10, free=0))
        eventually(lambda: seen(ranking) == [])

        told.take(told.packs("released", 1, claim=1, packs=10, free=10))
        eventually(lambda: seen(ranking) == [lot_id(1)])

        told.take(told.closed(1))
        eventually(lambda: seen(ranking) == [])
        assert len(ranking) == 0

    def test_keeps_a_lot_from_a_host_at_her_cap_only(self, told, ranking):
        told.take(told.opened(), told.published(1))
        told.take(told.packs("reserved", 1, claim=1, packs=2, free=8))

        eventually(lambda: seen(ranking) == [])
        assert seen(ranking, host=a_host(host_id="org_another")) == [lot_id(1)]

    def test_keeps_what_is_held_for_its_host(self, told, ranking):
        told.take(told.opened(), told.published(1, packs_free=1))
        assert seen(ranking) == [lot_id(1)]

        MongoShelf().put({lot_id(1): {"shd_1": a_hold(host_id="org_another")}})
        eventually(lambda: seen(ranking) == [])
        assert seen(ranking, host=a_host(host_id="org_another")) == [lot_id(1)]
        assert seen(ranking, now=a_hold().until) == [lot_id(1)]

        MongoShelf().take_away({lot_id(1): ["shd_1"]})
        eventually(lambda: seen(ranking) == [lot_id(1)])

    def test_counts_demand_until_its_last_day_is_over(self, told, ranking):
        told.take(told.opened(), told.published(1), told.published(2))
        assert seen(ranking) == [lot_id(1), lot_id(2)]

        wanted = Demand(points=70_000, last_day=day(NOW))
        MongoDemands().put({lot_id(1): wanted})
        eventually(lambda: seen(ranking) == [lot_id(2), lot_id(1)])
        told.take(told.packs("reserved", 1, claim=1, packs=1, free=9))
        eventually(
            lambda: (
                ranking.best(a_host(), model=ranking.model(), limit=2, listed=True, now=NOW)[
                    1
                ].lot.packs_free
                == 9
            )
        )
        assert seen(ranking) == [lot_id(2), lot_id(1)]
        assert seen(ranking, now=NOW + timedelta(days=1)) == [lot_id(1), lot_id(2)]

        MongoDemands().put({lot_id(1): None})
        eventually(lambda: seen(ranking) == [lot_id(1), lot_id(2)])

    def test_follows_subsidies(self, told, ranking):
        told.take(told.published(1))
        assert seen(ranking) == []

        told.take(told.opened())
        eventually(lambda: seen(ranking) == [lot_id(1)])

        told.take(told.claim("confirmed", 1), told.claim("confirmed", 2))
        eventually(lambda: seen(ranking) == [])

        told.take(told.claim("cancelled", 2))
        eventually(lambda: seen(ranking) == [lot_id(1)])

        told.take(told.ended())
        eventually(lambda: seen(ranking) == [])

    def test_takes_amounts_beyond_32_bits(self, told, ranking):
        much = {"minor": 3_000_000_000, "currency": "CNY"}
        told.take(told.opened(total_cap=much, subsidy=much), told.published(1, unit_price=much))

        assert seen(ranking) == [lot_id(1)]

    def test_sees_no_transaction_that_failed(self, told, ranking):
        told.take(told.opened(), told.published(1))
        assert seen(ranking) == [lot_id(1)]

        def work():
            mongo.collection("offers").update_one({"_id": lot_id(1)}, {"$set": {"packs_free": 0}})
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            mongo.atomically(work)

        time.sleep(0.3)
        assert seen(ranking) == [lot_id(1)]

    def test_forgets_what_is_deleted(self, told, ranking):
        told.take(told.opened(), told.published(1), told.published(2))
        assert len(seen(ranking)) == 2

        mongo.collection("offers").delete_one({"_id": lot_id(1)})
        eventually(lambda: seen(ranking) == [lot_id(2)])

        mongo.collection("subsidy_offers").delete_many({})
        eventually(lambda: seen(ranking) == [])

    def test_learns_hundreds_of_lots_in_order(self, told, ranking):
        told.take(told.opened())
        seen(ranking)

        told.take(*(told.published(number) for number in range(1, 401)))

        eventually(lambda: len(ranking) == 400)
        assert seen(ranking) == [lot_id(number) for number in range(1, 51)]


class TestMending:
    def test_loads_anew_when_the_stream_breaks(self, told, ranking):
        told.take(told.opened(), told.published(1))
        assert seen(ranking) == [lot_id(1)]

        _break_the_stream()
        told.take(told.published(2))

        eventually(lambda: seen(ranking) == [lot_id(1), lot_id(2)])

        told.take(told.closed(1))
        eventually(lambda: seen(ranking) == [lot_id(2)])
        assert ranking.is_ready()

    def test_answers_from_what_it_knew_while_the_stream_is_away(self, told, ranking, monkeypatch):
        told.take(told.opened(), told.published(1))
        assert seen(ranking) == [lot_id(1)]

        lost = threading.Event()

        def fail(*_):
            lost.set()
            raise OperationFailure("no stream today")

        monkeypatch.setattr(live, "_changes", fail)
        # The driver mends by itself a cursor that is killed between two of its questions.
        eventually(lambda: kill_streams() >= 0 and lost.is_set())
        told.take(told.published(2))

        time.sleep(0.3)
        assert seen(ranking) == [lot_id(1)]

        monkeypatch.undo()
        eventually(lambda: seen(ranking) == [lot_id(1), lot_id(2)])

    def test_stops_when_told(self, told, ranking):
        assert seen(ranking) == []
        began = time.monotonic()

        ranking.close()

        assert time.monotonic() - began < 2
        assert not ranking.is_ready()


def _break_the_stream() -> None:
    """Kill the cursor of the change stream on the server, as a fail-over would."""
    assert kill_streams(), "no stream is open"


def kill_streams() -> int:
    """Kill the cursors of change streams; answer how many there were."""
    admin = mongo.client().admin
    operations = admin.aggregate(
        [
            {"$currentOp": {"idleCursors": True, "allUsers": True}},
            {"$match": {"cursor.originatingCommand.pipeline.0.$changeStream": {"$exists": True}}},
        ]
    )
    cursors = [op["cursor"]["cursorId"] for op in operations]
    if cursors:
        mongo.database().command({"killCursors": "$cmd.aggregate", "cursors": cursors})
    return len(cursors)


class TestMoments:
    def listing_at(self, ranking, now):
        return ranking.page(a_host(), model=ranking.model(), limit=10, seed=1, after=None, now=now)

    def test_are_not_gone_back_to_by_who_was_overtaken(self, told, ranking):
        told.take(told.opened(), told.published(1))
        self.listing_at(ranking, NOW)

        late = self.listing_at(ranking, NOW - timedelta(milliseconds=5))

        assert late.now == NOW

    def test_are_gone_back_to_when_the_clock_was_set_back(self, told, ranking):
        told.take(told.opened(), told.published(1))
        self.listing_at(ranking, NOW)

        before = self.listing_at(ranking, NOW - timedelta(hours=2))

        assert before.now == NOW - timedelta(hours=2)
        assert before.now < before.until


class TestRecentHosts:
    """What a host says of her people counts from the moment she has said it."""

    def test_are_not_read_again_until_they_change(self, ranking, hosts, monkeypatch):
        eventually(ranking.is_ready)
        _found(MongoCommunities(), size=60)
        eventually(lambda: hosts.known(HOST).facts(DEFAULT).largest == 60)
        time.sleep(0.3)  # what was heard of it late would have it read again
        hosts.known(HOST)
        monkeypatch.setattr(MongoPictures, "conduct_of", lambda *_: pytest.fail("read again"))

        assert hosts.known(HOST).facts(DEFAULT).largest == 60

    def test_are_known_at_once_by_what_this_process_wrote(self, ranking, hosts, monkeypatch):
        """However late the stream is."""
        eventually(ranking.is_ready)
        assert hosts.known(HOST).facts(DEFAULT).largest == 0
        monkeypatch.setattr(ranking, "_hear", lambda *_: None)

        for size in (60, 80):
            _found(MongoCommunities(hosts.forget), size=size)
            assert hosts.known(HOST).facts(DEFAULT).largest == size

    def test_stay_as_they_are_by_what_was_not_stored(self, ranking, hosts):
        eventually(ranking.is_ready)

        def work():
            _found(MongoCommunities(hosts.forget), size=60)
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            mongo.atomically(work)

        assert hosts.known(HOST).communities == ()

    def test_are_known_soon_by_what_another_process_wrote(self, ranking, hosts):
        eventually(ranking.is_ready)
        assert hosts.known(HOST).facts(DEFAULT).largest == 0

        _found(MongoCommunities(), size=60)
        eventually(lambda: hosts.known(HOST).facts(DEFAULT).largest == 60)

        MongoPictures().mark([HOST])
        MongoPictures().put([Picture(host_id=HOST, record=HostRecord(held=1, settled=1))])
        eventually(lambda: hosts.known(HOST).settled == 1)

    def test_are_forgotten_with_their_communities(self, ranking, hosts):
        eventually(ranking.is_ready)
        _found(MongoCommunities(), size=60)
        eventually(lambda: hosts.known(HOST).facts(DEFAULT).largest == 60)

        mongo.collection("communities").delete_many({})

        eventually(lambda: hosts.known(HOST).communities == ())
        assert ranking.is_ready()

    def test_have_points_by_the_weights_that_are_asked_for(self, ranking, hosts):
        _found(MongoCommunities(), size=60)
        known = hosts.known(HOST)
        half = DEFAULT._replace(affinity=DEFAULT.affinity // 2)

        whole = known.facts(DEFAULT).affinity["tea"]

        assert known.facts(half).affinity["tea"] == whole // 2
        assert known.facts(DEFAULT).affinity["tea"] == whole


def _found(communities, size):
    portrait = Portrait("Tea friends", "Suzhou", size, {"tea": 80})
    community_id = an_id("com", size)
    founded = Community.found(community_id, HOST, portrait, others=0, at=NOW)
    mongo.atomically(lambda: communities.save(founded))
