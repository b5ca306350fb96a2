"""A service is restored from a backup while the broker and its peers are ahead of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chassis import mongo, outbox
from chassis.kernel.ids import from_int
from chassis.kernel.time import system_clock
from chassis.settings import Settings
from chassis.testing.patience import eventually
from teahouse import backup
from tests.fault.pair import DOCUMENTS

SUBJECTS = range(1, 4)


def quiet(_name):
    """No progress is shown."""


@pytest.fixture
def settings(pair):
    return {"catalog": Settings(service="catalog", mongo_uri=pair.uri("catalog"))}


def seen(pair):
    return [pair.tallies().get(from_int("lot", number)) for number in SUBJECTS]


def notes(pair):
    return sorted(row["message"] for row in pair.read("catalog", "notes"))


def commands(pair):
    rows = pair.read("matching", "outbox")
    return sorted(row["_id"] for row in rows if row["topic"].endswith("catalog.commands"))


def test_nothing_is_swallowed_when_a_service_goes_back_in_time(pair, settings, tmp_path):
    worker = pair.start("catalog")
    pair.start("matching")
    pair.publish(SUBJECTS, [1, 2, 3])
    pair.settle()
    backup.take(settings, tmp_path / "monday", now=system_clock(), progress=quiet)
    pair.publish(SUBJECTS, [4, 5, 6])
    pair.settle()

    worker.kill()
    raised = backup.restore(settings, tmp_path / "monday", replace=True, progress=quiet)
    mongo.ensure_indexes(DOCUMENTS)
    assert raised == {"catalog": 2}
    assert len(notes(pair)) == 9
    outbox.publish_as(replace(settings["catalog"], incarnation=2).source)
    pair.acknowledged = dict.fromkeys(pair.acknowledged, 3)
    pair.start("catalog", CATALOG_INCARNATION="2")
    pair.publish(SUBJECTS, [4, 5])

    def all_is_told():
        # Matching keeps what it heard of a time that is no more, and hears the new one too.
        assert seen(pair) == [[1, 2, 3, 4, 5, 6, 4, 5]] * 3
        # Catalog hears again what it was told after the backup, each command once.
        assert len(commands(pair)) == 3 * 8
        assert notes(pair) == commands(pair)

    eventually(lambda: all_is_told() or True, within_seconds=pair.patience_seconds)


def test_without_a_higher_incarnation_new_events_are_taken_for_old_ones(pair, settings, tmp_path):
    worker = pair.start("catalog")
    pair.start("matching")
    pair.publish(SUBJECTS, [1])
    pair.settle()
    backup.take(settings, tmp_path / "monday", now=system_clock(), progress=quiet)
    pair.publish(SUBJECTS, [2, 3])
    pair.settle()

    worker.kill()
    backup.restore(settings, tmp_path / "monday", replace=True, progress=quiet)
    mongo.ensure_indexes(DOCUMENTS)
    pair.acknowledged = dict.fromkeys(pair.acknowledged, 1)
    pair.start("catalog")
    pair.publish(SUBJECTS, [2])
    pair.publish([9], [1])
    eventually(lambda: pair.tallies().get(from_int("lot", 9)), within_seconds=60)

    assert seen(pair) == [[1, 2, 3]] * 3  # the drill above would fail without its incarnation
