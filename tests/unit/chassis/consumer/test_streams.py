"""The order of one stream, decided without a database."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chassis.consumer.streams import Head, Move, sort_out, straight_moves
from tests.backbone import NOW, a_letter, a_reply, lot, parked


def numbers(letters):
    return [letter.event.sequence for letter in letters]


def letters(*sequences):
    return [a_letter(lot(), sequence) for sequence in sequences]


class TestStraightMoves:
    def test_span_each_subject_from_first_to_last(self):
        mixed = [a_letter(lot(1), 3), a_letter(lot(2), 1), a_letter(lot(1), 4)]

        moves = straight_moves(mixed)

        assert moves == [
            Move("/catalog/1", lot(1), 2, 4, is_stored=True),
            Move("/catalog/1", lot(2), 0, 1, is_stored=False),
        ]

    def test_leave_messages_out(self):
        assert straight_moves([a_reply("msg_1")]) == []

    def test_do_not_exist_over_a_hole_or_a_repeat(self):
        assert straight_moves(letters(1, 3)) is None
        assert straight_moves(letters(1, 1)) is None
        assert straight_moves(letters(2, 1)) is None


class TestSortOut:
    def test_readies_what_follows_and_has_the_rest_wait(self):
        found = sort_out(Head(2), letters(3, 4, 6), now=NOW)

        assert numbers(found.ready) == [3, 4]
        assert numbers(found.waiting) == [6]

    def test_drops_what_was_seen_and_what_is_there_twice(self):
        found = sort_out(Head(2), letters(1, 2, 3, 3), now=NOW)

        assert numbers(found.ready) == [3]
        assert numbers(found.seen) == [1, 2, 3]

    def test_stops_at_a_dead_letter(self):
        found = sort_out(Head(2, blocked_at=4), letters(3, 4, 5), now=NOW)

        assert numbers(found.ready) == [3]
        assert numbers(found.waiting) == [4, 5]

    def test_waits_for_one_that_is_to_be_tried_later(self):
        failed = parked(a_letter(lot(), 3), is_retry=True, due_in_seconds=5)

        found = sort_out(Head(2), [failed, *letters(4)], now=NOW)

        assert numbers(found.ready) == []
        assert numbers(found.waiting) == [3, 4]

    def test_takes_the_parked_one_of_two_for_it_knows_its_attempts(self):
        failed = parked(a_letter(lot(), 3), is_retry=True, attempts=4)

        found = sort_out(Head(2), [*letters(3), failed], now=NOW)

        assert found.ready == [failed]
        assert numbers(found.seen) == [3]

    def test_takes_a_parked_one_whose_predecessor_came(self):
        waiting = parked(a_letter(lot(), 4), due_in_seconds=30)

        found = sort_out(Head(2), [waiting, *letters(3)], now=NOW)

        assert numbers(found.ready) == [3, 4]

    @given(st.lists(st.integers(1, 12), max_size=30), st.integers(0, 12))
    def test_loses_nothing_and_readies_a_run_without_a_hole(self, sequences, head):
        found = sort_out(Head(head), letters(*sequences), now=NOW)

        ready = numbers(found.ready)
        assert sorted(ready + numbers(found.waiting) + numbers(found.seen)) == sorted(sequences)
        assert ready == list(range(head + 1, head + 1 + len(ready)))
