"""Finding hosts for a brand page by page: all are weighed once, then only whom a page shows."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest

from services.matching.fits.adapters import KEPT_FOR, RecentLineups
from services.matching.fits.use_cases import find_hosts
from services.matching.offers.engine.points import DEFAULT
from services.matching.offers.use_cases import RankingModel
from tests.unit.matching.fits.builders import a_picture, an_assortment, some_people
from tests.unit.matching.offers.builders import BRAND, NOW

RANKING = SimpleNamespace(model=lambda: RankingModel("built-in", DEFAULT))
SUPPLY = SimpleNamespace(assortments=lambda ids: dict.fromkeys(ids, an_assortment()))


class Gallery:
    """The port in memory; counts the pictures that were looked at."""

    def __init__(self, *pictures) -> None:
        self.by_id = {each.host_id: each for each in pictures}
        self.looked_at = 0

    def sharing(self, _tags, *, limit):
        self.looked_at += len(self.by_id)
        return list(self.by_id.values())[:limit]

    def these(self, host_ids):
        self.looked_at += len(host_ids)
        return {each: self.by_id[each] for each in host_ids if each in self.by_id}


@pytest.fixture
def gallery() -> Gallery:
    return Gallery(
        *(
            a_picture(host_id=f"org_{number}", people=(some_people(size=90 - number),))
            for number in range(20)
        )
    )


@pytest.fixture
def find(gallery):
    """One page; answers ids and where the next begins."""
    lineups = RecentLineups()

    def ask(after=None, *, now=NOW, limit=4, lineups=lineups):
        found = find_hosts(
            BRAND,
            ranking=RANKING,
            gallery=gallery,
            supply=SUPPLY,
            lineups=lineups,
            after=after,
            limit=limit,
            now=now,
        )
        return [each.fit.host_id for each in found], found[-1].place if found else None

    return ask


class TestFindHosts:
    def test_weighs_only_whom_the_page_shows_once_all_were_weighed(self, find, gallery):
        _, place = find()
        assert gallery.looked_at == 20 + 4

        page, _ = find(place)

        assert page == ["org_4", "org_5", "org_6", "org_7"]
        assert gallery.looked_at == 20 + 4 + 4

    def test_weighs_all_anew_from_the_beginning(self, find, gallery):
        find()
        gallery.by_id["org_9"] = a_picture(host_id="org_9", people=(some_people(size=500),))

        page, _ = find()

        assert page == ["org_9", "org_0", "org_1", "org_2"]

    @pytest.mark.parametrize("forgotten", ["by time", "by a restart"])
    def test_goes_on_at_the_same_place_when_the_order_is_forgotten(self, find, gallery, forgotten):
        _, place = find()
        later = {"now": NOW + KEPT_FOR} if forgotten == "by time" else {"lineups": RecentLineups()}

        page, _ = find(place, **later)

        assert page == ["org_4", "org_5", "org_6", "org_7"]
        assert gallery.looked_at == 20 + 4 + 20 + 4

    def test_fills_the_page_past_hosts_that_fit_no_more(self, find, gallery):
        _, place = find()
        for number in (4, 6, 7):
            del gallery.by_id[f"org_{number}"]

        assert find(place)[0] == ["org_5", "org_8", "org_9", "org_10"]

    def test_ends_where_the_lineup_does(self, find):
        _, place = find(limit=18)

        page, last = find(place, limit=18)

        assert page == ["org_18", "org_19"]
        assert find(last, limit=18) == ([], None)


class TestRecentLineups:
    def test_forget_the_brand_that_asked_longest_ago(self):
        lineups = RecentLineups(most=2)
        for brand in ("a", "b", "a", "c"):
            lineups.keep(brand, [(1, brand)], now=NOW)

        known = {each for each in ("a", "b", "c") if lineups.get(each, now=NOW)}

        assert known == {"a", "c"}

    def test_know_one_for_five_minutes_after_it_was_weighed(self):
        lineups = RecentLineups()
        lineups.keep("a", [(1, "h")], now=NOW)

        assert lineups.get("a", now=NOW + KEPT_FOR - timedelta(seconds=1)) == [(1, "h")]
        assert lineups.get("a", now=NOW + KEPT_FOR) is None
