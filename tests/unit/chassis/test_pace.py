"""How long a group's fetches may wait, by who waits for it."""

from __future__ import annotations

from chassis.pace import Pace

PACE = Pace()


class TestUnhurried:
    def test_a_group_nobody_waits_for_fetches_seldom_and_much_at_once(self):
        found = PACE.unhurried()

        assert found.fetch_busy == found.fetch_idle > PACE.fetch_idle
        assert found.fetch_bytes > PACE.fetch_bytes

    def test_one_that_lists_are_made_of_fetches_often_while_facts_come(self):
        found = PACE.unhurried(is_shown=True)

        assert found.fetch_busy < PACE.unhurried().fetch_busy
        assert found.fetch_idle == PACE.unhurried().fetch_idle

    def test_what_the_environment_says_of_it_counts(self):
        pace = Pace.from_env({"TEAHOUSE_PACE_FETCH_SHOWN": "0.04"})

        assert pace.unhurried(is_shown=True).fetch_busy == 0.04
