"""``teahouse listings``: what searches read, made anew from the lots."""

from __future__ import annotations

import time

import typer
from rich.progress import Progress

from chassis.client import ServiceClient
from chassis.kernel.errors import RuleBroken
from teahouse.answers import told
from teahouse.attached import settings_of
from teahouse.speech import DEFAULT_VAR, Json, Var, console, emit

SERVICE, PATH = "catalog", "/internal/listings"
OK = 200

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="What searches read of the lots on offer."
)


class RebuildRefused(RuleBroken):
    """Catalog would not make its listings anew."""

    code = "rebuild-refused"
    hint = "See the log of catalog's api; what is done so far stays, so begin again."
    chinese = "catalog 未能重建检索数据，请查看其日志后重新运行；已完成的部分有效。"


@app.callback()
def _listings() -> None:
    pass


@app.command()
def rebuild(*, var: Var = DEFAULT_VAR, as_json: Json = False) -> None:
    """Make all listings anew from their lots, while everything runs.

    Run it after an upgrade that changed what searches know of a lot. It may be ended and
    begun again at any time, and a second run finds nothing to do. Catalog must be running.
    """
    started, lots, changed, after = time.monotonic(), 0, 0, ""
    client = ServiceClient(settings_of([SERVICE], var)[SERVICE], SERVICE)
    with Progress(console=console, disable=as_json, transient=True) as progress:
        shown = progress.add_task("Listings", total=None)
        while after is not None:
            answer = client.post(PATH, {"after": after})
            step = told(answer, OK, RebuildRefused)
            lots, changed, after = lots + step["lots"], changed + step["changed"], step["after"]
            progress.update(shown, completed=lots, total=max(step["total"], lots))
    seconds = round(time.monotonic() - started, 2)
    if as_json:
        emit({"lots": lots, "changed": changed, "seconds": seconds})
    else:
        console.print(f"{lots} lots looked at, {changed} listings changed, in {seconds} s.")
