"""``teahouse match``: how offers are ranked; one module a command."""

from __future__ import annotations

import typer

from teahouse.commands.match import evaluate

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="How matching ranks, judged by what was shown and claimed. Matching must be running.",
)
app.command("evaluate")(evaluate.evaluate)


@app.callback()
def _match() -> None:
    pass
