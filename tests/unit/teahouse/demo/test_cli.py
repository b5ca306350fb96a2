from __future__ import annotations

import subprocess
from datetime import date
from io import StringIO

import pytest
from rich.console import Console

from chassis.embedded.trouble import CannotStart
from teahouse.demo import cli
from teahouse.demo.board import Board
from teahouse.demo.scale import SMALL, WHOLE

DAY = date(2026, 11, 22)


class TestPreparedInput:
    def run_with(self, monkeypatch, returncode: int) -> list[list[str]]:
        asked: list[list[str]] = []

        def run(command, *, check):
            asked.append(command)
            return subprocess.CompletedProcess(command, returncode)

        monkeypatch.setattr(subprocess, "run", run)
        return asked

    def test_prepares_in_a_process_of_its_own(self, monkeypatch, tmp_path):
        asked = self.run_with(monkeypatch, 0)

        folder = cli.prepared_input(tmp_path, WHOLE, day=DAY)

        assert folder == tmp_path / "demo" / "whole"
        assert asked[0][1:] == [
            *("-m", "teahouse.demo.prepare", str(folder), "2026-11-22", "whole")
        ]

    def test_keeps_the_small_one_apart(self, monkeypatch, tmp_path):
        asked = self.run_with(monkeypatch, 0)

        assert cli.prepared_input(tmp_path, SMALL, day=DAY) == tmp_path / "demo" / "small"
        assert asked[0][-1] == "small"

    def test_says_how_to_get_the_goods(self, monkeypatch):
        monkeypatch.setattr(cli, "GOODS", "no_such_package")

        with pytest.raises(CannotStart) as refusal:
            cli.must_have_goods()

        assert "make setup" in refusal.value.fix

    def test_says_when_preparing_went_wrong(self, monkeypatch, tmp_path):
        self.run_with(monkeypatch, 1)

        with pytest.raises(CannotStart, match="ended with 1"):
            cli.prepared_input(tmp_path, WHOLE, day=DAY)


class TestBoard:
    def test_tells_each_stage_when_it_is_over(self):
        out = StringIO()

        with Board(Console(file=out, width=80)) as board, board.stage("hosts browse") as stage:
            stage.expect(2)
            stage.step()
            stage.step()

        assert "hosts browse (2): 0.0 s" in out.getvalue()
        assert board.seconds == {"hosts browse": 0.0}

    def test_tells_nothing_of_a_stage_that_failed(self):
        out = StringIO()

        with (
            pytest.raises(ZeroDivisionError),
            Board(Console(file=out, width=80)) as board,
            board.stage("hosts browse"),
        ):
            _ = 1 // 0

        assert "hosts browse" not in out.getvalue()
