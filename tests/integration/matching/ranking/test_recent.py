"""Lots that were listed lately, or heard of, are not read again until they change."""

from __future__ import annotations

import threading

import pytest
from pymongo.errors import OperationFailure

from chassis.testing.patience import eventually
from services.matching.offers.adapters import live, recent
from tests.integration.matching.ranking.test_live import kill_streams, seen
from tests.integration.matching.ranking.told import lot_id


class TestRecentLots:
    def test_are_not_read_again_until_they_change(self, told, ranking, lots, monkeypatch):
        told.take(told.opened(), told.published(1))
        eventually(lambda: seen(ranking) == [lot_id(1)])
        assert lots.lots([lot_id(1)])[lot_id(1)].has_actual_photo is False
        monkeypatch.setattr(recent.MongoOfferBook, "lots", lambda *_: pytest.fail("read again"))
        assert list(lots.lots([lot_id(1)])) == [lot_id(1)]
        monkeypatch.undo()

        told.take(told.photographed(1, has_actual_photo=True))

        eventually(lambda: lots.lots([lot_id(1)])[lot_id(1)].has_actual_photo)

    def test_that_nobody_has_tried_are_known_from_what_was_heard(
        self, told, ranking, lots, monkeypatch
    ):
        told.take(told.opened(), told.published(1), told.published(2))
        told.take(told.packs("reserved", 2, claim=1, packs=1, free=9))
        seen(ranking)
        told.take(told.published(3))
        eventually(lambda: len(ranking) == 3)
        monkeypatch.setattr(recent.MongoOfferBook, "lots", lambda *_: {})

        assert sorted(lots.lots([lot_id(1), lot_id(2), lot_id(3)])) == [lot_id(1), lot_id(3)]

    def test_that_changed_while_they_were_read_are_not_kept(self, told, monkeypatch):
        told.take(told.published(1))
        lots, read = recent.RecentLots(), recent.MongoOfferBook.lots

        def interrupted(self, lot_ids):
            found = read(self, lot_ids)
            lots.memory.forget(lot_id(1))
            return found

        with lots.memory.followed():
            monkeypatch.setattr(recent.MongoOfferBook, "lots", interrupted)
            lots.lots([lot_id(1)])
            monkeypatch.setattr(recent.MongoOfferBook, "lots", lambda *_: {})

            assert lots.lots([lot_id(1)]) == {}

    def test_that_changed_while_the_stream_was_away_are_read_again(
        self, told, ranking, lots, monkeypatch
    ):
        told.take(told.opened(), told.published(1))
        assert seen(ranking) == [lot_id(1)]
        assert lots.lots([lot_id(1)])[lot_id(1)].has_actual_photo is False
        lost, follow = threading.Event(), live._changes

        def fail(*_):
            lost.set()
            raise OperationFailure("no stream today")

        monkeypatch.setattr(live, "_changes", fail)
        eventually(lambda: kill_streams() >= 0 and lost.is_set())
        told.take(told.photographed(1, has_actual_photo=True))
        monkeypatch.setattr(live, "_changes", follow)

        eventually(lambda: lots.lots([lot_id(1)])[lot_id(1)].has_actual_photo)

    def test_are_so_many_at_most(self, told, monkeypatch):
        monkeypatch.setattr(recent, "MOST_LOTS", 2)
        told.take(*(told.published(number) for number in range(1, 5)))
        lots = recent.RecentLots()

        with lots.memory.followed():
            for number in range(1, 5):
                lots.lots([lot_id(number)])
            monkeypatch.setattr(recent.MongoOfferBook, "lots", lambda *_: {})

            kept = lots.lots([lot_id(number) for number in range(1, 5)])
        assert sorted(kept) == [lot_id(3), lot_id(4)]

    def test_are_read_every_time_while_nobody_follows_them(self, told):
        told.take(told.published(1))
        lots = recent.RecentLots()
        with lots.memory.followed():
            assert not lots.lots([lot_id(1)])[lot_id(1)].has_actual_photo

        told.take(told.photographed(1, has_actual_photo=True))

        assert lots.lots([lot_id(1)])[lot_id(1)].has_actual_photo
        told.take(told.photographed(1, has_actual_photo=False))
        assert not lots.lots([lot_id(1)])[lot_id(1)].has_actual_photo
