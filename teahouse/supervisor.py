"""Keeps a set of processes running: starts them, watches them, starts them again, ends them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from enum import StrEnum

from chassis.embedded.process import ChildProcess
from chassis.embedded.trouble import CannotStart

WATCH_SECONDS = 0.1
LOOK_SECONDS = 0.02
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 10.0
STEADY_SECONDS = 30.0


class State(StrEnum):
    """Where a program stands."""

    DOWN = "down"
    STARTING = "starting"
    READY = "ready"
    WAITING = "waiting to start again"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the operator may want to see happen."""

    program: str
    state: State
    exit_code: int | None = None
    pause_seconds: float = 0


Notify = Callable[[Notice], None]


@dataclass(slots=True)
class Program:
    """A process with what the supervisor must know about it.

    It is started when those named in ``after`` are ready. One that ``is_errand`` is ready
    when it has ended well, and is forgotten then.
    """

    process: ChildProcess
    is_ready: Callable[[], bool]
    launch: Callable[[], None]
    after: tuple[str, ...] = ()
    is_errand: bool = False
    within_seconds: float = 60
    grace_seconds: float = 15
    state: State = State.DOWN
    restarts: int = 0
    last_exit: int | None = None
    is_wanted: bool = False
    lock: threading.RLock = field(default_factory=threading.RLock)
    _started_at: float = 0
    _start_at: float = 0
    _pause_seconds: float = FIRST_PAUSE_SECONDS

    @property
    def name(self) -> str:
        return self.process.name

    def start(self) -> None:
        """Launch it, or raise ``CannotStart``; from now on it is kept running."""
        with self.lock:
            self.process.kill()  # whatever is left of its group still holds the port
            self.launch()
            self.is_wanted = True
            self.state = State.STARTING
            self._started_at = time.monotonic()

    def kill(self) -> None:
        """``kill -9`` it; while it is wanted it is started again."""
        with self.lock:
            self.process.kill()

    def end(self, *, gently: bool) -> None:
        """Stop it for good."""
        with self.lock:
            self.is_wanted = False
            self.state = State.DOWN
            if gently:
                self.process.stop(grace_seconds=self.grace_seconds)
            else:
                self.process.kill()

    def is_green(self) -> bool:
        """Whether it runs and says so itself, at this moment."""
        return self.is_wanted and self.process.is_alive() and self.is_ready()

    def is_due(self) -> bool:
        """Whether it waits and the time has come."""
        return self.state is State.WAITING and time.monotonic() >= self._start_at

    def put_off(self) -> Notice:
        """Note that it died and when to start it again: later each time, unless it ran long."""
        now = time.monotonic()
        if now - self._started_at > STEADY_SECONDS:
            self._pause_seconds = FIRST_PAUSE_SECONDS
        pause = self._pause_seconds
        self._start_at = now + pause
        self._pause_seconds = min(2 * pause, LONGEST_PAUSE_SECONDS)
        self.state = State.WAITING
        self.restarts += 1
        self.last_exit = self.process.exit_code
        return Notice(self.name, self.state, self.last_exit, pause)


class Supervisor:
    """Runs programs; a thread of its own restarts what dies while it is wanted.

    ``notify`` is called from that thread and from ``start``. Safe to use from several
    threads.
    """

    def __init__(self, notify: Notify) -> None:
        self._notify = notify
        self._programs: dict[str, Program] = {}
        self._ready: set[str] = set()
        self._stopping = threading.Event()
        self._watcher: threading.Thread | None = None

    @property
    def programs(self) -> tuple[Program, ...]:
        """In the order they were started."""
        return tuple(self._programs.values())

    def program(self, name: str) -> Program:
        """Raise ``KeyError`` naming the programs there are."""
        if name not in self._programs:
            raise KeyError(f"no program {name!r}; there are: {', '.join(self._programs)}")
        return self._programs[name]

    def start(self, programs: Sequence[Program]) -> None:
        """Start all, each as soon as it may, and return when every one is ready.

        Raises ``CannotStart`` as soon as one cannot; the others are left to ``stop``.
        """
        self._programs = {program.name: program for program in programs}
        with ThreadPoolExecutor(max(1, len(programs)), thread_name_prefix="start") as pool:
            waiting = [pool.submit(self._start, program) for program in programs]
            try:
                for one in wait(waiting, return_when=FIRST_EXCEPTION).done:
                    one.result()
            except BaseException:
                self._stopping.set()  # or the pool would wait for the others to get ready
                raise

    def watch(self) -> None:
        """Restart from now on what dies."""
        self._watcher = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self._watcher.start()

    def stop(self, waves: Iterable[Sequence[Program]], *, gently: bool = True) -> None:
        """End the programs wave after wave, those of one wave together."""
        self._stopping.set()
        if self._watcher is not None:
            self._watcher.join(timeout=LONGEST_PAUSE_SECONDS)
        for wave in waves:
            with ThreadPoolExecutor(max(1, len(wave)), thread_name_prefix="stop") as pool:
                list(pool.map(lambda program: program.end(gently=gently), wave))

    def _start(self, program: Program) -> None:
        while not self._ready.issuperset(program.after):
            if self._stopping.wait(LOOK_SECONDS):
                return
        program.start()
        self._notify(Notice(program.name, program.state))
        program.process.wait_until(
            lambda: self._stopping.is_set() or program.is_ready(),
            within_seconds=program.within_seconds,
        )
        if self._stopping.is_set():
            return
        if program.is_errand:
            program.end(gently=False)
            del self._programs[program.name]
        program.state = State.READY
        self._ready.add(program.name)
        self._notify(Notice(program.name, program.state))

    def _watch(self) -> None:
        while not self._stopping.wait(WATCH_SECONDS):
            for program in self.programs:
                with program.lock:
                    self._look_after(program)

    def _look_after(self, program: Program) -> None:
        if not program.is_wanted:
            return
        if program.is_due():
            self._start_again(program)
        elif program.state is not State.WAITING and not program.process.is_alive():
            self._notify(program.put_off())
        elif program.state is State.STARTING and program.is_ready():
            program.state = State.READY
            self._notify(Notice(program.name, program.state))

    def _start_again(self, program: Program) -> None:
        try:
            program.start()
        except CannotStart:
            # Its port may still be held by what is left of the old one: later, then.
            self._notify(program.put_off())
        else:
            self._notify(Notice(program.name, program.state))
