"""``teahouse backup``: what all services have stored, at one moment, into a folder."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from chassis.kernel.time import system_clock
from teahouse import backup as backups
from teahouse import programs
from teahouse.attached import settings_of
from teahouse.speech import DEFAULT_VAR, Json, Var, console, emit

app = typer.Typer(add_completion=False)

Folder = Annotated[Path, typer.Argument(help="A folder that does not exist yet.")]


@app.command()
def backup(folder: Folder, *, var: Var = DEFAULT_VAR, as_json: Json = False) -> None:
    """Back up all services while they run.

    Every database is read as of one moment. The folder holds keys: keep it as you keep
    those. Where MongoDB is comes from the suite that runs in ./var, else from the
    environment, as the services read it.

    Example: `teahouse backup backups/monday`
    """
    started = time.monotonic()
    settings = settings_of(programs.services(), var)
    with console.status("Backing up", spinner="dots") as status:
        manifest = backups.take(
            settings,
            folder,
            now=system_clock(),
            progress=lambda name: status.update(f"Backing up {escape(name)}"),
        )
    seconds = round(time.monotonic() - started, 2)
    counts = {
        name: sum(each["documents"] for each in said["collections"].values())
        for name, said in manifest["services"].items()
    }
    if as_json:
        emit({"folder": str(folder), "documents": counts, "seconds": seconds})
        return
    for name, count in counts.items():
        console.print(f"{name}: {count:,} documents")
    console.print(f"{folder} is whole, after {seconds} s. 备份完成。", soft_wrap=True)
