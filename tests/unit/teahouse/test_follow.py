"""Warnings are found in the logs of every kind of process, and read like sentences."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from chassis.testing.patience import eventually
from teahouse.follow import LogFollower, is_worrying, readable


class TestIsWorrying:
    @pytest.mark.parametrize(
        "line",
        [
            '{"event": "no broker", "level": "warning"}',
            '{"event": "halted", "level": "error"}',
            '{"t": {}, "s": "E", "c": "STORAGE", "msg": "disk full"}',
            "Traceback (most recent call last):",
            "2026-01-01 ERROR tansu_broker: no",
        ],
    )
    def test_sees_what_needs_attention(self, line):
        assert is_worrying(line)

    @pytest.mark.parametrize(
        "line",
        [
            '{"event": "request", "level": "info"}',
            '{"s": "W", "c": "CONTROL", "msg": "Access control is not enabled"}',
            "ready in 2ms",
            "{not json",
            "",
        ],
    )
    def test_lets_the_rest_pass(self, line):
        assert not is_worrying(line)


class TestReadable:
    def test_puts_the_sentence_first_and_drops_what_everybody_knows(self):
        line = json.dumps(
            {"event": "吃茶 late", "level": "warning", "service": "catalog", "ts": "x", "lag": 3}
        )

        assert readable(line) == "吃茶 late  level=warning lag=3"

    def test_leaves_plain_lines_alone(self):
        assert readable("ready in 2ms") == "ready in 2ms"


class TestLogFollower:
    def test_prints_only_warnings_unless_told_otherwise(self, tmp_path):
        output = follow(tmp_path, everything=False)

        assert "broker lost" in output
        assert "catalog-worker" in output
        assert "request" not in output

    def test_prints_a_traceback_whole_and_no_more(self, tmp_path):
        lines = ["Traceback (most recent call last):", "  at home", "TeaError: cold", "onwards"]

        output = follow(tmp_path, *lines, everything=False)

        assert "at home" in output
        assert "TeaError: cold" in output
        assert "onwards" not in output

    def test_prints_everything_when_verbose(self, tmp_path):
        assert "request" in follow(tmp_path, everything=True)


def follow(folder, *lines: str, everything: bool) -> str:
    output = io.StringIO()
    follower = LogFollower(folder, Console(file=output, width=120), everything=everything)
    follower.start()
    with (folder / "catalog-worker.log").open("a") as log:
        log.writelines(f"{line}\n" for line in lines)
        log.write('{"event": "request", "level": "info"}\n{"event": "broker ')
        log.flush()
        log.write('lost", "level": "warning"}\n')
    eventually(lambda: "broker lost" in output.getvalue(), within_seconds=5)
    follower.stop()
    return output.getvalue()
