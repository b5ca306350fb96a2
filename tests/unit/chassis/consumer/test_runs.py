"""Events are grouped by type as far as the order of each subject allows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chassis.consumer.runs import runs, units
from chassis.inbox import TwoStep
from tests.backbone import NOW, PUBLISHED, LotClosed, a_letter, lot

CLOSED = LotClosed.type
OUTSIDE = TwoStep(submit=lambda events: None, record=lambda events, outcome: None)


def opened(number, sequence=1):
    return a_letter(lot(number), sequence)


def closed(number, sequence=2):
    return a_letter(lot(number), sequence, event=LotClosed(occurred_at=NOW, lot_id=lot(number)))


def types(found):
    return [(run.type, len(run.letters)) for run in found]


class TestRuns:
    def test_gather_one_type_over_subjects(self):
        found = runs([opened(1), closed(1), opened(2), closed(2)])

        assert types(found) == [(PUBLISHED, 2), (CLOSED, 2)]

    def test_keep_the_order_of_a_subject(self):
        found = runs([opened(1, 1), closed(1, 2), opened(1, 3)])

        assert types(found) == [(PUBLISHED, 1), (CLOSED, 1), (PUBLISHED, 1)]

    @given(st.lists(st.tuples(st.integers(1, 4), st.booleans()), max_size=40))
    def test_never_reorder_a_subject_and_lose_nothing(self, wanted):
        counts = {}
        letters = []
        for number, is_closing in wanted:
            counts[number] = counts.get(number, 0) + 1
            make = closed if is_closing else opened
            letters.append(make(number, counts[number]))

        flat = [letter for run in runs(letters) for letter in run.letters]

        assert len(flat) == len(letters)
        for number, count in counts.items():
            mine = [x.event.sequence for x in flat if x.event.subject == lot(number)]
            assert mine == list(range(1, count + 1))


class TestUnits:
    def test_are_one_transaction_as_a_rule(self):
        found = units([opened(1), closed(1)], {})

        assert [types(unit) for unit in found] == [[(PUBLISHED, 1), (CLOSED, 1)]]

    def test_set_a_run_with_an_effect_outside_apart(self):
        found = units([opened(1), closed(1), opened(1, 3)], {CLOSED: OUTSIDE})

        assert [types(unit) for unit in found] == [
            [(PUBLISHED, 1)],
            [(CLOSED, 1)],
            [(PUBLISHED, 1)],
        ]
