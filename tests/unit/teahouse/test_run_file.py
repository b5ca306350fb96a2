"""One suite a folder, and a dead one never blocks."""

from __future__ import annotations

import os

import pytest

from chassis.embedded.trouble import CannotStart
from teahouse.run_file import RunFile


class TestRunFile:
    def test_tells_who_runs(self, tmp_path):
        held = RunFile(tmp_path).claim(port_base=8100)

        assert RunFile(tmp_path).running() == {"pid": os.getpid(), "port_base": 8100}
        held.release()

    def test_refuses_a_second_one_and_names_the_first(self, tmp_path):
        held = RunFile(tmp_path).claim(port_base=8100)

        with pytest.raises(CannotStart, match=f"process {os.getpid()}") as refusal:
            RunFile(tmp_path).claim(port_base=9000)

        assert refusal.value.code == "running-already"
        assert RunFile(tmp_path).running()["port_base"] == 8100
        held.release()

    def test_lets_the_next_one_start_after_a_release(self, tmp_path):
        RunFile(tmp_path).claim(port_base=8100).release()

        assert RunFile(tmp_path).running() == {}
        RunFile(tmp_path).claim(port_base=9000).release()

    def test_is_not_blocked_by_what_a_killed_one_left_behind(self, tmp_path):
        (tmp_path / "teahouse.json").write_text('{"pid": 1, "port_base": 8100}')

        assert RunFile(tmp_path).running() == {}
        assert RunFile(tmp_path).read()["pid"] == 1
        RunFile(tmp_path).claim(port_base=9000).release()

    def test_knows_nothing_in_an_empty_folder(self, tmp_path):
        assert RunFile(tmp_path / "nowhere").running() == {}
