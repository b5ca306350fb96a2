"""``teahouse ledger``: the books, checked by somebody who does not trust the service."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from teahouse.ledger.verify import NotAnExport, Report, verify
from teahouse.speech import Exit, Json, console, emit

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="""The books, checked from outside.

    `verify` shares no code with the service. It ends with 0 when the books are right, with
    1 when anything is wrong, and with 2 when the file is no exported ledger.
    """,
)

Export = Annotated[
    Path,
    typer.Argument(
        exists=True,
        dir_okay=False,
        readable=True,
        help="What GET /v1/ledger/export answered, or a mongoexport of ledger_segments.",
    ),
]
Head = Annotated[
    str | None,
    typer.Option("--head", help="The hash the log must end with, from a trial balance."),
]
Market = Annotated[
    str | None, typer.Option("--market", help="Whose log it is, if the file does not say.")
]


@app.callback()
def _ledger() -> None:
    pass


@app.command("verify")
def verify_command(
    export: Export, *, head: Head = None, market: Market = None, as_json: Json = False
) -> None:
    """Check hash chain, zero sums, floors, holds and trial balance of an exported ledger."""
    try:
        report = verify(export, head=head, market=market)
    except NotAnExport as trouble:
        raise typer.BadParameter(str(trouble), param_hint="EXPORT") from trouble
    if as_json:
        emit(report.to_dict())
    else:
        _show(report)
    raise typer.Exit(Exit.OK if report.ok else Exit.WRONG)


def _show(report: Report) -> None:
    table = Table(show_header=False, box=None, pad_edge=False)
    for name, value in (
        ("market", report.market or "not named"),
        ("segments", f"{report.segments:,}"),
        ("entries", f"{report.entries:,}"),
        ("legs", f"{report.legs:,}"),
        ("accounts", f"{report.accounts:,}"),
        ("open holds", f"{report.open_holds:,}"),
        *(
            (f"sum of {currency}", f"{total:,}")
            for currency, total in report.trial_balance.items()
        ),
        ("head", report.head),
    ):
        table.add_row(name, escape(value))
    console.print(table)
    for problem in report.problems:
        console.print(f"[red]✗[/] {escape(problem)}", soft_wrap=True)
    if report.complete is False:
        console.print("[red]✗[/] the file breaks off before its end 文件不完整")
    if report.ok:
        console.print("[green]✓[/] the books are right 账目无误")
