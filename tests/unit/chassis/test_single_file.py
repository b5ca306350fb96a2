"""Threads that compute go one behind the other, and none of them waits for long."""

from __future__ import annotations

import threading

import pytest

from chassis.web.single_file import SingleFile

SOON = 10.0


class Other:
    """Another thread that enters as well, and says so."""

    def __init__(self, file):
        self.entered = threading.Event()
        self._file = file
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        with self._file.kept():
            self.entered.set()

    def end(self):
        self._thread.join(SOON)
        return not self._thread.is_alive()


def test_a_second_thread_waits_for_the_first():
    file = SingleFile(patience=SOON)
    with file.kept():
        other = Other(file)
        assert not other.entered.wait(0.05)
    assert other.entered.wait(SOON)
    assert other.end()


def test_a_thread_that_waited_long_enough_goes_on_beside_the_first():
    file = SingleFile(patience=0.01)
    with file.kept():
        other = Other(file)
        assert other.entered.wait(SOON)
        assert other.end()
    with file.kept():
        assert Other(SingleFile()).end()


def test_what_goes_wrong_leaves_the_way_free():
    file = SingleFile(patience=SOON)
    with pytest.raises(ValueError, match="wrong"), file.kept():
        raise ValueError("wrong")
    other = Other(file)
    assert other.entered.wait(1.0)
    assert other.end()
