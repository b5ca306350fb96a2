"""The command line ``teahouse``: which commands there are, each loaded when it is used."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

import typer
from typer.core import TyperGroup

# A command's libraries are loaded for that command alone: the supervisor, which lives as
# long as the suite, should not carry those of all the others.
COMMANDS = {
    "up": "teahouse.commands.up",
    "down": "teahouse.commands.down",
    "status": "teahouse.commands.status",
    "doctor": "teahouse.commands.doctor",
    "demo": "teahouse.demo.cli",
    "token": "teahouse.commands.token",
    "clock": "teahouse.commands.clock",
    "dlq": "teahouse.commands.dlq",
    "outbox": "teahouse.commands.outbox",
    "listings": "teahouse.commands.listings",
    "cartridge": "teahouse.cartridge.cli",
    "contract": "teahouse.contract.cli",
    "ledger": "teahouse.ledger.cli",
    "match": "teahouse.commands.match",
    "operations": "teahouse.commands.operations",
    "backup": "teahouse.commands.backup",
    "restore": "teahouse.commands.restore",
    "prepare": "teahouse.commands.prepare",
    "config": "teahouse.commands.config",
}
# These have commands of their own, be it only one.
GROUPS = frozenset(
    {
        "cartridge",
        "contract",
        "clock",
        "dlq",
        "outbox",
        "listings",
        "ledger",
        "match",
        "operations",
        "config",
    }
)

HELP = """An open crowd-creation marketplace, on your own machine.

Start with `teahouse doctor`, then `teahouse up`. Every command takes --json and ends with
0 when all is well, 1 when it found something wrong, 2 for wrong usage, 3 when it could not
start and 4 when nothing runs.

开放的众创市集：先运行 `teahouse doctor` 检查环境，再运行 `teahouse up` 启动。
"""


class Commands(TyperGroup):
    """Finds a command by name in ``COMMANDS`` and imports its module then."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002 - Typer's own signature
        """All that this installation has, in the order they are needed."""
        return [name for name, module in COMMANDS.items() if _exists(module)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401 - Typer's own signature
        """The command, or None for an unknown name."""
        if cmd_name not in self.list_commands(ctx):
            return None
        build = typer.main.get_group if cmd_name in GROUPS else typer.main.get_command
        command = build(importlib.import_module(COMMANDS[cmd_name]).app)
        command.name = cmd_name
        return command


app = typer.Typer(
    name="teahouse",
    cls=Commands,
    help=HELP,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    add_completion=True,
    pretty_exceptions_enable=False,  # a log wants the plain traceback
)


@app.callback()
def _teahouse() -> None:
    pass


def _exists(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False
