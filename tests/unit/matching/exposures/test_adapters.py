"""Exposures in the background: nobody waits for them, and what is lost is counted."""

from __future__ import annotations

import pytest
from pymongo.errors import NetworkTimeout

from chassis import metrics
from chassis.testing.patience import eventually
from services.matching.exposures import adapters
from services.matching.exposures.adapters import ExposuresLater
from tests.unit.matching.exposures.builders import an_exposure


class Store:
    """Keeps what it is given, unless it has a reason not to."""

    def __init__(self) -> None:
        self.kept = []
        self.trouble = None

    def add(self, exposures):
        if self.trouble:
            raise self.trouble
        self.kept += exposures


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def later(store):
    later = ExposuresLater(store)
    yield later
    later.close()


def lost():
    return metrics.EXPOSURES_LOST._value.get()


def test_writes_what_waits_before_it_stops(store, later):
    later.note(an_exposure(1))
    later.note(an_exposure(2))
    later.close()

    assert store.kept == [an_exposure(1), an_exposure(2)]


def test_counts_what_could_not_be_written(store, later):
    before, store.trouble = lost(), NetworkTimeout("away")

    later.note(an_exposure())
    later.close()

    assert (store.kept, lost() - before) == ([], 1)


def test_goes_on_after_an_error_that_nobody_foresaw(store, later, monkeypatch):
    monkeypatch.setattr(adapters, "PAUSE_SECONDS", 0.01)
    before, store.trouble = lost(), OverflowError("a seed of more than eight bytes")
    later.note(an_exposure(1))
    eventually(lambda: lost() - before == 1)

    store.trouble = None
    later.note(an_exposure(2))
    later.close()

    assert (store.kept, lost() - before) == ([an_exposure(2)], 1)


def test_counts_what_it_has_no_room_for(store, later, monkeypatch):
    monkeypatch.setattr(adapters, "MOST_WAITING", 2)
    monkeypatch.setattr(adapters, "PAUSE_SECONDS", 60)
    before = lost()

    for number in range(3):
        later.note(an_exposure(number))
    later.close()

    assert (len(store.kept), lost() - before) == (2, 1)
