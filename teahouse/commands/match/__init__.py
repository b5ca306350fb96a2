"""``teahouse match``: how offers are ranked, and how fairly; one module a command."""

from __future__ import annotations

import typer

from teahouse.commands.match import audit, evaluate

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="How matching ranks and how fairly, by what was shown and claimed. It must be running.",
)
app.command("audit")(audit.audit)
app.command("evaluate")(evaluate.evaluate)


@app.callback()
def _match() -> None:
    pass
