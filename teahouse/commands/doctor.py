"""``teahouse doctor``: what is wrong on this machine, and the exact fix."""

from __future__ import annotations

from dataclasses import asdict

import typer
from rich.markup import escape
from rich.table import Table

from teahouse.checks import Finding, Grade, examine
from teahouse.commands.up import PortBase
from teahouse.ports import DEFAULT_BASE, Ports
from teahouse.speech import DEFAULT_VAR, Exit, Json, Var, console, emit

MARKS = {
    Grade.OK: "[green]✔[/]",
    Grade.WARNING: "[yellow]![/]",
    Grade.PROBLEM: "[bold red]✘[/]",
}


app = typer.Typer(add_completion=False)


@app.command()
def doctor(
    *, var: Var = DEFAULT_VAR, port_base: PortBase = DEFAULT_BASE, as_json: Json = False
) -> None:
    """Check whether Teahouse can run here, and say how to mend what is wrong.

    Looks at Python, packages, the mongod and broker programs, ports, disk, memory, the
    clock and what an earlier run left behind. While a suite runs, asks its processes.
    """
    findings = list(examine(var.absolute(), Ports(port_base)))
    is_sound = all(finding.grade is not Grade.PROBLEM for finding in findings)
    if as_json:
        emit({"ok": is_sound, "findings": [asdict(finding) for finding in findings]})
    else:
        _show(findings, is_sound=is_sound)
    raise typer.Exit(Exit.OK if is_sound else Exit.WRONG)


def _show(findings: list[Finding], *, is_sound: bool) -> None:
    table = Table(box=None, show_header=False, padding=(0, 1))
    for finding in findings:
        table.add_row(MARKS[finding.grade], finding.check, escape(finding.detail))
    console.print(table)
    for finding in findings:
        if finding.grade is not Grade.OK:
            console.print(f"\n{MARKS[finding.grade]} [bold]{finding.check}[/]")
            console.print(f"  Fix: {escape(finding.fix)}\n  {escape(finding.chinese)}")
    if is_sound:
        console.print("\nAll is well: `teahouse up` can start.   一切就绪。")
