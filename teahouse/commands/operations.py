"""``teahouse operations``: what a payment provider leaves open, and how it ended all the same."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from chassis.client import ServiceClient
from chassis.kernel.errors import RuleBroken
from teahouse.answers import told
from teahouse.attached import operator, settings_of
from teahouse.speech import DEFAULT_VAR, Json, Var, console, emit

SERVICE, PATH = "payments", "/internal/provider-operations"
OK = 200
SHOWN = ("id", "provider", "kind", "state", "alarm", "planned_at", "about")

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="""Operations at payment providers that need a person.

    Ask the provider first. What has ended there is then said here, as `done` or as
    `failed`, with the reason and where it can be seen; the books follow. Saying the same
    twice does no harm. Payments must be running.
    """,
)

Own = Annotated[str, typer.Argument(help="The id that `teahouse operations stuck` shows.")]
Why = Annotated[str, typer.Option("--why", help="What was found out; kept.")]
Evidence = Annotated[
    str, typer.Option("--evidence", help="Where that can be seen: a number, a letter; kept.")
]


class RulingRefused(RuleBroken):
    """Payments would not take this as the end of the operation."""

    code = "ruling-refused"
    hint = "See `teahouse operations stuck`: only what is open and alarmed can be ruled."
    chinese = "支付服务未接受该裁定；只有处于告警且未结束的操作才能裁定。"


@app.callback()
def _operations() -> None:
    pass


@app.command()
def stuck(*, var: Var = DEFAULT_VAR, as_json: Json = False) -> None:
    """List operations that called for a person, at most a hundred."""
    found = told(_client(var).get(PATH), OK, RulingRefused)["items"]
    if as_json:
        emit({"operations": found})
        return
    if not found:
        console.print("Nothing needs a person.   没有需要人工处理的操作。")
        return
    table = Table(*SHOWN, box=None)
    for each in found:
        table.add_row(*(escape(str(each[name])) for name in SHOWN))
    console.print(table)


@app.command()
def done(
    own: Own, *, why: Why, evidence: Evidence, var: Var = DEFAULT_VAR, as_json: Json = False
) -> None:
    """Say that the provider did what it was asked."""
    _rule(own, "succeeded", (why, evidence), var, as_json=as_json)


@app.command()
def failed(
    own: Own, *, why: Why, evidence: Evidence, var: Var = DEFAULT_VAR, as_json: Json = False
) -> None:
    """Say that the provider did not do it and never will: its money is free again."""
    _rule(own, "failed", (why, evidence), var, as_json=as_json)


def _rule(own: str, outcome: str, said: tuple[str, str], var: Path, *, as_json: bool) -> None:
    body = {"outcome": outcome, "reason": said[0], "evidence": said[1], "by": operator()}
    ruled = told(_client(var).post(f"{PATH}/{own}/rulings", body), OK, RulingRefused)
    if as_json:
        emit(ruled)
    else:
        console.print(f"{escape(own)} is {ruled['state']}, by {escape(ruled['ruling']['by'])}.")


def _client(var: Path) -> ServiceClient:
    return ServiceClient(settings_of([SERVICE], var)[SERVICE], SERVICE)
