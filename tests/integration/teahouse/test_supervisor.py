"""The supervisor keeps what it started running, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from chassis.embedded.process import ChildProcess
from chassis.embedded.trouble import CannotStart
from chassis.testing.patience import eventually
from teahouse.supervisor import Program, State, Supervisor

SLEEPER = [sys.executable, "-S", "-c", "import time; time.sleep(60)"]
STUBBORN = [
    *(sys.executable, "-S", "-u", "-c"),
    "import signal as s, time; s.signal(s.SIGTERM, s.SIG_IGN); print('deaf'); time.sleep(60)",
]


@pytest.fixture
def notices():
    return []


@pytest.fixture
def supervisor(notices):
    supervisor = Supervisor(notices.append)
    yield supervisor
    supervisor.stop([supervisor.programs], gently=False)


def a_program(tmp_path, name="sleeper", command=SLEEPER, **knobs) -> Program:
    process = ChildProcess(name, command, log=tmp_path / f"{name}.log")
    return Program(process, **{"is_ready": lambda: True, "launch": process.start} | knobs)


class TestStart:
    def test_returns_when_all_are_ready(self, supervisor, tmp_path):
        programs = [a_program(tmp_path, name) for name in ("one", "two")]

        supervisor.start(programs)

        assert [program.state for program in programs] == [State.READY, State.READY]
        assert all(program.is_green() for program in programs)

    def test_starts_each_when_those_before_it_are_ready(self, supervisor, notices, tmp_path):
        second = a_program(tmp_path, "second", after=("first",))
        first = a_program(tmp_path, "first")

        supervisor.start([second, first])

        assert [(notice.program, notice.state) for notice in notices] == [
            ("first", State.STARTING),
            ("first", State.READY),
            ("second", State.STARTING),
            ("second", State.READY),
        ]

    def test_waits_for_an_errand_and_forgets_it(self, supervisor, tmp_path):
        errand = a_program(
            tmp_path, "errand", [sys.executable, "-S", "-c", "pass"], is_errand=True
        )
        errand.is_ready = lambda: errand.process.exit_code == 0
        lasting = a_program(tmp_path, after=("errand",))

        supervisor.start([errand, lasting])

        assert supervisor.programs == (lasting,)
        assert not errand.is_wanted

    def test_fails_at_once_and_shows_the_last_words_of_what_died(self, supervisor, tmp_path):
        last_words = [sys.executable, "-c", "raise SystemExit('no tea')"]
        dying = a_program(tmp_path, "dying", last_words, is_ready=lambda: False)
        slow = a_program(tmp_path, "slow", is_ready=lambda: False)
        started = time.monotonic()

        with pytest.raises(CannotStart, match="no tea"):
            supervisor.start([dying, slow])

        assert time.monotonic() - started < 5

    def test_gives_up_on_what_never_gets_ready(self, supervisor, tmp_path):
        slow = a_program(tmp_path, "slow", is_ready=lambda: False, within_seconds=0.3)

        with pytest.raises(CannotStart, match="not ready within") as refusal:
            supervisor.start([slow])

        assert refusal.value.code == "not-ready"


class TestWatch:
    def test_starts_again_what_was_killed(self, supervisor, notices, tmp_path):
        program = a_program(tmp_path)
        supervisor.start([program])
        supervisor.watch()
        first = program.process.pid

        os.kill(first, signal.SIGKILL)

        eventually(lambda: program.is_green() and program.process.pid != first)
        assert program.restarts == 1
        assert [notice.exit_code for notice in notices if notice.state is State.WAITING] == [-9]

    def test_waits_longer_each_time(self, supervisor, notices, tmp_path):
        program = a_program(tmp_path, command=[sys.executable, "-S", "-c", "pass"])
        supervisor.start([program])
        supervisor.watch()

        eventually(lambda: program.restarts >= 3)

        pauses = [notice.pause_seconds for notice in notices if notice.state is State.WAITING]
        assert pauses[:3] == [0.2, 0.4, 0.8]

    def test_leaves_down_what_was_ended_on_purpose(self, supervisor, tmp_path):
        program = a_program(tmp_path)
        supervisor.start([program])
        supervisor.watch()

        program.end(gently=False)

        time.sleep(0.5)
        assert not program.process.is_alive()
        assert program.restarts == 0

    def test_tries_again_later_when_it_cannot_start(self, supervisor, tmp_path):
        program = a_program(tmp_path)
        supervisor.start([program])
        supervisor.watch()
        attempts = []

        def launch():
            attempts.append(1)
            if len(attempts) < 3:
                raise CannotStart("taken", code="port-taken", fix="wait", chinese="等")
            program.process.start()

        program.launch = launch
        program.process.kill()

        eventually(program.is_green, within_seconds=5)
        assert len(attempts) == 3


class TestStop:
    def test_insists_when_asking_does_not_help(self, supervisor, tmp_path):
        program = a_program(tmp_path, command=STUBBORN, grace_seconds=0.2)
        supervisor.start([program])
        eventually(lambda: "deaf" in program.process.tail())

        supervisor.stop([[program]])

        assert program.process.exit_code == -signal.SIGKILL

    def test_names_the_programs_there_are(self, supervisor, tmp_path):
        supervisor.start([a_program(tmp_path)])

        with pytest.raises(KeyError, match="sleeper"):
            supervisor.program("tea")


class TestLeash:
    def test_ends_the_children_of_an_owner_that_was_killed(self, tmp_path):
        script = textwrap.dedent(
            f"""
            import os, signal, sys
            from pathlib import Path
            from chassis.embedded.process import ChildProcess
            child = ChildProcess("child", {SLEEPER!r}, log=Path({str(tmp_path)!r}) / "log")
            child.start()
            print(child.pid, flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
            """
        )

        done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)

        orphan = int(done.stdout)
        assert done.returncode == -signal.SIGKILL
        eventually(lambda: not is_alive(orphan))


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False
