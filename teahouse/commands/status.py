"""``teahouse status``: what runs, since when, and how much memory it takes."""

from __future__ import annotations

import re
import time
from dataclasses import asdict, dataclass
from datetime import timedelta

import psutil
import typer
from rich.table import Table

from teahouse.memory import pss_bytes
from teahouse.ports import Ports
from teahouse.programs import answers_ready, services
from teahouse.run_file import RunFile
from teahouse.speech import DEFAULT_VAR, Exit, Json, Var, complain, console, emit, not_running

MIB = 1 << 20
_SERVICE = re.compile(r"services\.(\w+)\.app")


@dataclass(frozen=True, slots=True)
class Line:
    """One process of a running suite; ``is_ready`` is None where it is not asked."""

    name: str
    pid: int
    seconds: float
    pss_mib: float
    is_ready: bool | None


app = typer.Typer(add_completion=False)


@app.command()
def status(*, var: Var = DEFAULT_VAR, as_json: Json = False) -> None:
    """Show the processes of the suite that runs here: ready or not, age, memory."""
    running = RunFile(var.absolute()).running()
    if not running:
        complain(not_running(var), as_json=as_json)
        raise typer.Exit(Exit.NOT_RUNNING)
    lines = look(running["pid"], Ports(running["port_base"]))
    is_green = all(line.is_ready is not False for line in lines) and _is_complete(lines)
    total = round(pss_bytes([running["pid"]]) / MIB, 1)
    if as_json:
        emit({"green": is_green, "pss_mib": total, "processes": [asdict(line) for line in lines]})
    else:
        _show(lines, total)
    raise typer.Exit(Exit.OK if is_green else Exit.WRONG)


def look(pid: int, ports: Ports) -> list[Line]:
    """The processes that a supervisor with this id has started."""
    found = []
    for child in psutil.Process(pid).children():
        try:
            name, age = _name(child.cmdline()), time.time() - child.create_time()
        except psutil.NoSuchProcess:
            continue
        if name is not None:
            pss = round(pss_bytes([child.pid]) / MIB, 1)
            found.append(Line(name, child.pid, round(age, 1), pss, _is_ready(name, ports)))
    return sorted(found, key=lambda line: line.name)


def _name(command: list[str]) -> str | None:
    text = " ".join(command)
    match = _SERVICE.search(text)
    if match:
        return f"{match[1]}-{'api' if 'gunicorn' in text else 'worker'}"
    if "mongod" in text:
        return "mongod"
    return "broker" if "tansu" in text or "kafka.Kafka" in text else None


def _is_ready(name: str, ports: Ports) -> bool | None:
    service, _, role = name.partition("-")
    if not role:
        return None
    return answers_ready(ports.internal(service) if role == "api" else ports.worker(service))


def _is_complete(lines: list[Line]) -> bool:
    wanted = {f"{name}-{role}" for name in services() for role in ("api", "worker")}
    return wanted | {"mongod", "broker"} <= {line.name for line in lines}


def _show(lines: list[Line], total: float) -> None:
    table = Table("process", "pid", "age", "memory", "state", box=None)
    states = {None: "runs", True: "[green]ready[/]", False: "[red]not ready[/]"}
    for line in lines:
        age = str(timedelta(seconds=int(line.seconds)))
        memory = f"{line.pss_mib:.0f} MiB"
        table.add_row(line.name, str(line.pid), age, memory, states[line.is_ready])
    console.print(table)
    console.print(f"Together {total:.0f} MiB.")
