"""Progress on the terminal: a bar a stage, and a line for each that is over."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)


class Board:
    """Shows one stage after the other; plain lines where there is no terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self.seconds: dict[str, float] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    @contextmanager
    def stage(self, what: str) -> Iterator[Stage]:
        """Show a stage from its beginning to its end."""
        task = self._progress.add_task(what, total=None)
        shown = Stage(self._progress, task)
        started = time.monotonic()
        try:
            yield shown
        finally:
            self._progress.remove_task(task)
        seconds = time.monotonic() - started
        self.seconds[what] = round(seconds, 1)
        count = f" ({shown.done:,})" if shown.done else ""
        self._console.print(f"{what}{count}: {seconds:.1f} s", highlight=False)


class Stage:
    """The bar of one stage; may be moved from many threads."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task
        self._lock = threading.Lock()
        self._expected = 0
        self.done = 0

    def expect(self, more: int) -> None:
        """So many more steps are to come."""
        with self._lock:
            self._expected += more
            self._progress.update(self._task, total=self._expected)

    def step(self, count: int = 1) -> None:
        """So many steps are done."""
        with self._lock:
            self.done += count
            self._progress.update(self._task, completed=self.done)
