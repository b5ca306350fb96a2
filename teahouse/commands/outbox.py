"""``teahouse outbox``: events carried to the broker once more."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from chassis import outbox
from teahouse import programs
from teahouse.attached import database_of
from teahouse.speech import DEFAULT_VAR, Json, Var, console, emit

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Events on their way to the broker."
)

Service = Annotated[str, typer.Argument(help="Whose events: identity, catalog, ...")]
Topic = Annotated[str, typer.Option("--topic", help="Only of this topic: teahouse.catalog.lot.")]
Subject = Annotated[str, typer.Option("--subject", help="Only of this aggregate: its id.")]
After = Annotated[
    int, typer.Option("--after-sequence", min=0, help="Only later ones of the subject.")
]
Since = Annotated[
    str, typer.Option("--since", help="Only made since then: 2026-03-01T09:00:00+08:00.")
]


@app.callback()
def _outbox() -> None:
    pass


@app.command()
def refeed(
    service: Service,
    *,
    topic: Topic = "",
    subject: Subject = "",
    after_sequence: After = 0,
    since: Since = "",
    var: Var = DEFAULT_VAR,
    as_json: Json = False,
) -> None:
    """Have sent events carried once more, by the worker, in their order.

    Name a topic, a subject or a time. Who has read an event already drops it, so this does
    no harm; a reader that lost or never had it catches up.

    Example: `teahouse outbox refeed catalog --topic teahouse.catalog.lot`
    """
    if service not in programs.services():
        raise typer.BadParameter(f"there are {', '.join(programs.services())}")
    if not (topic or subject or since):
        raise typer.BadParameter("name --topic, --subject or --since")
    if after_sequence and not subject:
        raise typer.BadParameter("sequences are counted for a subject: name --subject")
    moment = _moment(since) if since else None
    with database_of(service, var):
        events = outbox.refeed(
            topic=topic, subject=subject, after_sequence=after_sequence, since=moment
        )
    if as_json:
        emit({"service": service, "events": events})
    else:
        console.print(f"{events} events of {service} are carried once more.")


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"no time: {text!r}", param_hint="--since") from error
    if moment.tzinfo is None:
        raise typer.BadParameter("say where: 2026-03-01T09:00:00Z", param_hint="--since")
    return moment
