"""``teahouse restore``: put services back as a backup has them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from chassis.embedded.mongod import Mongod
from chassis.embedded.ports import free_port
from chassis.embedded.trouble import CannotStart
from chassis.settings import SERVICES, Settings
from teahouse import backup as backups
from teahouse import programs
from teahouse.incarnations import keep_incarnations, load_incarnations, variables
from teahouse.run_file import RunFile
from teahouse.speech import DEFAULT_VAR, Json, Var, console, emit

app = typer.Typer(add_completion=False)

Folder = Annotated[
    Path, typer.Argument(exists=True, file_okay=False, help="What `teahouse backup` wrote.")
]
Only = Annotated[
    list[str] | None, typer.Option("--service", help="Only this service; may be repeated.")
]
Replace = Annotated[bool, typer.Option("--replace", help="Drop what is stored there now.")]


@app.command()
def restore(
    folder: Folder,
    *,
    only: Only = None,
    replace: Replace = False,
    var: Var = DEFAULT_VAR,
    as_json: Json = False,
) -> None:
    """Put all services, or some, back to the moment of a backup. They must not run meanwhile.

    Data in ./var is restored there, and `teahouse up` goes on with it. Without any, MongoDB
    is where the environment says; start the services with the incarnations that are printed.

    Example: `teahouse restore backups/monday --replace`
    """
    wanted = tuple(only or programs.services())
    if unknown := set(wanted) - set(SERVICES):
        raise typer.BadParameter(f"no service {sorted(unknown)}; there are {', '.join(SERVICES)}")
    started = time.monotonic()
    with (
        _stored(wanted, var.absolute()) as (settings, is_here),
        console.status("Restoring", spinner="dots") as status,
    ):
        raised = backups.restore(
            settings,
            folder,
            replace=replace,
            progress=lambda name: status.update(f"Restoring {escape(name)}"),
        )
    if is_here:
        keep_incarnations(var.absolute(), raised)
    seconds = round(time.monotonic() - started, 2)
    if as_json:
        emit({"restored": raised, "environment": variables(raised), "seconds": seconds})
        return
    console.print(f"Restored {', '.join(raised)} in {seconds} s. 已恢复。")
    if is_here:
        console.print("Next: `teahouse up`.")
    else:
        console.print("Next: `teahouse prepare`, then start the services with")
        for name, value in variables(raised).items():
            console.print(f"  {name}={value}")


@contextlib.contextmanager
def _stored(wanted: tuple[str, ...], var: Path) -> Iterator[tuple[Mapping[str, Settings], bool]]:
    """The settings that lead to the data: those of ``var`` if it holds any, its mongod started."""
    if RunFile(var).running():
        raise _still_running(var)
    if not (var / "mongod").is_dir():
        yield {name: Settings.from_env(name) for name in wanted}, False
        return
    mongod = Mongod(var / "mongod", port=free_port(), log=var / "logs" / "restore.log")
    claimed = RunFile(var).claim()
    mongod.start()
    known = load_incarnations(var)
    try:
        yield (
            {
                name: Settings.from_env(
                    name, {**known, f"{name.upper()}_MONGO_URI": mongod.uri(name)}
                )
                for name in wanted
            },
            True,
        )
    finally:
        mongod.stop()
        claimed.release()


def _still_running(var: Path) -> CannotStart:
    return CannotStart(
        f"Teahouse runs in {var}",
        code="running",
        fix="stop it with `teahouse down`, restore, and start it again",
        chinese="Teahouse 正在运行：请先执行 `teahouse down`，恢复后再启动。",
    )
