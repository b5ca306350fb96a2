"""The files of photos and the records of hosts: the same promises, kept by both adapters."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chassis.kernel.errors import Conflict
from chassis.mongo import atomically, collection
from services.catalog.hosts.domain import HostRecord
from services.catalog.hosts.repositories import MongoHosts
from services.catalog.lots.engine.photos import PhotoNotFound
from services.catalog.photos.repositories import MongoPictures
from tests.integration.catalog.conftest import in_parallel
from tests.unit.catalog.fakes import HOST, NOW, OTHER_HOST, FakeHosts, an_id
from tests.unit.catalog.photos.fakes import FakePictures

BOTH = pytest.mark.parametrize("kind", ["fake", "mongo"])


@BOTH
class TestPictures:
    def pictures(self, kind):
        return FakePictures() if kind == "fake" else MongoPictures()

    def test_give_back_what_a_lot_shows(self, kind, database):
        pictures, photo_id = self.pictures(kind), an_id("pho")
        body = bytes(range(256)) * 2_000  # more than one piece of a file
        pictures.put(photo_id, body, at=NOW)

        pictures.keep(photo_id)

        assert pictures.read(photo_id) == body

    def test_know_nothing_that_no_lot_shows(self, kind, database):
        pictures, photo_id = self.pictures(kind), an_id("pho")
        pictures.put(photo_id, b"x", at=NOW)

        for unknown in (photo_id, an_id("pho"), "$ne"):
            with pytest.raises(PhotoNotFound):
                pictures.read(unknown)

    def test_sweep_what_is_loose_for_long(self, kind, database):
        pictures = self.pictures(kind)
        shown, never, dropped, fresh = (an_id("pho") for _ in range(4))
        for photo_id in (shown, never, dropped):
            pictures.put(photo_id, b"x", at=NOW)
        for photo_id in (shown, dropped):
            pictures.keep(photo_id)
        pictures.drop(dropped, at=NOW)
        pictures.put(fresh, b"x", at=NOW + timedelta(minutes=1))

        assert pictures.sweep(NOW, limit=9) == 2
        assert pictures.sweep(NOW, limit=9) == 0
        assert pictures.read(shown) == b"x"
        pictures.keep(fresh)
        for photo_id in (never, dropped):
            with pytest.raises(Conflict):
                pictures.keep(photo_id)


class TestMongoPictures:
    def test_are_swept_when_only_a_part_was_written(self, database):
        photo_id = an_id("pho")
        MongoPictures().put(photo_id, b"x", at=NOW)
        collection("photos.files").delete_one({"_id": photo_id})

        MongoPictures().sweep(NOW, limit=9)

        assert not list(collection("photos.chunks").find())
        assert not list(collection("loose_photos").find())

    def test_are_shown_by_a_transaction_or_not_at_all(self, database):
        photo_id = an_id("pho")
        MongoPictures().put(photo_id, b"x", at=NOW)

        def work():
            MongoPictures().keep(photo_id)
            raise OSError

        with pytest.raises(OSError):
            atomically(work)

        with pytest.raises(PhotoNotFound):
            MongoPictures().read(photo_id)

    def test_are_kept_or_swept_when_both_come_at_once(self, database):
        pictures = MongoPictures()
        photos = [an_id("pho") for _ in range(12)]
        for photo_id in photos:
            pictures.put(photo_id, b"x", at=NOW)

        def race(number):
            if number == len(photos):
                return pictures.sweep(NOW, limit=99)
            try:
                atomically(lambda: pictures.keep(photos[number]))
            except Conflict:
                return False
            return True

        *kept, _ = in_parallel(race, len(photos) + 1)

        for photo_id, was_kept in zip(photos, kept, strict=True):
            if was_kept:
                assert pictures.read(photo_id) == b"x"
        assert collection("photos.files").count_documents({}) == sum(kept)


@BOTH
class TestHosts:
    def hosts(self, kind):
        return FakeHosts() if kind == "fake" else MongoHosts()

    def test_knows_those_with_a_record(self, kind, database):
        hosts = self.hosts(kind)
        hosts.note([HostRecord(host_id=HOST, since=NOW)])

        assert hosts.with_record({HOST, OTHER_HOST}) == {HOST}
        assert hosts.with_record(set()) == frozenset()


class TestMongoHosts:
    def test_counts_a_record_from_the_earliest_fact_in_any_order(self, database):
        later = HostRecord(host_id=HOST, since=NOW + timedelta(days=1))

        for records in ([later], [HostRecord(host_id=HOST, since=NOW), later]):
            MongoHosts().note(records)

        assert list(collection("host_records").find()) == [{"_id": HOST, "since": NOW}]
