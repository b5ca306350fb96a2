"""``teahouse match``: how hosts and offers are matched; one module a command."""

from __future__ import annotations

import typer

from teahouse.commands.match import clear

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="How hosts and offers are matched. Matching must be running.",
)
app.command("clear")(clear.clear)


@app.callback()
def _match() -> None:
    pass
