"""``teahouse up``: the whole suite in the foreground, until told to stop."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal, Self

import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from chassis.embedded.mongod import LEAST_CACHE_GIB, MongodOptions
from chassis.embedded.trouble import CannotStart
from teahouse.follow import LogFollower
from teahouse.ports import DEFAULT_BASE, HIGHEST_BASE, LOWEST_BASE
from teahouse.speech import DEFAULT_VAR, Exit, Json, Var, complain, console, emit
from teahouse.suite import Suite
from teahouse.supervisor import Notice, State

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Fresh = Annotated[bool, typer.Option("--fresh", help="Forget all stored data first.")]
PortBase = Annotated[
    int,
    typer.Option(
        "--port-base",
        envvar="TEAHOUSE_PORT_BASE",
        min=LOWEST_BASE,
        max=HIGHEST_BASE,
        help="Move every port: services listen on N+1 to N+4, N+101.., N+201..",
    ),
]
RealTime = Annotated[
    bool,
    typer.Option("--real-time", help="Not a sandbox: `teahouse clock` cannot move the time."),
]
BrokerKind = Annotated[
    Literal["tansu", "kafka"],
    typer.Option("--broker", help="kafka is Apache Kafka itself; it needs Java 17 and Maven."),
]
Cache = Annotated[
    float,
    typer.Option(
        "--mongo-cache",
        envvar="TEAHOUSE_MONGO_CACHE",
        min=LEAST_CACHE_GIB,
        metavar="GIB",
        help="Memory for MongoDB's cache; with 1 large imports take a fifth less.",
    ),
]
Verbose = Annotated[
    bool, typer.Option("--verbose", "-v", help="Show every log line, not only warnings.")
]


app = typer.Typer(add_completion=False)


@app.command()
def up(
    *,
    fresh: Fresh = False,
    port_base: PortBase = DEFAULT_BASE,
    var: Var = DEFAULT_VAR,
    real_time: RealTime = False,
    broker: BrokerKind = "tansu",
    mongo_cache: Cache = LEAST_CACHE_GIB,
    verbose: Verbose = False,
    as_json: Json = False,
) -> None:
    """Start MongoDB, a broker and all services here, and keep them running.

    Everything listens on 127.0.0.1 and keeps its data in ./var. It stays in the
    foreground: stop it with Ctrl-C or, from elsewhere, `teahouse down`.

    Logs are in var/logs; warnings also come here. What dies is started again.
    """
    stopping = threading.Event()
    display = StartDisplay(is_quiet=as_json)
    suite = Suite(
        var,
        port_base=port_base,
        fresh=fresh,
        environment={} if real_time else {"TEAHOUSE_SANDBOX": "1"},
        broker_kind=broker,
        mongod=MongodOptions(cache_gib=mongo_cache),
        notify=display.notify,
    )
    follower = LogFollower(suite.logs, console, everything=verbose)
    try:
        with on_signal(_interrupt), display:
            suite.start()
    except CannotStart as trouble:
        complain(trouble, as_json=as_json)
        raise typer.Exit(Exit.CANNOT_START) from trouble
    with on_signal(stopping.set):
        follower.start()
        _announce(suite, as_json=as_json)
        stopping.wait()
    with on_signal(suite.hurry):
        if not as_json:
            console.print("Stopping ... (Ctrl-C again to end everything at once)")
        suite.stop()
    follower.stop()


class StartDisplay:
    """The progress bar of a start, and a line for what happens later."""

    def __init__(self, *, is_quiet: bool) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed}/{task.total}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=is_quiet or not console.is_terminal,
        )
        self._is_quiet = is_quiet
        self._is_starting = False
        self._task = self._progress.add_task("Starting", total=None)
        self._waiting: set[str] = set()
        self._seen: set[str] = set()

    def __enter__(self) -> Self:
        self._is_starting = True
        self._progress.start()
        if not self._is_quiet and not console.is_terminal:
            console.print("Starting Teahouse ...")
        return self

    def __exit__(self, *_: object) -> None:
        self._is_starting = False
        self._progress.stop()

    def notify(self, notice: Notice) -> None:
        """Move the bar, or print a line once the start is over."""
        if self._is_starting:
            self._move(notice)
        elif not self._is_quiet:
            console.print(_sentence(notice))

    def _move(self, notice: Notice) -> None:
        self._seen.add(notice.program)
        if notice.state is State.READY:
            self._waiting.discard(notice.program)
        else:
            self._waiting.add(notice.program)
        self._progress.update(
            self._task,
            total=len(self._seen),
            completed=len(self._seen) - len(self._waiting),
            description="Starting " + (", ".join(sorted(self._waiting)) or "..."),
        )


def _sentence(notice: Notice) -> str:
    match notice.state:
        case State.WAITING:
            return (
                f"[yellow]{notice.program} ended ({_cause(notice.exit_code)}); "
                f"starting it again in {notice.pause_seconds:.1f} s[/]"
            )
        case State.READY:
            return f"[green]{notice.program} is ready again[/]"
        case _:
            return f"{notice.program} is {notice.state}"


def _cause(exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0:
        return signal.Signals(-exit_code).name
    return f"exit code {exit_code}"


def _announce(suite: Suite, *, as_json: bool) -> None:
    answer: dict[str, Any] = {
        "status": "green",
        "seconds": round(suite.start_seconds, 2),
        "var": str(suite.var),
        "services": {
            name: {
                "url": suite.public_url(name),
                "internal_url": suite.internal_url(name),
                "openapi": f"{suite.public_url(name)}/openapi.json",
            }
            for name in suite.services
        },
        "mongo": suite.mongo_uri,
        "broker": suite.broker_address,
        "operator": suite.operator[0],
    }
    if as_json:
        emit(answer)
        return
    table = Table(title=f"Teahouse is up ({suite.start_seconds:.1f} s)", title_style="bold green")
    table.add_column("service")
    table.add_column("public")
    table.add_column("internal")
    table.add_column("API description")
    for name, urls in answer["services"].items():
        table.add_row(name, urls["url"], urls["internal_url"], urls["openapi"])
    console.print(table)
    console.print(
        f"Platform operator: {suite.operator[0]}, password in {suite.var}/secrets.json\n"
        "Act as her, or as people of a demo that was kept: teahouse token --help\n"
        f"Logs: {suite.var}/logs   Look: teahouse status   Stop: Ctrl-C"
    )


@contextlib.contextmanager
def on_signal(act: Callable[[], None]) -> Iterator[None]:
    """Do this on Ctrl-C, on a polite kill and when the terminal closes."""

    def handle(_number: int, _frame: object) -> None:
        act()

    former = {number: signal.signal(number, handle) for number in ENDINGS}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _interrupt() -> None:
    raise KeyboardInterrupt
