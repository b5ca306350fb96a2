"""The command line ``teahouse``, put together."""

from __future__ import annotations

import typer

from teahouse.commands import clock, config
from teahouse.commands.doctor import doctor
from teahouse.commands.prepare import prepare
from teahouse.commands.status import status
from teahouse.commands.up import down, up

HELP = """An open crowd-creation marketplace, on your own machine.

Start with `teahouse doctor`, then `teahouse up`. Every command takes --json and ends with
0 when all is well, 1 when it found something wrong, 2 for wrong usage, 3 when it could not
start and 4 when nothing runs.

开放的众创市集：先运行 `teahouse doctor` 检查环境，再运行 `teahouse up` 启动。
"""

app = typer.Typer(
    name="teahouse",
    help=HELP,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    add_completion=True,
)
for command in (up, down, status, doctor, prepare):
    app.command()(command)
app.add_typer(clock.app, name="clock")
app.add_typer(config.app, name="config")
