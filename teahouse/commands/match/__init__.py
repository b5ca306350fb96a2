"""``teahouse match``: how hosts and offers are matched; one module a command."""

from __future__ import annotations

import typer

from teahouse.commands.match import clear, evaluate

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="""How hosts and offers are matched: all at once, and judged by what was claimed.

    Matching must be running.
    """,
)
app.command("clear")(clear.clear)
app.command("evaluate")(evaluate.evaluate)


@app.callback()
def _match() -> None:
    pass
