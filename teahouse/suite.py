"""The whole of Teahouse on this machine, as one object: start it, break it, stop it."""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

from chassis.embedded.broker import Broker, Tansu
from chassis.embedded.kafka import ApacheKafka, fetch_jars
from chassis.embedded.mongod import DEFAULT, Mongod, MongodOptions
from chassis.embedded.ports import HOST
from chassis.settings import Settings
from teahouse import programs, sandbox
from teahouse.incarnations import load_incarnations
from teahouse.logins import forget_logins
from teahouse.memory import pss_bytes
from teahouse.ports import Ports
from teahouse.run_file import RunFile
from teahouse.service_secrets import OPERATOR_PASSWORD, load_secrets
from teahouse.supervisor import Notify, Program, Supervisor


@dataclass(frozen=True, slots=True)
class ProcessRow:
    """One line of ``teahouse status``."""

    name: str
    pid: int | None
    state: str
    restarts: int
    pss_bytes: int


class Suite:
    """mongod, the broker and every service's api and worker, with data in ``var``.

    Use it in a ``with`` block, or call ``start`` and ``stop``. What dies is started again
    by itself; ``hold`` keeps something down. ``environment`` reaches every service
    (``{"TEAHOUSE_SANDBOX": "1"}``); ``mongod`` says how much memory mongod has for data, and
    lets a test set its fail points. ``notify`` hears what happens to the processes.
    """

    def __init__(
        self,
        var: Path,
        *,
        port_base: int = Ports().base,
        fresh: bool = False,
        environment: Mapping[str, str] | None = None,
        broker_kind: str = "tansu",
        services: Sequence[str] | None = None,
        mongod: MongodOptions = DEFAULT,
        notify: Notify = lambda _notice: None,
    ) -> None:
        self.var = var.absolute()
        self.ports = Ports(port_base)
        self.services = tuple(programs.services() if services is None else services)
        self._fresh = fresh
        self._run_file = RunFile(self.var)
        self._extra = load_incarnations(self.var) | dict(environment or {})
        self._mongod_options = mongod
        self._broker_kind = broker_kind
        self._supervisor = Supervisor(notify)
        self.start_seconds = 0.0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start everything and return when all is green; ``CannotStart`` says why it is not.

        After a failure nothing is left running.
        """
        started = time.monotonic()
        self._run_file.claim(port_base=self.ports.base, environment=self._extra)
        try:
            self._start()
        except BaseException:
            self.stop(gently=False)
            raise
        self.start_seconds = time.monotonic() - started

    def stop(self, *, gently: bool = True) -> None:
        """End the services, then broker and mongod; data stays. Does no harm twice."""
        running = self._supervisor.programs
        stores = [program for program in running if program.name in {"mongod", "broker"}]
        others = [program for program in running if program not in stores]
        self._supervisor.stop([others, stores], gently=gently)
        self._run_file.release()

    def hurry(self) -> None:
        """Kill at once what a ``stop`` in progress is still waiting for."""
        for program in self._supervisor.programs:
            program.process.send(signal.SIGKILL)

    def kill(self, name: str) -> None:
        """``kill -9`` a process (``catalog-worker``); it is started again by itself."""
        self._program(name).kill()

    def hold(self, name: str) -> None:
        """``kill -9`` a process and keep it down until ``release``."""
        self._program(name).end(gently=False)

    def release(self, name: str, *, once: Mapping[str, str] | None = None) -> None:
        """Start what is held; ``once`` is environment for this one run of it.

        ``release("catalog-worker", once={"TEAHOUSE_CRASH_AT": "R3:2"})`` lets it die at
        that point, to come back whole.
        """
        program = self._program(name)
        usual = dict(program.process.environment)
        program.process.environment |= once or {}
        try:
            program.start()
        finally:
            program.process.environment = usual

    def pause(self, name: str) -> None:
        """Freeze a process (SIGSTOP)."""
        self._program(name).process.pause()

    def resume(self, name: str) -> None:
        """Thaw a frozen process."""
        self._program(name).process.resume()

    def restart_broker_empty(self) -> None:
        """Kill the broker and start it with nothing in it; returns when it answers."""
        self.hold("broker")
        self._broker.erase()
        self.release("broker")
        self.wait_green(["broker"], within_seconds=60)

    def is_green(self, names: Sequence[str] | None = None) -> bool:
        """Whether all these processes (all there are, by default) run and answer ready."""
        return not self._late(names)

    def wait_green(
        self, names: Sequence[str] | None = None, *, within_seconds: float = 30
    ) -> None:
        """Return when ``is_green``; raise ``TimeoutError`` naming what is not."""
        deadline = time.monotonic() + within_seconds
        while late := self._late(names):
            if time.monotonic() > deadline:
                raise TimeoutError(f"not ready after {within_seconds:.0f} s: {', '.join(late)}")
            time.sleep(0.05)

    def processes(self) -> list[ProcessRow]:
        """What runs, in the order it was started."""
        return [
            ProcessRow(
                name=program.name,
                pid=program.process.pid,
                state=program.state,
                restarts=program.restarts,
                pss_bytes=pss_bytes([program.process.pid] if program.process.pid else []),
            )
            for program in self._supervisor.programs
        ]

    def last_exit(self, name: str) -> int | None:
        """How a process ended when it last died unasked; None when it never did."""
        return self._program(name).last_exit

    @property
    def logs(self) -> Path:
        """Where every process writes its log."""
        return self.var / "logs"

    @property
    def mongo_uri(self) -> str:
        """The mongod of all services, without a database."""
        return self._mongod.uri()

    @property
    def broker_address(self) -> str:
        """Host and port of the broker."""
        return self._broker.address

    def public_url(self, service: str) -> str:
        return f"http://{HOST}:{self.ports.public(service)}"

    def internal_url(self, service: str) -> str:
        """The internal port of the service's api."""
        return f"http://{HOST}:{self.ports.internal(service)}"

    def worker_url(self, service: str) -> str:
        """The internal port of the service's worker."""
        return f"http://{HOST}:{self.ports.worker(service)}"

    @property
    def operator(self) -> tuple[str, str]:
        """E-mail and password of the platform's operator."""
        return programs.OPERATOR_EMAIL, self._secrets[OPERATOR_PASSWORD]

    def advance_clock(self, seconds: float) -> float:
        """Move every service's time forward; answer how far it is from real time now.

        Every process follows within a second. Needs ``TEAHOUSE_SANDBOX``.
        """
        return sandbox.advance({name: self.settings(name) for name in self.services}, seconds)

    def settings(self, service: str) -> Settings:
        """What a service of this suite reads: its tools may act in its name with it."""
        return Settings.from_env(service, self.environment())

    def environment(self) -> dict[str, str]:
        """What every process of this suite is told."""
        return programs.environment(self.ports, self._secrets) | self._extra

    def _start(self) -> None:
        if self._fresh:
            self._empty()
        self._rotate_logs()
        self._gate.unlink(missing_ok=True)
        env = self.environment() | {"TEAHOUSE_GATE": str(self._gate)}
        wanted = [
            programs.mongod_program(self._mongod),
            programs.broker_program(self._broker),
            programs.prepare_program(self._log("prepare"), env, self._gate),
        ]
        for service in self.services:
            api, worker = self._log(f"{service}-api"), self._log(f"{service}-worker")
            wanted += [
                programs.api_program(service, self.ports, api, env),
                programs.worker_program(service, self.ports, worker, env),
            ]
        self._supervisor.start(wanted)
        self._supervisor.watch()

    @cached_property
    def _secrets(self) -> Mapping[str, str]:
        return load_secrets(self.var)

    @cached_property
    def _mongod(self) -> Mongod:
        return Mongod(
            self.var / "mongod",
            port=self.ports.mongod,
            log=self._log("mongod"),
            options=self._mongod_options,
        )

    @cached_property
    def _broker(self) -> Broker:
        if self._broker_kind == "kafka":
            return ApacheKafka(
                self.var / "kafka",
                jars=fetch_jars(programs.KAFKA_POM, programs.KAFKA_JARS),
                port=self.ports.broker,
                log=self._log("broker"),
            )
        return Tansu(port=self.ports.broker, log=self._log("broker"))

    def _program(self, name: str) -> Program:
        return self._supervisor.program(name)

    def _late(self, names: Sequence[str] | None) -> list[str]:
        wanted = (
            self._supervisor.programs
            if names is None
            else tuple(self._program(name) for name in names)
        )
        return [program.name for program in wanted if not program.is_green()]

    @property
    def _gate(self) -> Path:
        """Exists once everything is prepared; services wait for it with all loaded."""
        return self.var / "prepared"

    def _log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def _rotate_logs(self) -> None:
        """Keep the logs of the run before as ``.1``."""
        for log in self.logs.glob("*.log"):
            log.replace(log.with_suffix(".log.1"))

    def _empty(self) -> None:
        """Delete what the suite has stored, and who may log in to it; logs and secrets stay."""
        for folder in ("mongod", "kafka"):
            shutil.rmtree(self.var / folder, ignore_errors=True)
        forget_logins(self.var)
