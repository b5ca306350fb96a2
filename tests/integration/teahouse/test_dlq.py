"""An operator decides about dead letters, of whichever service they are."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from typer.testing import CliRunner

from chassis import deadletters, mongo
from chassis.deadletters import DeadLetterUnknown, Failure
from chassis.envelope import parse
from teahouse.commands.dlq import app

GROUP, COMMAND = "catalog.commands", "catalog.command.reserve-packs.v1"
EXAMPLES = Path(__file__).parents[3] / "contracts" / "examples"
RIGHT = json.loads((EXAMPLES / COMMAND / "1.json").read_text(encoding="utf-8"))["data"]
runner = CliRunner()


@pytest.fixture
def letter(mongod, monkeypatch):
    """The id of one open dead letter in catalog's database."""
    uri = mongod.uri(f"test_{uuid.uuid4().hex}")
    monkeypatch.setenv("CATALOG_MONGO_URI", uri)
    monkeypatch.setattr("teahouse.programs.services", lambda: ("catalog",))
    yield buried(uri, a_message())
    mongo.connect(uri)
    mongo.client().drop_database(mongo.database().name)
    mongo.disconnect()


def a_message() -> str:
    """A command as it came, with data that nobody could take."""
    envelope = {
        "specversion": "1.0",
        "id": "msg_1",
        "type": COMMAND,
        "source": "/matching/1",
        "subject": "lot_1",
        "time": "2026-03-01T00:00:00Z",
        "correlationid": "sag_1",
        "data": {"packs": -1},
    }
    return json.dumps(envelope)


def buried(uri: str, message: str) -> str:
    mongo.connect(uri)
    failure = Failure(reason="ValueError", message="packs: -1")
    mongo.ensure_indexes([deadletters.DeadLetter])
    deadletters.bury(GROUP, parse(message), message, failure, place="topic/0/1")
    mongo.disconnect()
    return f"{GROUP}|msg_1"


def told(tmp_path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command as an operator starts it, with its exit code."""
    command = [sys.executable, "-m", "teahouse", "dlq", *arguments]
    return subprocess.run(
        [*command, "--var", str(tmp_path), "--json"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


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

    def test_edits_what_was_wrong_and_keeps_both(self, letter, tmp_path):
        file = tmp_path / "right.json"
        file.write_text(json.dumps(RIGHT), encoding="utf-8")

        done = run(tmp_path, "edit", letter, str(file), "--why", "packs below nought")

        assert done == {"edited": letter, "before": {"packs": -1}, "after": RIGHT}
        shown = run(tmp_path, "show", letter)
        assert (shown["state"], shown["why"]) == ("replayed", "packs below nought")
        (edit,) = shown["edits"]
        assert [json.loads(edit[name]) for name in ("before", "after")] == [{"packs": -1}, RIGHT]

    def test_ends_with_one_when_a_correction_is_not_sent(self, letter, tmp_path):
        wrong, right = tmp_path / "wrong.json", tmp_path / "right.json"
        wrong.write_text(json.dumps(RIGHT | {"packs": "many"}), encoding="utf-8")
        right.write_text(json.dumps(RIGHT), encoding="utf-8")

        unfit = told(tmp_path, "edit", letter, str(wrong), "--why", "a guess")
        sent = told(tmp_path, "edit", letter, str(right), "--why", "counted")
        again = told(tmp_path, "edit", letter, str(right), "--why", "counted")

        assert (unfit.returncode, json.loads(unfit.stdout)["error"]["code"]) == (
            1,
            "correction-unfit",
        )
        assert "$.packs" in json.loads(unfit.stdout)["error"]["message"]
        assert sent.returncode == 0
        assert (again.returncode, json.loads(again.stdout)["error"]["code"]) == (
            1,
            "dead-letter-decided",
        )

    @pytest.mark.parametrize("text", ["{", "[]", "7", None])
    def test_takes_nothing_but_an_object_for_a_correction(self, letter, tmp_path, text):
        file = tmp_path / "correction.json"
        if text is not None:
            file.write_text(text, encoding="utf-8")

        answer = runner.invoke(app, ["edit", letter, str(file), "--why", "x"])

        assert answer.exit_code == 2
        assert run(tmp_path, "show", letter)["state"] == "open"

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
