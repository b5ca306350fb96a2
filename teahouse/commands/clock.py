"""``teahouse clock``: let days pass in a sandbox."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from chassis.kernel.time import system_clock, to_rfc3339
from teahouse import programs, sandbox
from teahouse.attached import settings_of
from teahouse.speech import DEFAULT_VAR, Json, Var, console, emit

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Let time pass in a sandbox.")

Duration = Annotated[str, typer.Argument(help="How far: 72h, 45m, 90s or 1d12h.")]


@app.command()
def advance(duration: Duration, *, var: Var = DEFAULT_VAR, as_json: Json = False) -> None:
    """Move the time of all services forward.

    Slots begin and end, approvals fall due after 72 hours, reservations expire: a demo
    need not wait. Leases and access tokens stay on real time.

    Example: `teahouse clock advance 72h`
    """
    try:
        seconds = sandbox.parse_duration(duration)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    _show(sandbox.advance(settings_of(programs.services(), var), seconds), as_json=as_json)


@app.command()
def show(*, var: Var = DEFAULT_VAR, as_json: Json = False) -> None:
    """Say what time it is for the services."""
    _show(sandbox.offset(settings_of(programs.services(), var)), as_json=as_json)


def _show(offset_seconds: float, *, as_json: bool) -> None:
    now = to_rfc3339(system_clock() + timedelta(seconds=offset_seconds))
    if as_json:
        emit({"now": now, "offset_seconds": offset_seconds})
    else:
        ahead = timedelta(seconds=offset_seconds)
        console.print(f"It is {now} for the services, {ahead} ahead of real time.")
