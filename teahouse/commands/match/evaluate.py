"""``teahouse match evaluate``: what the log says of a ranking model, and whether it is enough."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from chassis.client import ServiceClient
from chassis.kernel.errors import RuleBroken
from teahouse.answers import told
from teahouse.attached import settings_of
from teahouse.speech import DEFAULT_VAR, Exit, Json, Var, console, emit

SERVICE, PATH = "matching", "/internal/models/trials"
OK, PER, WIDE = 200, 1_000, 28
READ_SECONDS = 50.0
"""Matching reads thousands of pages before it answers."""
_FIGURES = {
    "earned": "as it was",
    "ips": "IPS",
    "snips": "SNIPS",
    "dr": "doubly robust",
    "gain": "gain",
}
_DOUBTS = {
    "too-few-exposures": "too little was shown   曝光太少",
    "sample-too-small": "too few of the rows count   有效样本太小",
    "may-be-worse": "it may be worse   可能更差",
}
Card = Mapping[str, Any]
MODEL_ID = Annotated[
    str | None, typer.Argument(metavar="MODEL", help="Its id; the latest candidate if none.")
]


class TrialRefused(RuleBroken):
    """Matching would not try this model."""

    code = "trial-refused"
    hint = "Take the id from GET /v1/models; the answer says what is wrong."
    chinese = "无法评估该模型，请从 GET /v1/models 中选取编号；具体原因见返回内容。"


def evaluate(model_id: MODEL_ID = None, *, var: Var = DEFAULT_VAR, as_json: Json = False) -> None:
    """Judge a ranking model by what was shown until now; nothing is stored or promoted.

    Shows its weights beside those of the model that ranks, the claims it would have brought
    by three estimators with their intervals, and how well it foretold what was claimed. Ends
    with 0 when the log supports it or nothing is a candidate, with 1 when there are doubts.
    """
    asked = {} if model_id is None else {"model_id": model_id}
    answer = _client(var).send("GET", PATH, params=asked, read_seconds=READ_SECONDS)
    found = told(answer, OK, TrialRefused)
    if as_json:
        emit(found)
    else:
        show(found["promoted"], found["model"])
    if found["model"] and found["model"]["trial"]["doubts"]:
        raise typer.Exit(Exit.WRONG)


def show(promoted: Card, model: Card | None) -> None:
    """Tell people what was found."""
    console.print(f"[bold]{escape(promoted['version'])}[/] ranks now.   现用模型。")
    if model is None:
        console.print("No model is a candidate: POST /v1/models learns one.   没有候选模型。")
        return
    trial = model["trial"]
    console.print(
        f"[bold]{escape(model['version'])}[/] ({model['state']}), judged by {trial['pages']:,} "
        f"pages of {trial['hosts']:,} hosts with {trial['claims']:,} claims; "
        f"{trial['moved']:.1%} of the lots would stand elsewhere.\n"
    )
    console.print(_weights(promoted["weights"], model["weights"]))
    if trial["estimates"]:
        console.print(_estimates(trial["estimates"]))
        console.print(_calibration(trial["calibration"]))
    for doubt in trial["doubts"]:
        console.print(f"[bold red]Doubt:[/] {_DOUBTS.get(doubt, escape(doubt))}")
    if not trial["doubts"]:
        console.print("[bold green]The log supports it.[/]   记录支持启用。")


def _weights(now: Mapping[str, int], then: Mapping[str, int]) -> Table:
    table = _table("weight 权重", "now 现用", "this one 本模型")
    most = max(*now.values(), *then.values(), 1)
    for term, weight in then.items():
        bar = "█" * (WIDE * weight // most)
        table.add_row(term, f"{now.get(term, 0):,}", f"{weight:,}", bar)
    return table


def _estimates(estimates: Mapping[str, Any]) -> Table:
    """Intervals on one scale, the gain on its own, with zero marked where it is within."""
    title = f"Claims in {PER:,} lots shown 每千次展示的认领数, 95 %"
    table = _table("", "estimate 估计", "from 下限", "to 上限", title=title)
    values = [estimates[name] for name in _FIGURES if name != "gain"]
    scale = min(each["lower"] for each in values), max(each["upper"] for each in values)
    gain = estimates["gain"]
    for name, words in _FIGURES.items():
        told = estimates[name]
        own = scale if name != "gain" else (min(0.0, gain["lower"]), max(0.0, gain["upper"]))
        numbers = [f"{PER * told[part]:.2f}" for part in ("estimate", "lower", "upper")]
        table.add_row(words, *numbers, drawn(told, own, zero=name == "gain"))
    return table


def drawn(interval: Mapping[str, float], scale: tuple[float, float], *, zero: bool = False) -> str:
    """An interval as a line with a knob at the estimate, and zero as a post if wanted."""
    first, last = scale
    width = (last - first) or 1.0

    def at(value: float) -> int:
        return round((WIDE - 1) * (value - first) / width)

    line = [" "] * WIDE
    for place in range(at(interval["lower"]), at(interval["upper"]) + 1):
        line[place] = "─"
    if zero:
        line[at(0.0)] = "│"
    line[at(interval["estimate"])] = "●"
    return "".join(line)


def _calibration(bins: list[Mapping[str, Any]]) -> Table:
    """Expected beside claimed, by tenths of what was expected."""
    title = f"Expected and claimed in {PER:,} 预期与实际"
    table = _table("", "expected 预期", "claimed 实际", title=title)
    most = max(*(each[name] for each in bins for name in ("expected", "claimed")), 1e-12)
    for each in bins:
        numbers = (f"{PER * each[name]:.2f}" for name in ("expected", "claimed"))
        bar = ["█"] * round((WIDE - 1) * each["claimed"] / most)
        line = bar + [" "] * (WIDE - len(bar))
        line[round((WIDE - 1) * each["expected"] / most)] = "┃"
        table.add_row("", *numbers, "".join(line))
    return table


def _table(name: str, *numbers: str, title: str | None = None) -> Table:
    """A name, numbers and a picture a row."""
    table = Table(name, box=None, title=title, title_justify="left")
    for each in numbers:
        table.add_column(each, justify="right")
    table.add_column("")
    return table


def _client(var: Path) -> ServiceClient:
    return ServiceClient(settings_of([SERVICE], var)[SERVICE], SERVICE)
