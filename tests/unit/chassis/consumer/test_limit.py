"""Too many dead letters stop a consumer."""

from __future__ import annotations

import pytest

from chassis.consumer.limit import DeadLetterLimit, Halted


class TestDeadLetterLimit:
    def test_lets_twenty_in_a_row_pass_and_no_more(self):
        limit = DeadLetterLimit()

        for _ in range(20):
            limit.check()
            limit.note(1, dead=True)

        with pytest.raises(Halted):
            limit.check()

    def test_starts_counting_anew_after_a_success(self):
        limit = DeadLetterLimit()
        limit.note(19, dead=True)
        limit.note(1, dead=False)
        limit.note(19, dead=True)

        limit.check()

    def test_stops_at_five_percent_of_the_last_thousand(self):
        limit = DeadLetterLimit()
        for _ in range(50):
            limit.check()
            limit.note(10, dead=False)
            limit.note(1, dead=True)

        with pytest.raises(Halted):
            limit.check()

    def test_forgets_what_is_more_than_a_thousand_events_ago(self):
        limit = DeadLetterLimit()
        for _ in range(49):
            limit.note(1, dead=True)
            limit.note(1, dead=False)
        limit.note(1000, dead=False)
        limit.note(10, dead=True)

        limit.check()
