"""How the command line speaks: people on standard error, machines on standard output."""

from __future__ import annotations

import json
import sys
from enum import IntEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from chassis.embedded.trouble import CannotStart

console = Console(stderr=True, highlight=False)


class Exit(IntEnum):
    """Exit codes of every command; 2 is Typer's, for wrong usage."""

    OK = 0
    WRONG = 1
    CANNOT_START = 3
    NOT_RUNNING = 4


Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON object on standard output, nothing else.")
]
Var = Annotated[
    Path,
    typer.Option("--var", envvar="TEAHOUSE_VAR", help="The folder that holds data and logs."),
]
DEFAULT_VAR = Path("var")


def emit(answer: object) -> None:
    """Print an answer for machines."""
    sys.stdout.write(json.dumps(answer, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()


def complain(trouble: CannotStart, *, as_json: bool = False) -> None:
    """Say what is wrong and the exact fix, in English and Chinese."""
    if as_json:
        emit(
            {
                "error": {
                    "code": trouble.code,
                    "message": trouble.message,
                    "fix": trouble.fix,
                    "chinese": trouble.chinese,
                }
            }
        )
        return
    console.print(f"[bold red]{escape(trouble.message)}[/]", soft_wrap=True)
    console.print(f"  [bold]Fix:[/] {escape(trouble.fix)}", soft_wrap=True)
    console.print(f"  {escape(trouble.chinese)}", soft_wrap=True)


def not_running(var: Path) -> CannotStart:
    """No suite runs in this folder."""
    return CannotStart(
        f"Teahouse is not running in {var}",
        code="not-running",
        fix="start it with `teahouse up` (in another terminal, it stays in the foreground)",
        chinese=f"Teahouse 没有在 {var} 中运行，请先在另一个终端执行 `teahouse up`。",
    )
