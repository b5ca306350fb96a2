"""`teahouse up`: green from nothing, watched, repaired and stopped without a trace."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
import requests

from chassis.embedded.ports import HOST, is_free
from chassis.settings import SERVICES
from chassis.testing.patience import eventually
from teahouse.commands.status import look
from teahouse.ports import Ports
from teahouse.speech import Exit
from tests.conftest import free_base

START_SECONDS = 90


class Running:
    """A `teahouse up --json` of our own, and the commands that go with it."""

    def __init__(self, var: Path, base: int, process: subprocess.Popen[str]) -> None:
        self.var = var
        self.ports = Ports(base)
        self.process = process
        self.green = json.loads(process.stdout.readline() or "{}")
        assert self.green.get("status") == "green", self.green

    def run(self, *arguments: str) -> tuple[int, dict]:
        """A command beside it: exit code and answer."""
        return teahouse(*arguments, "--var", str(self.var))

    def pid_of(self, name: str) -> int:
        lines = look(self.process.pid, self.ports)
        return next(line.pid for line in lines if line.name == name)


@pytest.fixture
def var(scratch, tmp_path):
    yield scratch / tmp_path.name
    shutil.rmtree(scratch / tmp_path.name, ignore_errors=True)


def teahouse(*arguments: str) -> tuple[int, dict]:
    done = subprocess.run(
        [sys.executable, "-m", "teahouse", *arguments, "--json"],
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )
    return done.returncode, json.loads(done.stdout or "{}")


@contextmanager
def up(var: Path, base: int, *arguments: str) -> Iterator[Running]:
    command = [
        *(sys.executable, "-m", "teahouse", "up", "--json", "--var", str(var)),
        *("--port-base", str(base), *arguments),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Running(var, base, process)
        finally:
            process.terminate()
            try:
                process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


@pytest.fixture(scope="module")
def running(scratch) -> Iterator[Running]:
    """One that several tests share; each leaves it green."""
    with up(scratch / "up", free_base()) as running:
        yield running
    shutil.rmtree(scratch / "up", ignore_errors=True)


class TestUp:
    def test_serves_every_service_and_says_so(self, running):
        assert running.green["status"] == "green"
        assert set(running.green["services"]) == set(SERVICES)
        for service in SERVICES:
            url = running.green["services"][service]["openapi"]
            assert requests.get(url, timeout=5).json()["openapi"].startswith("3.1")

        code, status = running.run("status")
        assert (code, status["green"]) == (Exit.OK, True)
        assert len(status["processes"]) == 2 + 2 * len(SERVICES)
        code, doctor = running.run("doctor")
        assert [check for check in doctor["findings"] if check["grade"] != "ok"] == []
        assert (code, doctor["ok"]) == (Exit.OK, True)

    def test_refuses_to_start_twice_in_one_folder(self, running):
        code, answer = running.run("up")

        assert code == Exit.CANNOT_START
        assert answer["error"]["code"] == "running-already"
        assert running.run("status")[1]["green"]

    def test_brings_back_what_is_killed(self, running):
        names = ["catalog-worker", "catalog-api", "broker", "mongod"]
        before = {name: running.pid_of(name) for name in names}

        for name in names:
            os.kill(before[name], signal.SIGKILL)

        eventually(lambda: running.run("status")[1].get("green"), within_seconds=60)
        assert all(running.pid_of(name) != before[name] for name in names)

    def test_lets_days_pass_in_its_sandbox(self, running):
        running.run("clock", "advance", "48h")
        code, answer = running.run("clock", "advance", "24h")

        assert code == Exit.OK
        assert answer["offset_seconds"] == 72 * 3600
        assert running.run("clock", "show")[1]["offset_seconds"] == 72 * 3600


class TestUpAgain:
    def test_stops_without_a_trace_and_keeps_its_data_unless_told_otherwise(self, var):
        base = free_base()
        with up(var, base) as running:
            register(base)
            assert can_log_in(base)
            family = psutil.Process(running.process.pid).children(recursive=True)

            code, _ = running.run("down")

            assert code == Exit.OK
            assert running.process.wait(timeout=10) == 0
            assert not any(process.is_running() for process in family)
            assert all(map(is_free, Ports(base).all().values()))
        with up(var, base):
            assert can_log_in(base)
        with up(var, base, "--fresh", "--real-time") as running:
            assert not can_log_in(base)

            code, answer = running.run("clock", "advance", "1h")

            assert code == Exit.WRONG
            assert answer["error"]["code"] == "clock-refused"

    def test_names_the_port_that_is_taken_and_leaves_nothing_running(self, var):
        base = free_base()
        taken = Ports(base).public("matching")
        with socket.create_server((HOST, taken)):
            code, answer = teahouse("up", "--var", str(var), "--port-base", str(base))

        assert code == Exit.CANNOT_START
        assert answer["error"]["code"] == "port-taken"
        assert str(taken) in answer["error"]["message"]
        assert "--port-base" in answer["error"]["fix"]
        assert all(map(is_free, Ports(base).all().values()))


USER = {"email": "li@example.com", "password": "a long enough one"}


def register(base: int) -> None:
    body = {**USER, "name": "Li"}
    requests.post(f"http://{HOST}:{base + 1}/v1/users", json=body, timeout=10).raise_for_status()


def can_log_in(base: int) -> bool:
    return requests.post(f"http://{HOST}:{base + 1}/v1/sessions", json=USER, timeout=10).ok
