"""Photos shown on lots, taken off, swept."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from chassis.kernel.errors import Conflict
from services.catalog.lots.domain import LotNotFound
from services.catalog.lots.engine.photos import (
    MOST_PHOTOS,
    PhotoKind,
    PhotoNotFound,
    TooManyPhotos,
)
from services.catalog.photos.engine.encode import PhotoUnreadable
from services.catalog.photos.use_cases import (
    LOOSE_FOR,
    AddPhoto,
    RemovePhoto,
    add_photo,
    remove_photo,
    sweep_pictures,
)
from tests.unit.catalog.fakes import (
    BRAND,
    NOW,
    OTHER_BRAND,
    FakeLots,
    a_lot,
    an_id,
)
from tests.unit.catalog.photos.fakes import FakePictures
from tests.unit.catalog.photos.files import a_photo


class Wall:
    """A lot, its brand and the photos it shows."""

    def __init__(self) -> None:
        self.lots, self.pictures = FakeLots(a_lot()), FakePictures()
        (self.lot_id,) = self.lots.by_id

    def add(self, body=None, *, before_commit=lambda: None, **changes):
        given = {
            "lot_id": self.lot_id,
            "brand_id": BRAND,
            "body": body or a_photo(),
            "media_type": "image/jpeg",
            "kind": PhotoKind.ACTUAL,
            "alt_en": "Hair clips",
            "alt_zh": "发夹",
        }

        def transaction(work):
            before_commit()
            return work()

        return add_photo(
            AddPhoto(**given | changes),
            lots=self.lots,
            pictures=self.pictures,
            transaction=transaction,
            ids=an_id,
            now=NOW,
        )

    def remove(self, photo_id, **changes):
        given = {"lot_id": self.lot_id, "brand_id": BRAND, "photo_id": photo_id}
        return remove_photo(
            RemovePhoto(**given | changes), lots=self.lots, pictures=self.pictures, now=NOW
        )

    def sweep(self, *, after):
        return sweep_pictures(pictures=self.pictures, now=NOW + after)

    @property
    def is_untouched(self):
        return not (self.lots.events or self.pictures.files)


class TestAdd:
    def test_shows_an_encoded_photo(self):
        wall, sent = Wall(), a_photo()

        (photo,) = wall.add(sent).album.photos

        assert (photo.kind, photo.alt_en, photo.alt_zh) == ("actual", "Hair clips", "发夹")
        assert (photo.width, photo.height) == (40, 30)
        assert photo.digest == hashlib.sha256(sent).hexdigest()
        assert wall.pictures.read(photo.id)[8:12] == b"WEBP"

    def test_twice_shows_it_once(self):
        wall = Wall()
        first = wall.add().album

        again = wall.add(alt_en="Clips").album

        assert [photo.id for photo in again.photos] == [photo.id for photo in first.photos]
        assert again.photos[0].alt_en == "Clips"
        assert len(wall.pictures.files) == 1

    def test_at_the_same_moment_shows_it_once_and_leaves_the_other_to_be_swept(self):
        wall = Wall()

        album = wall.add(before_commit=wall.add).album

        (photo,) = album.photos
        assert len(wall.pictures.files) == 2
        assert wall.sweep(after=LOOSE_FOR) == 1
        assert list(wall.pictures.files) == [photo.id]

    def test_refuses_what_is_no_photo(self):
        wall = Wall()

        with pytest.raises(PhotoUnreadable):
            wall.add(b"<svg/>")

        assert wall.is_untouched

    def test_to_a_lot_of_another_brand_is_to_none(self):
        wall = Wall()

        with pytest.raises(LotNotFound):
            wall.add(brand_id=OTHER_BRAND)

        assert wall.is_untouched

    def test_refuses_the_thirteenth_before_it_reads_it(self):
        wall = Wall()
        for width in range(1, MOST_PHOTOS + 1):
            wall.add(a_photo(width=width))

        with pytest.raises(TooManyPhotos):
            wall.add(b"no photo at all")

        assert len(wall.pictures.files) == MOST_PHOTOS

    def test_refuses_one_too_many_that_came_at_the_same_moment(self):
        wall = Wall()
        for width in range(1, MOST_PHOTOS):
            wall.add(a_photo(width=width))

        with pytest.raises(TooManyPhotos):
            wall.add(a_photo(width=99), before_commit=lambda: wall.add(a_photo(width=98)))

        assert len(wall.lots.get(wall.lot_id).album.photos) == MOST_PHOTOS
        assert wall.sweep(after=LOOSE_FOR) == 1

    def test_that_took_so_long_that_it_was_swept_is_a_conflict(self):
        wall = Wall()

        with pytest.raises(Conflict):
            wall.add(before_commit=lambda: wall.sweep(after=LOOSE_FOR))

        assert wall.is_untouched


class TestRemove:
    def test_takes_a_photo_off_at_once_and_its_file_later(self):
        wall = Wall()
        (photo,) = wall.add().album.photos

        lot = wall.remove(photo.id)

        assert not lot.album.photos
        assert not lot.album.has_actual_photo
        with pytest.raises(PhotoNotFound):
            wall.pictures.read(photo.id)
        assert wall.sweep(after=LOOSE_FOR - timedelta(seconds=1)) == 0
        assert wall.sweep(after=LOOSE_FOR) == 1
        assert not wall.pictures.files

    def test_of_what_is_not_there_changes_nothing(self):
        wall = Wall()
        (photo,) = wall.add().album.photos

        with pytest.raises(PhotoNotFound):
            wall.remove(an_id("pho"))
        with pytest.raises(LotNotFound):
            wall.remove(photo.id, brand_id=OTHER_BRAND)

        assert wall.lots.get(wall.lot_id).album.photos == (photo,)
        assert wall.pictures.read(photo.id)


class TestSweep:
    def test_leaves_what_a_lot_shows(self):
        wall = Wall()
        (photo,) = wall.add().album.photos

        assert wall.sweep(after=timedelta(days=400)) == 0
        assert wall.pictures.read(photo.id)
