"""``teahouse match clear``: match all hosts with all lots, and show what that gives."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from requests import Response
from rich.markup import escape
from rich.table import Table

from chassis.client import ServiceClient
from chassis.kernel.errors import RuleBroken
from chassis.kernel.ids import make_id
from chassis.kernel.time import system_clock
from teahouse.attached import operator, settings_of
from teahouse.speech import DEFAULT_VAR, Exit, Json, Var, console, emit

SERVICE, PATH = "matching", "/internal/clearings"
OK, ACCEPTED = 200, 202
LOOK_SECONDS, PAGE, WIDE = 0.3, 100, 40
Answer = Mapping[str, Any]

_STAGES = {
    "waiting": "waiting for the worker   等待执行",
    "gathering-candidates": "gathering candidates   收集候选",
    "solving": "solving   求解",
    "certifying": "certifying   验证",
    "holding": "holding   预留",
}
_WORTH = {
    "reciprocal": "worth: what the host wants times what the brand accepts   双方意愿之积",
    "host": "worth: what the host wants   主理人意愿",
}
_BESIDE = {
    "assignments": "assignments 分配数",
    "hosts_with_nothing": "hosts with nothing 未分得的主理人",
    "brands_with_nothing": "brands with nothing 未分出的品牌",
    "gini": "Gini of hosts 主理人基尼系数",
    "blocking_pairs": "blocking pairs 阻塞对",
}


class By(StrEnum):
    """The rules a market is cleared by."""

    VALUE = "value"
    NO_ENVY = "no-envy"


class Worth(StrEnum):
    """What a pair is worth."""

    RECIPROCAL = "reciprocal"
    HOST = "host"


class ClearingRefused(RuleBroken):
    """Matching would not clear the market so."""

    code = "clearing-refused"
    hint = "The answer says why; a period is cleared once: name another, or add --dry-run."
    chinese = "匹配服务拒绝了该清算，原因见返回内容；每期只清算一次，可换周期名或加 --dry-run。"


class ClearingSlow(RuleBroken):
    """The clearing has not ended in the time that was given."""

    code = "clearing-slow"
    hint = "It goes on by itself; see GET /v1/clearings, and `teahouse status` for the worker."
    chinese = "清算在限定时间内未结束，但会继续；请查看 GET /v1/clearings 和 `teahouse status`。"


DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Hold nothing: only show what would be assigned.")
]
ByRule = Annotated[
    By, typer.Option("--rule", help="The most value in all, or nobody passed over.")
]
OfWorth = Annotated[
    Worth,
    typer.Option("--worth", help="What both make of a pair, or what its host does alone."),
]
Period = Annotated[
    str | None,
    typer.Option("--period", help="The name of what is cleared; the present week if none."),
]
Shown = Annotated[int, typer.Option("--show", min=0, help="List so many assignments.")]
Within = Annotated[float, typer.Option("--within", min=1, help="Wait so many seconds for it.")]


def clear(
    *,
    dry_run: DryRun = False,
    rule: ByRule = By.VALUE,
    worth: OfWorth = Worth.RECIPROCAL,
    period: Period = None,
    show: Shown = 20,
    within: Within = 900.0,
    var: Var = DEFAULT_VAR,
    as_json: Json = False,
) -> None:
    """Match all hosts with all lots at once, so that the most value comes of it.

    A pair is worth how much the host wants it times how likely the brand accepts her.
    Shows what is assigned to whom and why, the proof of how good it is, who is left with
    nothing, and what first-come-first-served would have lost. Each assignment is then held
    for its host for 48 hours, who claims it as usual; with --dry-run nothing is held, so
    that you can look first. A period is cleared once.

    Example: `teahouse match clear --dry-run`, then `teahouse match clear`.

    Ends with 0 when the market is cleared, and with 1 when it was refused or failed.
    """
    client = _client(var)
    clearing_id = make_id("clr", now=system_clock(), random=secrets.randbits)
    body = {
        "id": clearing_id,
        "by": operator(),
        "dry_run": dry_run,
        "rule": rule.value,
        "valuation": worth.value,
        "period": period,
    }
    _told(client.post(PATH, body), ACCEPTED)
    clearing = _awaited(client, clearing_id, within)
    if as_json:
        emit({"clearing": clearing, "assignments": list(_assignments(client, clearing_id))})
    else:
        _report(clearing, client, show)
    if clearing["stage"] != "cleared":
        raise typer.Exit(Exit.WRONG)


def _awaited(client: ServiceClient, clearing_id: str, within: float) -> Answer:
    """The clearing once it has ended; shows how far it has come meanwhile."""
    until = time.monotonic() + within
    with console.status(_STAGES["waiting"]) as status:
        while time.monotonic() < until:
            clearing: Answer = _told(client.get(f"{PATH}/{clearing_id}"), OK)
            if clearing["ended_at"] is not None:
                return clearing
            done, total = clearing["done"], clearing["total"]
            far = f"   {done:,} of {total:,}" if total else ""
            status.update(f"{_STAGES.get(clearing['stage'], clearing['stage'])}{far}")
            time.sleep(LOOK_SECONDS)
    raise ClearingSlow(f"{clearing_id} has not ended within {within:.0f} s")


def _assignments(client: ServiceClient, clearing_id: str) -> Iterator[Answer]:
    """Everything assigned, page by page."""
    cursor: str | None = None
    while True:
        asked = {"limit": PAGE} | ({"cursor": cursor} if cursor else {})
        page = _told(client.get(f"{PATH}/{clearing_id}/assignments", **asked), OK)
        yield from page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return


def _report(clearing: Answer, client: ServiceClient, show: int) -> None:
    if clearing["figures"] is None:
        console.print(f"[bold red]Nothing was cleared[/]: {escape(str(clearing['failure']))}")
        console.print("未能清算，原因见上。")
        return
    _summary(clearing)
    _beside(clearing["figures"])
    _proof(clearing)
    _who_gets_what(_assignments(client, clearing["id"]), show)
    if clearing["dry_run"]:
        console.print(
            "\nA dry run: nothing is held. Next: `teahouse match clear`.   试运行，未作任何预留。"
        )


def _summary(clearing: Answer) -> None:
    figures = clearing["figures"]
    lost = figures["first_come_loses_basis_points"] / 100
    console.print(
        f"[bold]{figures['cleared']['assignments']:,}[/] lots for {figures['hosts']:,} hosts, "
        f"worth [bold]{_points(figures['cleared']['value'])}[/] points; "
        f"{clearing['held']:,} are held for 48 hours."
    )
    console.print(
        f"First-come-first-served would lose [bold]{lost:.2f} %[/].   先到先得的损失。\n"
    )


def _beside(figures: Answer) -> None:
    """Both ways of choosing, with their values as bars."""
    cleared, first = figures["cleared"], figures["first_come"]
    most = max(cleared["value"], first["value"], 1)
    for name, outcome in (("cleared 清算", cleared), ("first come 先到先得", first)):
        bar = "█" * round(WIDE * outcome["value"] / most)
        console.print(f"{bar:<{WIDE}} {_points(outcome['value']):>12}  {name}")
    table = Table("", "cleared 清算", "first come 先到先得", box=None)
    for key, name in _BESIDE.items():
        table.add_row(name, _number(cleared[key]), _number(first[key]))
    console.print(table)


def _proof(clearing: Answer) -> None:
    proof, figures = clearing["certificate"], clearing["figures"]
    console.print(
        f"\nProven: with the bonuses for first claims it is {_points(proof['objective'])} points, "
        f"and nothing within the limits exceeds {_points(proof['bound'])}; the gap is "
        f"[bold]{proof['gap']:.4%}[/].   含首次奖励的总分、已证明的上界与差距。"
    )
    console.print(
        f"{escape(proof['solver'])}, {proof['seconds']:.3f} s, over {figures['candidates']:,} "
        f"candidates of {figures['lots']:,} lots of {figures['brands']:,} brands"
    )
    console.print(f"{_WORTH[clearing['valuation']]}")
    console.print(f"market {proof['market_digest']}\n", soft_wrap=True)


def _who_gets_what(assignments: Iterator[Answer], show: int) -> None:
    """Two lines each, so that eighty columns hold names, numbers and codes uncut."""
    table = Table(box=None)
    table.add_column("lot 批次\nhost 主理人", overflow="fold")
    table.add_column("value 价值\nprice 价格", justify="right", no_wrap=True)
    table.add_column("bound by 约束\nothers 其他人", no_wrap=True)
    table.add_column("", no_wrap=True)
    shown = [each for each, _ in zip(assignments, range(show), strict=False)]
    for each in shown:
        table.add_row(
            f"{escape(each['title'])}\n[dim]{escape(each['host_id'])}[/]",
            f"{_points(each['value'])}\n{_points(each['price'])}",
            f"{each['bound_by']}\n{each['others']}",
            each["refusal"] or each["fate"],
        )
    if shown:
        console.print(table)


def _points(milli: float) -> str:
    return f"{milli / 1_000:,.3f}"


def _number(figure: float) -> str:
    return f"{figure:,}" if isinstance(figure, int) else f"{figure:.3f}"


def _client(var: Path) -> ServiceClient:
    return ServiceClient(settings_of([SERVICE], var)[SERVICE], SERVICE)


def _told(answer: Response, wanted: int) -> Any:  # noqa: ANN401 - the JSON of an answer
    if answer.status_code != wanted:
        raise ClearingRefused(f"{answer.status_code}: {answer.text}")
    return answer.json()
