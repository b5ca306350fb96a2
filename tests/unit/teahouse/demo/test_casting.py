from __future__ import annotations

from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest

from teahouse.demo.journey import casting
from teahouse.demo.journey.arrivals import STORY_HOSTS
from teahouse.demo.journey.claiming import CONFIRMED, Claimed
from teahouse.demo.journey.opening import EVENINGS
from teahouse.demo.journey.plans import Ending, Return
from teahouse.demo.journey.shelf import Found
from teahouse.demo.journey.stories import HAIR, STORIES
from teahouse.demo.journey.town import Brand, Community, Host, Slot, Theme, Town
from teahouse.demo.scale import SMALL

HOSTS = 30
ROOMS = 8


def party(name: str) -> SimpleNamespace:
    return SimpleNamespace(id=f"org_{name}", name=name)


def a_town() -> Town:
    town = Town(party("platform"))
    names = [*(f"Maker {number}" for number in range(20)), *(story.brand for story in STORIES)]
    town.brands = [Brand(party(name), Path("x.csv"), "utf-8", lots_expected=1) for name in names]
    town.hosts = [
        Host(party(name), [], [Community(f"com_{name}", name, 100)])
        for name in [*(f"Household {number}" for number in range(HOSTS)), *STORY_HOSTS]
    ]
    town.slots = [
        Slot("ven", f"slt_{room}_{evening}", "org_venue", evening)
        for room in range(ROOMS)
        for evening in range(EVENINGS)
    ]
    town.themes = [Theme(f"crt_{number}", f"sha256:{number}", "org_author") for number in range(3)]
    return town


def a_menu(town: Town) -> list[Found]:
    return [
        Found(f"lot_{number}", town.brands[number % 20].id, "off", 40, 20, 1, 250)
        for number in range(40)
    ]


def told_lots(town: Town) -> dict[str, Found]:
    return {
        story.key: Found(f"lot_{story.key}", town.brand(story.brand).id, "off", 400, 200, 1, 100)
        for story in STORIES
    }


@pytest.fixture
def town() -> Town:
    return a_town()


@pytest.fixture
def chosen(town):
    menus = {host.id: a_menu(town) for host in town.hosts}
    return casting.cast(town, SMALL, menus, told_lots(town))


@pytest.fixture
def plans(town, chosen):
    claimed = [Claimed(wish, f"clm_{n}", CONFIRMED, 0.1) for n, wish in enumerate(chosen.wishes)]
    programme = casting.Programme(town, chosen.goods)
    return programme.plans(claimed, tea_rights="nam_1", small_rights="nam_2")


class TestCast:
    def test_makes_as_many_claims_as_wanted(self, chosen):
        assert len(chosen.wishes) == SMALL.steady_claims
        assert len(chosen.of(casting.ORDINARY_PURPOSE)) == SMALL.ordinary_gatherings

    def test_takes_no_pack_twice(self, chosen):
        taken = Counter()
        for wish in chosen.wishes:
            taken[wish.lot_id] += wish.packs

        assert all(packs <= chosen.goods[lot].packs_free for lot, packs in taken.items())

    def test_claims_enough_for_every_story(self, chosen):
        by_purpose = {wish.purpose: wish for wish in chosen.wishes}

        assert all(by_purpose[story.key].packs == story.units for story in STORIES)

    def test_says_so_when_hosts_find_too_little(self, town):
        menus = {host.id: a_menu(town)[:1] for host in town.hosts}

        with pytest.raises(casting.NotEnoughChoice):
            casting.cast(town, SMALL, menus, told_lots(town))


class TestProgramme:
    def test_gives_every_gathering_a_slot_of_its_own(self, plans):
        assert len({plan.slot.slot_id for plan in plans}) == len(plans)

    def test_tells_the_stories_with_their_own_baskets(self, plans):
        told = {plan.story: plan for plan in plans if plan.story and plan.naming_rights_id}

        assert set(told) == set(STORIES)
        assert all(plan.baskets == story.baskets for story, plan in told.items())

    def test_puts_the_tea_meetings_under_naming_rights(self, plans):
        assert Counter(plan.naming_rights_id for plan in plans)["nam_1"] == 9

    def test_walks_every_ending_and_every_way_back(self, plans):
        assert {plan.ending for plan in plans} == set(Ending)
        assert {plan.goes_back for plan in plans} == set(Return)

    def test_lets_too_few_come_to_one(self, plans):
        low = [plan for plan in plans if len(plan.baskets) < plan.min_checked_in]

        assert len(low) == 1
        assert low[0].is_held

    def test_co_hosts_are_others(self, plans):
        assert all(plan.co_host is not plan.host for plan in plans)

    def test_sells_no_more_than_was_claimed(self, plans, chosen):
        for plan in plans:
            lot = chosen.goods[plan.claimed.wish.lot_id]
            sold = sum(basket.units for basket in plan.baskets)
            assert sold <= plan.claimed.wish.packs * lot.units_per_pack

    def test_knows_the_one_that_comes_too_late(self, plans):
        late = casting.late_plan(plans)

        assert late.is_held
        assert late.claimed.wish.purpose == casting.ORDINARY_PURPOSE

    def test_tells_the_hair_ornaments_a_second_time(self, plans):
        (encore,) = [plan for plan in plans if plan.story is HAIR and not plan.naming_rights_id]

        assert encore.goes_back is Return.WHOLE_AFTER
        assert encore.host.party.name == STORY_HOSTS[1]
