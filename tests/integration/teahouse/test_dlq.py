"""An operator decides about dead letters, of whichever service they are."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from chassis import deadletters, mongo
from chassis.deadletters import DeadLetterUnknown, Failure
from chassis.envelope import Event
from teahouse.commands.dlq import app

GROUP = "catalog.commands"
runner = CliRunner()


@pytest.fixture
def letter(mongod, monkeypatch):
    """The id of one open dead letter in catalog's database."""
    uri = mongod.uri(f"test_{uuid.uuid4().hex}")
    monkeypatch.setenv("CATALOG_MONGO_URI", uri)
    monkeypatch.setattr("teahouse.programs.services", lambda: ("catalog",))
    yield buried(uri, an_event())
    mongo.connect(uri)
    mongo.client().drop_database(mongo.database().name)
    mongo.disconnect()


def an_event() -> Event:
    return Event(
        id="msg_1",
        type="catalog.command.reserve-packs.v1",
        source="/matching/1",
        subject="clm_1",
        time=datetime(2026, 3, 1, tzinfo=UTC),
        key="lot_1",
        correlation_id="sag_1",
    )


def buried(uri: str, event: Event) -> str:
    mongo.connect(uri)
    failure = Failure(reason="ValueError", message="packs: -1")
    mongo.ensure_indexes([deadletters.DeadLetter])
    deadletters.bury(GROUP, event, "{}", failure, place="topic/0/1")
    mongo.disconnect()
    return f"{GROUP}|{event.id}"


def run(tmp_path, *arguments: str):
    answer = runner.invoke(app, [*arguments, "--var", str(tmp_path), "--json"])
    if answer.exception and not isinstance(answer.exception, SystemExit):
        raise answer.exception
    return json.loads(answer.stdout)


class TestDlq:
    def test_lists_what_waits_for_a_decision(self, letter, tmp_path):
        (row,) = run(tmp_path, "list")["dead_letters"]

        assert row["_id"] == letter
        assert (row["reason"], row["message"]) == ("ValueError", "packs: -1")

    def test_shows_one_whole(self, letter, tmp_path):
        assert run(tmp_path, "show", letter)["type"] == "catalog.command.reserve-packs.v1"

    def test_replays_once(self, letter, tmp_path):
        first = run(tmp_path, "replay", letter, "--why", "mended")
        second = run(tmp_path, "replay", letter)

        assert first == {"decided": {letter: True}}
        assert second == {"decided": {letter: False}}
        assert run(tmp_path, "list")["dead_letters"] == []
        (row,) = run(tmp_path, "list", "--all")["dead_letters"]
        assert (row["state"], row["why"]) == ("replayed", "mended")
        assert row["by"].startswith("operator:")

    def test_replays_all_of_a_group(self, letter, tmp_path):
        assert run(tmp_path, "replay", "--group", GROUP) == {"decided": {letter: True}}

    def test_discards_with_a_reason(self, letter, tmp_path):
        assert run(tmp_path, "discard", letter, "--why", "a test")["decided"] == {letter: True}

        assert run(tmp_path, "show", letter)["state"] == "discarded"

    def test_demands_a_reason_for_discarding(self, letter, tmp_path):
        answer = runner.invoke(app, ["discard", letter, "--var", str(tmp_path)])

        assert answer.exit_code == 2
        assert run(tmp_path, "show", letter)["state"] == "open"

    def test_refuses_what_it_does_not_know(self, letter, tmp_path):
        with pytest.raises(DeadLetterUnknown):
            run(tmp_path, "show", "catalog.commands|nothing")
        with pytest.raises(DeadLetterUnknown, match="kitchen"):
            run(tmp_path, "replay", "kitchen.orders|1")
