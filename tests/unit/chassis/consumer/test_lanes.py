"""Letters shared out over lanes."""

from __future__ import annotations

import threading

import pytest

from chassis.consumer.applier import EVENTS_A_TRANSACTION
from chassis.consumer.lanes import WORTH_IT, Lanes
from chassis.consumer.letters import Letter
from chassis.envelope import Event
from tests.backbone import NOW

SUBJECTS = [f"lot_{number}" for number in range(6)]


class Recorder:
    """An applier that only notes what it was given, and by which thread."""

    group = "catalog.commands"

    def __init__(self, fail_at: str = "") -> None:
        self.taken: list[tuple[str, str]] = []
        self.threads: dict[str, set[int]] = {subject: set() for subject in SUBJECTS}
        self.has_begun = threading.Event()
        self._fail_at = fail_at

    def take(self, letters):
        for letter in letters:
            self.has_begun.set()
            event = letter.event
            if event.id == self._fail_at:
                raise ConnectionError(event.id)
            self.taken.append((event.subject, event.id))
            self.threads[event.subject].add(threading.get_ident())


def a_letter(number: int, subject: str) -> Letter:
    event = Event(
        id=f"msg_{number}",
        type="catalog.command.reserve-packs.v1",
        source="/matching/1",
        subject=subject,
        key=subject,
        time=NOW,
    )
    return Letter(event=event, raw="")


def letters(count: int) -> list[Letter]:
    return [a_letter(number, SUBJECTS[number % len(SUBJECTS)]) for number in range(count)]


class TestLanes:
    @pytest.mark.parametrize("count", [1, WORTH_IT - 1, WORTH_IT, 3 * EVENTS_A_TRANSACTION + 7])
    def test_take_every_letter_once_and_each_subjects_in_order(self, count):
        applier, given = Recorder(), letters(count)
        lanes = Lanes(applier)

        lanes.take(iter(given), count=count)

        for subject in SUBJECTS:
            sent = [each.event.id for each in given if each.event.subject == subject]
            assert [key for found, key in applier.taken if found == subject] == sent
            assert len(applier.threads[subject]) == (1 if sent else 0)
        lanes.close()

    def test_begin_with_the_first_letters_while_later_ones_are_still_being_read(self):
        applier = Recorder()
        lanes = Lanes(applier)

        def read():
            for number in range(EVENTS_A_TRANSACTION):
                yield a_letter(number, SUBJECTS[0])
            assert applier.has_begun.wait(10)
            yield a_letter(EVENTS_A_TRANSACTION, SUBJECTS[0])

        lanes.take(read(), count=EVENTS_A_TRANSACTION + 1)

        assert len(applier.taken) == EVENTS_A_TRANSACTION + 1
        lanes.close()

    def test_end_all_before_the_failure_of_one_is_told(self):
        applier = Recorder(fail_at="msg_0")
        lanes = Lanes(applier)

        with pytest.raises(ConnectionError, match="msg_0"):
            lanes.take(iter(letters(600)), count=600)

        applied = {subject for subject, _ in applier.taken}
        assert applied
        assert SUBJECTS[0] not in applied
        lanes.close()
