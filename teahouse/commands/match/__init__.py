"""``teahouse match``: how hosts and offers are matched; one module a command."""

from __future__ import annotations

import typer

from teahouse.commands.match import audit, clear, evaluate

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="""How hosts and offers are matched: ranked, cleared all at once, judged and audited.

    Matching must be running.
    """,
)
app.command("audit")(audit.audit)
app.command("clear")(clear.clear)
app.command("evaluate")(evaluate.evaluate)


@app.callback()
def _match() -> None:
    pass
