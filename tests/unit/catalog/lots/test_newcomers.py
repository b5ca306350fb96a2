"""The share of a lot that is kept for hosts without a record."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.catalog.lots.engine.newcomers import kept_until, packs_kept
from tests.unit.catalog.fakes import NOW, a_lot

DAY = timedelta(days=1)


class TestPacksKept:
    @pytest.mark.parametrize(
        ("total", "share", "taken", "kept"),
        [
            (100, 1_000, 0, 10),
            (100, 1_000, 4, 6),
            (100, 1_000, 10, 0),
            (100, 1_000, 40, 0),
            (9, 1_000, 0, 0),  # a part of a pack is no pack
            (19, 1_000, 0, 1),
            (7, 10_000, 0, 7),
            (100, 0, 0, 0),
            (0, 1_000, 0, 0),
        ],
    )
    def test_are_the_share_less_what_newcomers_took(self, total, share, taken, kept):
        assert packs_kept(total, share=share, taken=taken) == kept


class TestKeptUntil:
    def test_is_three_days_before_the_end(self):
        assert kept_until(NOW, NOW + 30 * DAY) == NOW + 27 * DAY

    def test_is_half_way_for_a_short_lot(self):
        assert kept_until(NOW, NOW + 2 * DAY) == NOW + DAY


class TestLot:
    def test_keeps_a_tenth_unless_it_says_more(self):
        assert a_lot(packs=30).kept_for_newcomers(NOW) == 3
        assert a_lot(packs=30, newcomers_basis_points=5_000).kept_for_newcomers(NOW) == 15

    def test_keeps_no_more_than_is_free(self):
        lot = a_lot(packs=30)

        few = replace(lot, packs=replace(lot.packs, free=2, shipped=28))

        assert few.kept_for_newcomers(NOW) == 2

    def test_frees_all_when_the_time_comes(self):
        lot = a_lot(packs=30, closes_at=NOW + 30 * DAY)

        assert lot.kept_for_newcomers(NOW + 27 * DAY - timedelta(microseconds=1)) == 3
        assert lot.kept_for_newcomers(NOW + 27 * DAY) == 0

    def test_counts_from_the_best_before_date_when_that_comes_first(self):
        lot = a_lot(packs=30, best_before=NOW + 10 * DAY)

        assert lot.newcomers_until == NOW + 7 * DAY
