"""The processes of a suite: what is run, with which environment, and when it is ready."""

from __future__ import annotations

import http.client
import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import teahouse
from chassis.embedded.broker import Broker
from chassis.embedded.mongod import Mongod, mongo_uri
from chassis.embedded.ports import HOST, is_free
from chassis.embedded.process import ChildProcess
from chassis.embedded.trouble import port_taken
from chassis.settings import SERVICES
from teahouse.ports import Ports
from teahouse.service_secrets import OPERATOR_PASSWORD, SEALING
from teahouse.supervisor import Program

ROOT = Path(teahouse.__file__).parent.parent
KAFKA_POM = ROOT / "deploy" / "local" / "kafka" / "pom.xml"
KAFKA_JARS = ROOT / "build" / "kafka"
CLIENT_SECRET = "_CLIENT_SECRET"  # noqa: S105 - how the variables that hold one end
OPERATOR_EMAIL = "operator@teahouse.example"
ORPHANS_END_SECONDS = 2.0
READY_SECONDS = 0.5
OK = 200

_PYTHON = {
    "PYTHONUNBUFFERED": "1",
    # Where bytecode may not be kept, every start compiles a thousand modules eight times.
    "PYTHONDONTWRITEBYTECODE": "",
    # glibc gives each thread an arena of its own: with two, a service takes a third less.
    "MALLOC_ARENA_MAX": "2",
    # Left alone, glibc raises this limit and keeps large blocks that were freed: identity kept
    # 100 MB after a few logins. A fixed one gives them back, and each hash takes 10 to 25 ms more.
    "MALLOC_MMAP_THRESHOLD_": str(8 << 20),
    # Characters are read one by one; a dictionary of phrases would take 46 MB for nothing.
    "PYPINYIN_NO_PHRASES": "1",
}


def services() -> tuple[str, ...]:
    """The services this installation has, in the order they start."""
    return tuple(name for name in SERVICES if importlib.util.find_spec(f"services.{name}.app"))


def environment(ports: Ports, secrets: Mapping[str, str]) -> dict[str, str]:
    """Every variable of the suite; a process gets its own part, see ``environment_of``."""
    found = {
        **_PYTHON,
        "TEAHOUSE_KAFKA_BROKERS": f"{HOST}:{ports.broker}",
        "CATALOG_CODE_ORIGIN": f"http://{HOST}:{ports.public('catalog')}",
        "IDENTITY_SEALING_SECRET": secrets[SEALING],
        "IDENTITY_PLATFORM_OPERATOR_EMAIL": OPERATOR_EMAIL,
        "IDENTITY_PLATFORM_OPERATOR_PASSWORD": secrets[OPERATOR_PASSWORD],
    }
    for service in SERVICES:
        prefix, peer = service.upper(), f"TEAHOUSE_{service.upper()}"
        found |= {
            f"{prefix}_MONGO_URI": mongo_uri(HOST, ports.mongod, service),
            f"{prefix}_API_PORT": str(ports.public(service)),
            f"{prefix}_API_INTERNAL_PORT": str(ports.internal(service)),
            f"{prefix}_WORKER_INTERNAL_PORT": str(ports.worker(service)),
            f"{prefix}_NUDGE_PORT": str(ports.worker(service)),
            f"{prefix}{CLIENT_SECRET}": secrets[service],
            f"{peer}_URL": f"http://{HOST}:{ports.public(service)}",
            f"{peer}_INTERNAL_URL": f"http://{HOST}:{ports.internal(service)}",
        }
    return found


def environment_of(service: str, env: Mapping[str, str]) -> dict[str, str]:
    """What one service is told: what is shared and what is its own.

    Identity also hears every client secret, for it is the one that checks them.
    """
    others = tuple(f"{name.upper()}_" for name in SERVICES if name != service)
    return {
        name: value
        for name, value in env.items()
        if not name.startswith(others) or (service == "identity" and name.endswith(CLIENT_SECRET))
    }


def mongod_program(mongod: Mongod) -> Program:
    """The database of all services."""
    return Program(
        mongod.process,
        is_ready=mongod.is_ready,
        launch=mongod.launch,
        within_seconds=90,  # recovering a journal after a power cut takes its time
        grace_seconds=20,
    )


def broker_program(broker: Broker) -> Program:
    """What carries events between the services."""
    return Program(
        broker.process,
        is_ready=broker.is_ready,
        launch=broker.launch,
        within_seconds=60,
        grace_seconds=5,
    )


def api_program(service: str, ports: Ports, log: Path, env: Mapping[str, str]) -> Program:
    """The web process of a service: public and internal port."""
    command = [
        *(sys.executable, "-m", "gunicorn", "--config", str(ROOT / "deploy/gunicorn.conf.py")),
        f"services.{service}.app:create_app()",
    ]
    mine = environment_of(service, env)
    mine |= {"TEAHOUSE_SERVICE": service, "TEAHOUSE_GRACEFUL_SECONDS": "10"}
    process = ChildProcess(f"{service}-api", command, log=log, environment=mine, folder=ROOT)
    # What everything else waits for gets the processor first.
    program = _program(process, ports.internal(service), also=ports.public(service))
    return replace(program, after=("mongod",))


def worker_program(service: str, ports: Ports, log: Path, env: Mapping[str, str]) -> Program:
    """The worker of a service: relay, consumers and periodic tasks."""
    command = [sys.executable, "-m", "chassis.worker", f"services.{service}.app"]
    mine = environment_of(service, env)
    process = ChildProcess(f"{service}-worker", command, log=log, environment=mine, folder=ROOT)
    return _program(process, ports.worker(service))


def prepare_program(log: Path, env: Mapping[str, str], gate: Path) -> Program:
    """Makes the collections, indexes and topics, opens the gate for the services, and ends.

    It loads its libraries while mongod and the broker start, and waits for them itself.
    """
    command = [sys.executable, "-m", "teahouse", "prepare", "--wait", "90", "--json"]
    process = ChildProcess("prepare", command, log=log, environment=env, folder=ROOT)

    def has_opened_gate() -> bool:
        if process.exit_code == 0:
            gate.touch()
        return gate.exists()

    return Program(
        process,
        is_ready=has_opened_gate,
        launch=process.start,
        within_seconds=120,
        is_errand=True,
    )


def _program(process: ChildProcess, port: int, *, also: int | None = None) -> Program:
    def launch() -> None:
        for wanted in (port, also):
            # Whoever outlives a killed master holds its port for a moment longer.
            if wanted is not None and not is_free(wanted, within_seconds=ORPHANS_END_SECONDS):
                raise port_taken(process.name, wanted)
        process.start()

    return Program(process, is_ready=lambda: answers_ready(port), launch=launch)


def answers_ready(port: int) -> bool:
    """Whether ``/readyz`` on this port says yes."""
    connection = http.client.HTTPConnection(HOST, port, timeout=READY_SECONDS)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
