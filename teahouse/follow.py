"""Shows what the processes log: all of it, or only what needs somebody's attention."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from rich.console import Console
from rich.text import Text

LOOK_SECONDS = 0.2
COLOURS = ("cyan", "magenta", "green", "yellow", "blue", "bright_cyan", "bright_magenta")
WORRYING = frozenset({"warning", "error", "critical", "exception", "warn"})
# mongod warns at every start that it is open to this machine; that is how it is meant to be.
WORRYING_MONGOD = frozenset({"E", "F"})


class LogFollower:
    """Prints new lines of ``*.log`` in a folder, each with the name of its process.

    Only warnings and worse, unless ``everything``. Runs in a thread between ``start`` and
    ``stop``.
    """

    def __init__(self, folder: Path, console: Console, *, everything: bool) -> None:
        self._folder = folder
        self._console = console
        self._everything = everything
        self._files: dict[Path, BinaryIO] = {}
        self._rest: dict[Path, bytes] = {}
        self._in_traceback: set[str] = set()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="log-follower", daemon=True)

    def start(self) -> None:
        """Show what is logged from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Show what is left and end."""
        self._stopping.set()
        self._thread.join(timeout=5)
        for file in self._files.values():
            file.close()

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_SECONDS):
            self._look()
        self._look()

    def _look(self) -> None:
        for path in sorted(self._folder.glob("*.log")):
            if path not in self._files:
                self._files[path] = path.open("rb")
            *lines, rest = (self._rest.get(path, b"") + self._files[path].read()).split(b"\n")
            self._rest[path] = rest
            for line in lines:
                self._show(path.stem, line.decode(errors="replace"))

    def _show(self, name: str, line: str) -> None:
        if self._everything or self._is_worrying(name, line):
            colour = COLOURS[sum(name.encode()) % len(COLOURS)]
            self._console.print(Text.assemble((f"{name:<16} ", colour), readable(line)))

    def _is_worrying(self, name: str, line: str) -> bool:
        """A worrying line, or one of a plain traceback that such a line began."""
        if name in self._in_traceback:
            if not line.startswith(" "):
                self._in_traceback.discard(name)  # this one names the error
            return True
        if line.startswith("Traceback"):
            self._in_traceback.add(name)
        return is_worrying(line)


def is_worrying(line: str) -> bool:
    """Whether a line of any of the processes is a warning or worse."""
    entry = _entry(line)
    if entry is not None:
        return entry.get("level") in WORRYING or entry.get("s") in WORRYING_MONGOD
    return " ERROR " in line or "Traceback" in line or "[ERROR]" in line


def readable(line: str) -> str:
    """The sentence of a JSON line with what belongs to it; other lines as they are."""
    entry = _entry(line)
    if entry is None:
        return line
    sentence = entry.pop("event", None) or entry.pop("msg", line)
    for known in _KNOWN:
        entry.pop(known, None)
    rest = " ".join(f"{name}={value}" for name, value in entry.items())
    return f"{sentence}  {rest}".rstrip()


_KNOWN = ("service", "version", "ts", "t", "s", "c", "id", "ctx", "svc")


def _entry(line: str) -> dict[str, Any] | None:
    if not line.startswith("{"):
        return None
    parse: Callable[[str], Any] = json.loads
    try:
        found = parse(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
