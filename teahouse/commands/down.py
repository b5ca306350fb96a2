"""``teahouse down``: stop the suite that runs in a folder."""

from __future__ import annotations

import os
import signal
import time

import typer

from teahouse.run_file import RunFile
from teahouse.speech import DEFAULT_VAR, Exit, Json, Var, complain, console, emit, not_running

STOP_SECONDS = 60

app = typer.Typer(add_completion=False)


@app.command()
def down(*, var: Var = DEFAULT_VAR, as_json: Json = False) -> None:
    """Stop the suite that `teahouse up` started in this folder; its data stays."""
    run_file = RunFile(var.absolute())
    pid = run_file.running().get("pid")
    if pid is None:
        complain(not_running(var), as_json=as_json)
        raise typer.Exit(Exit.NOT_RUNNING)
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while run_file.running() and time.monotonic() < deadline:
        time.sleep(0.1)
    stopped = not run_file.running()
    if as_json:
        emit({"stopped": stopped, "pid": pid})
    else:
        console.print("Stopped." if stopped else f"Process {pid} is still stopping.")
    raise typer.Exit(Exit.OK if stopped else Exit.WRONG)
