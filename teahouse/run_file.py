"""One suite at a time in one folder: a lock the kernel lets go of when its holder dies."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self, TextIO

from chassis.embedded.ports import HOST
from chassis.embedded.trouble import CannotStart
from teahouse.ports import Ports


class RunFile:
    """``var/teahouse.json``: who runs the suite here, and on which ports.

    Held by a file lock, so that what a killed supervisor left behind never blocks.
    """

    def __init__(self, var: Path) -> None:
        self.path = var / "teahouse.json"
        self._file: TextIO | None = None

    def claim(self, **facts: object) -> Self:
        """Become the one, or raise ``CannotStart`` naming the process that is."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = self.path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.close()
            raise _running_already(self.path, self.read().get("pid")) from error
        file.truncate(0)
        file.write(json.dumps({"pid": os.getpid(), **facts}))
        file.flush()
        self._file = file
        return self

    def release(self) -> None:
        """Let the next one start."""
        if self._file is not None:
            self._file.truncate(0)
            self._file.close()
            self._file = None

    def read(self) -> dict[str, Any]:
        """What the one that runs wrote; empty when none ever did or it was stopped."""
        try:
            found: dict[str, Any] = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found

    def running(self) -> dict[str, Any]:
        """As ``read``, but empty also when the one that wrote it is dead."""
        try:
            with self.path.open("r+", encoding="utf-8") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            return {}
        except OSError:
            return self.read()
        return {}


def public_addresses(var: Path, services: Iterable[str]) -> dict[str, str]:
    """Where these services of the suite that runs in ``var`` answer; empty when none runs."""
    running = RunFile(var.absolute()).running()
    if not running:
        return {}
    ports = Ports(running["port_base"])
    return {name: f"http://{HOST}:{ports.public(name)}" for name in services}


def _running_already(path: Path, pid: int | None) -> CannotStart:
    return CannotStart(
        f"Teahouse runs already in {path.parent} (process {pid})",
        code="running-already",
        fix=(
            "stop it with `teahouse down`, or start another beside it with "
            "`teahouse up --var other --port-base 20000`"
        ),
        chinese=(
            f"Teahouse 已在 {path.parent} 中运行（进程 {pid}）。请用 `teahouse down` 停止，"
            "或用 `teahouse up --var other --port-base 20000` 另起一套。"
        ),
    )
