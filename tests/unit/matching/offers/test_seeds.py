"""What is drawn for a host's list stays drawn for an hour."""

from __future__ import annotations

from datetime import timedelta

from services.matching.offers.api import hourly
from tests.unit.matching.offers.builders import HOST, NOW, OTHER_HOST

KEY = b"a key of tests"
HOUR = timedelta(hours=1)
DRAWN = 400


class TestTheSeedOfAHost:
    def test_is_the_same_all_the_hour_in_every_replica(self):
        begun = NOW.replace(minute=0)

        within = [begun, begun + HOUR / 2, begun + HOUR - timedelta(microseconds=1)]

        assert len({hourly(KEY)(HOST, moment) for moment in within}) == 1

    def test_is_another_in_the_next_hour_for_another_host_and_by_another_key(self):
        seeds = [
            hourly(KEY)(HOST, NOW),
            hourly(KEY)(HOST, NOW + HOUR),
            hourly(KEY)(OTHER_HOST, NOW),
            hourly(b"another")(HOST, NOW),
        ]

        assert len(set(seeds)) == len(seeds)

    def test_draws_each_of_ten_places_as_often_as_the_others(self):
        seed = hourly(KEY)
        places = [seed(HOST, NOW + HOUR * number) % 10 for number in range(DRAWN)]

        assert all(DRAWN / 20 < places.count(place) < DRAWN / 7 for place in range(10))
