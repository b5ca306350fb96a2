"""What a host says of her people, and how what they did makes it stronger or weaker."""

from __future__ import annotations

import pytest

from services.matching.communities.domain import Portrait
from services.matching.pictures.domain import Signs, interests


def people(size=60, **tags):
    return Portrait("Tea friends", "Suzhou", size, tags)


class TestAStatedTag:
    def test_weighs_people_times_weight_of_all_communities_that_have_it(self):
        found = interests([people(60, tea=80), people(20, tea=10, toys=5)], {})

        assert {tag: each.weight for tag, each in found.items()} == {"tea": 5_000, "toys": 100}

    @pytest.mark.parametrize(
        ("shown", "factor"),
        [
            (Signs(), 1_000),
            (Signs(1, came=20), 1_333),  # 20 of 60 signs outweigh
            (Signs(1, came=20, kept=20), 1_500),
            (Signs(5, came=100, kept=100), 1_833),
            (Signs(1, came=10, missed=10), 1_000),
            (Signs(1, missed=20), 833),  # half of what a third would take
            (Signs(9, came=10, returned=350), 575),
        ],
    )
    def test_is_made_stronger_or_weaker_by_what_was_shown(self, shown, factor):
        found = interests([people(100, tea=10)], {"tea": shown})["tea"]

        assert shown.factor == factor
        assert found.weight == factor  # a thousand was stated

    def test_never_vanishes_however_little_was_stated(self):
        found = interests([people(1, tea=1)], {"tea": Signs(9, missed=10**6)})

        assert found["tea"].weight == 1

    def test_says_what_its_weight_is_made_of(self):
        shown = Signs(2, came=30, missed=1, kept=11, returned=1)

        found = interests([people(60, tea=80)], {"tea": shown})["tea"]

        assert found.why.english == (
            "Your communities state 4800; 2 gatherings: 30 guests came, 1 fewer than asked for, "
            "11 units kept, 1 given back: times 1.469."
        )
        assert found.why.chinese == (
            "您的社群标明 4800；2 场活动：到场 30 人，比要求少 1 人，"
            "留下 11 件，退回 1 件：乘以 1.469。"
        )
        assert found.weight == 4_800 * 1_469 // 1_000


class TestATagThatNobodyStated:
    def test_weighs_the_guests_who_came_for_it_as_far_as_they_liked_it(self):
        found = interests([people(60, tea=80)], {"cups": Signs(2, came=40, kept=20)})["cups"]

        assert (found.stated, found.weight) == (0, 20 * 100 * 600 // 1_000)
        assert found.why.english.startswith("No community of yours states it; 2 gatherings:")

    def test_is_left_out_when_they_did_not_like_it(self):
        assert interests([], {"cups": Signs(1, came=5, returned=6)}) == {}

    def test_says_that_nothing_was_shown_of_one_that_was_only_stated(self):
        why = interests([people(60, tea=80)], {})["tea"].why

        assert why.english == (
            "Your communities state 4800 (people times weight); no gathering has shown it yet."
        )
