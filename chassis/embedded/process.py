"""One child process: its group, its log, its end."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from chassis.embedded import leash
from chassis.embedded.trouble import CannotStart

FIRST_LOOK_SECONDS, LONGEST_LOOK_SECONDS = 0.02, 0.2


class ChildProcess:
    """A program in a process group of its own, with its output appended to ``log``.

    Signals go to the whole group, so that a master takes its workers along. If we die
    ourselves, even by ``kill -9``, the group is ended within seconds. Calls from several
    threads must not overlap.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        self.name = name
        self.command = list(command)
        self.log = log
        self.environment = dict(environment or {})
        self.folder = folder
        self._child: subprocess.Popen[bytes] | None = None
        self._group_may_live = False

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._child.pid if self._child and self.is_alive() else None

    @property
    def exit_code(self) -> int | None:
        """How it ended; negative is a signal, None is still running or never started."""
        return self._child.poll() if self._child else None

    def is_alive(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def start(self) -> None:
        """Start it and return at once; see ``wait_until`` for readiness."""
        if self.is_alive():
            raise RuntimeError(f"{self.name} is running already")
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            self._child = subprocess.Popen(  # noqa: S603 - the commands are ours
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self.environment},
                cwd=self.folder,
                start_new_session=True,
            )
        self._group_may_live = True
        leash.hold(self._child.pid)

    def wait_until(self, is_ready: Callable[[], bool], *, within_seconds: float) -> None:
        """Poll until ready; raise ``CannotStart`` when it exits or takes too long."""
        deadline = time.monotonic() + within_seconds
        pause = FIRST_LOOK_SECONDS
        while not is_ready():
            if not self.is_alive():
                raise self.died()
            if time.monotonic() > deadline:
                raise self.too_slow(within_seconds)
            time.sleep(pause)
            # Asking takes time that whoever gets ready could use.
            pause = min(1.2 * pause, LONGEST_LOOK_SECONDS)

    def send(self, number: signal.Signals) -> None:
        """Signal the whole group, if any of it may still live."""
        # The group outlives its leader: workers of a killed master are still there. Once it
        # was buried its number may belong to somebody else.
        if self._child is not None and self._group_may_live:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._child.pid, number)

    def kill(self) -> None:
        """End the whole group as ``kill -9`` does: nothing is flushed or tidied."""
        self.send(signal.SIGKILL)
        self._bury()

    def stop(self, *, grace_seconds: float = 10) -> None:
        """Ask it to end, then insist after ``grace_seconds``."""
        self.send(signal.SIGTERM)
        if self._child is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(timeout=grace_seconds)
        self.kill()

    def pause(self) -> None:
        """Freeze the group: connections stay open and nothing answers."""
        self.send(signal.SIGSTOP)

    def resume(self) -> None:
        """Undo ``pause``."""
        self.send(signal.SIGCONT)

    def tail(self, lines: int = 12) -> str:
        """The last lines of the log."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as text:
            text.seek(max(0, self.log.stat().st_size - 16_384))
            return b"\n".join(text.read().splitlines()[-lines:]).decode(errors="replace")

    def died(self) -> CannotStart:
        """What to tell the operator after an exit nobody asked for."""
        return CannotStart(
            f"{self.name} ended at once with exit code {self.exit_code}; it said:\n{self.tail()}",
            code="process-died",
            fix=f"read {self.log}, mend what it names, and start again",
            chinese=f"{self.name} 启动后立即退出（退出码 {self.exit_code}），请查看 {self.log}。",
        )

    def too_slow(self, within_seconds: float) -> CannotStart:
        """What to tell the operator when it runs but never gets ready."""
        return CannotStart(
            f"{self.name} was not ready within {within_seconds:.0f} s; it said:\n{self.tail()}",
            code="not-ready",
            fix=f"read {self.log}; on a busy machine, simply try again",
            chinese=(
                f"{self.name} 在 {within_seconds:.0f} 秒内未就绪，"
                f"请查看 {self.log}；机器繁忙时可直接重试。"
            ),
        )

    def _bury(self) -> None:
        if self._child is not None and self._group_may_live:
            self._child.wait(timeout=10)
            self._group_may_live = False
            leash.let_go(self._child.pid)
