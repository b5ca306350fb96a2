"""The photos of a lot."""

from __future__ import annotations

import pytest

from services.catalog.lots.engine.photos import (
    MOST_PHOTOS,
    Album,
    PhotoKind,
    PhotoNotFound,
    TooManyPhotos,
)
from services.catalog.lots.events import PhotosChanged
from tests.unit.catalog.fakes import BRAND, NOW, a_lot
from tests.unit.catalog.photos.fakes import a_photo

FULL = Album(tuple(a_photo(digest=str(number)) for number in range(MOST_PHOTOS)))


class TestAlbum:
    def test_knows_whether_it_shows_the_very_goods(self):
        stock, actual = a_photo(kind=PhotoKind.STOCK), a_photo(kind=PhotoKind.ACTUAL)

        assert not Album().has_actual_photo
        assert not Album((stock,)).has_actual_photo
        assert Album((stock, actual)).has_actual_photo

    def test_keeps_photos_in_the_order_they_came(self):
        first, second = a_photo(digest="a"), a_photo(digest="b")

        assert Album((first,)).with_photo(second).photos == (first, second)

    def test_changes_what_is_said_of_a_photo_that_is_sent_again(self):
        first, other = a_photo(digest="a"), a_photo(digest="b")
        again = a_photo(digest="a", kind=PhotoKind.STOCK, alt_en="A box")

        changed, kept = Album((first, other)).with_photo(again).photos

        assert (changed.id, changed.added_at) == (first.id, first.added_at)
        assert (changed.kind, changed.alt_en) == (PhotoKind.STOCK, "A box")
        assert kept == other

    def test_takes_twelve_and_no_more(self):
        with pytest.raises(TooManyPhotos) as refused:
            FULL.with_photo(a_photo(digest="new"))

        assert refused.value.members == {"most": 12}
        assert len(FULL.with_photo(a_photo(digest="11", alt_en="A box")).photos) == MOST_PHOTOS
        one_less = FULL.without(FULL.photos[0].id)
        assert len(one_less.with_photo(a_photo(digest="new")).photos) == MOST_PHOTOS

    def test_lets_go_only_of_its_own(self):
        with pytest.raises(PhotoNotFound):
            FULL.without(a_photo().id)


class TestLot:
    def test_announces_its_photos(self):
        lot, photo = a_lot(), a_photo()

        after, (fact,), _ = lot.show(Album((photo,)), at=NOW)

        assert after.album.photos == (photo,)
        assert fact == PhotosChanged(
            lot_id=lot.id,
            brand_id=BRAND,
            photo_ids=(photo.id,),
            has_actual_photo=True,
            occurred_at=NOW,
        )

    def test_has_no_news_when_nothing_changed(self):
        lot = a_lot().show(FULL, at=NOW).state

        again, facts, _ = lot.show(FULL, at=NOW)

        assert (again, facts) == (lot, ())
