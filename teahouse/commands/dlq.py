"""``teahouse dlq``: events no handler could take, and what to do about each."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from chassis import deadletters
from chassis.deadletters import DeadLetterUnknown
from teahouse import programs
from teahouse.attached import database_of, operator
from teahouse.speech import DEFAULT_VAR, Json, Var, console, emit

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="""Dead letters: events no handler could take.

    A dead letter holds back the later events of its subject, and nothing else. Look why
    (`show`), mend the cause, then `replay` it; `edit` one whose producer wrote it wrong;
    `discard` only what can never be handled. Doing any twice does no harm.
    """,
)

Letter = Annotated[str, typer.Argument(help="The id that `teahouse dlq list` shows.")]
Letters = Annotated[list[str] | None, typer.Argument(help="Ids that `dlq list` shows.")]
Group = Annotated[
    str | None, typer.Option("--group", help="Only this consumer group: catalog.commands.")
]
Why = Annotated[str, typer.Option("--why", help="Kept with the decision.")]
SHOWN = ("_id", "type", "reason", "message", "attempts", "first_at")


@app.command("list")
def list_letters(
    *,
    group: Group = None,
    decided: Annotated[bool, typer.Option("--all", help="Also those decided about.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many a service.")] = 100,
    var: Var = DEFAULT_VAR,
    as_json: Json = False,
) -> None:
    """List the dead letters of all services, oldest first."""
    state = None if decided else deadletters.OPEN
    wanted = programs.services() if group is None else [_service_of(group)]
    rows: list[dict[str, Any]] = []
    for service in wanted:
        with database_of(service, var):
            rows += deadletters.dead_letters(group=group, state=state, limit=limit)
    if as_json:
        emit({"dead_letters": rows})
    elif rows:
        _show_table(rows)
    else:
        console.print("No dead letters.   没有死信。")


@app.command()
def show(letter: Letter, *, var: Var = DEFAULT_VAR, as_json: Json = False) -> None:
    """Show one dead letter whole: the event, why it failed, what was decided."""
    with database_of(_service_of(letter), var):
        row = deadletters.dead_letter(letter)
    if as_json:
        emit(row)
        return
    for name, value in row.items():
        console.print(f"[bold]{name:<11}[/] {escape(str(value))}", soft_wrap=True)


@app.command()
def replay(
    letters: Letters = None,
    *,
    group: Group = None,
    why: Why = "",
    var: Var = DEFAULT_VAR,
    as_json: Json = False,
) -> None:
    """Have dead letters tried again, after what made them fail is mended.

    Name some, or all open ones of a group with --group. One whose effect is there already
    has none a second time.
    """
    chosen = list(letters or [])
    if group is not None:
        with database_of(_service_of(group), var):
            chosen += [str(row["_id"]) for row in deadletters.dead_letters(group=group)]
    if not chosen and group is None:
        raise typer.BadParameter("name dead letters, or a group with --group")
    _decide(
        chosen,
        lambda letter: deadletters.replay(letter, by=operator(), why=why),
        var,
        as_json=as_json,
    )


@app.command()
def edit(
    letter: Letter,
    file: Annotated[
        str, typer.Argument(help="A JSON file with the event's corrected `data`; - reads it.")
    ],
    *,
    why: Annotated[str, typer.Option("--why", help="What was wrong with it; kept.")],
    var: Var = DEFAULT_VAR,
    as_json: Json = False,
) -> None:
    """Correct what a dead letter says, and have it tried again.

    The file holds the whole `data` object of the event, as it should have been; `show` has
    what it is. It must fit the event's schema. Both stay with the dead letter, with who
    corrected it and why. Ends with 1 when it does not fit, or when somebody decided before.
    """
    data = _data_in(file)
    with database_of(_service_of(letter), var):
        before = json.loads(deadletters.edit(letter, data, by=operator(), why=why))
    if as_json:
        emit({"edited": letter, "before": before, "after": data})
        return
    for name in sorted(before.keys() | data.keys()):
        if before.get(name) != data.get(name):
            change = f"{_text(before, name)} -> {_text(data, name)}"
            console.print(f"[bold]{escape(name)}[/] {escape(change)}", soft_wrap=True)
    console.print(f"{escape(letter)}: is tried again", soft_wrap=True)


@app.command()
def discard(
    letters: Annotated[list[str], typer.Argument(help="Ids that `dlq list` shows.")],
    *,
    why: Annotated[str, typer.Option("--why", help="Why its effect is not wanted; kept.")],
    var: Var = DEFAULT_VAR,
    as_json: Json = False,
) -> None:
    """Skip dead letters for good and let the later events of their subjects pass.

    What they would have done is never done: say why, for whoever reads it later.
    """
    _decide(
        letters,
        lambda letter: deadletters.discard(letter, by=operator(), why=why),
        var,
        as_json=as_json,
    )


def _decide(
    letters: Iterable[str], act: Callable[[str], bool], var: Path, *, as_json: bool
) -> None:
    news: dict[str, bool] = {}
    for letter in letters:
        with database_of(_service_of(letter), var):
            news[letter] = act(letter)
    if as_json:
        emit({"decided": news})
        return
    for letter, is_news in news.items():
        console.print(f"{letter}: {'done' if is_news else 'was decided before'}", soft_wrap=True)


def _data_in(file: str) -> dict[str, Any]:
    """The JSON object in a file, or on standard input; anything else is wrong usage."""
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        data = json.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise typer.BadParameter(f"{file} holds no readable JSON: {error}") from error
    if not isinstance(data, dict):
        raise typer.BadParameter(f"{file} holds no JSON object")
    return data


def _text(data: dict[str, Any], name: str) -> str:
    return json.dumps(data[name], ensure_ascii=False) if name in data else "(nothing)"


def _service_of(name: str) -> str:
    """Consumer groups, with which ids begin, begin with their service."""
    service = name.partition(".")[0]
    if service not in programs.services():
        raise DeadLetterUnknown(f"no service has a group {name.partition('|')[0]!r}")
    return service


def _show_table(rows: list[dict[str, Any]]) -> None:
    table = Table(*(name.strip("_") for name in SHOWN), box=None)
    for row in rows:
        table.add_row(*(escape(str(row.get(name, ""))) for name in SHOWN))
    console.print(table)
    console.print(
        "\nNext: `teahouse dlq show ID`, then `replay ID`, `edit ID FILE --why ...` "
        "or `discard ID --why ...`."
    )
