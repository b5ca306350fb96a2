"""``teahouse match clear``: match all hosts with all lots, and show what that gives."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Mapping
from enum import StrEnum
from itertools import islice
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer
from rich.markup import escape
from rich.table import Table

from chassis.client import ServiceClient
from chassis.kernel.errors import RuleBroken
from chassis.kernel.ids import make_id
from chassis.kernel.time import CALENDAR, from_rfc3339, system_clock
from chassis.settings import Settings
from teahouse.answers import told
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
_BOUND_BY = {
    "host-capacity": ("bound by her capacity", "受限于承办能力"),
    "lot-units": ("bound by the packs", "受限于包数"),
    "brand-budget": ("bound by the budget", "受限于品牌预算"),
    "nothing": ("no limit bound", "无限制"),
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
    hint = "The answer says why; see `teahouse status` for the service."
    chinese = "匹配服务拒绝了该清算，原因见返回内容；服务状态请查看 `teahouse status`。"


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
Reserve = Annotated[
    bool,
    typer.Option(
        "--reserve", help="Leave out of lists what others want much more, if evidence allows it."
    ),
]
Period = Annotated[
    str | None,
    typer.Option("--period", help="The name of what is cleared; the present week if none."),
]
Shown = Annotated[int, typer.Option("--show", min=0, help="List so many assignments.")]
Within = Annotated[float, typer.Option("--within", min=1, help="Wait so many seconds for it.")]


def clear(  # noqa: PLR0913 - every option of the command is one
    *,
    dry_run: DryRun = False,
    rule: ByRule = By.VALUE,
    worth: OfWorth = Worth.RECIPROCAL,
    reserve: Reserve = False,
    period: Period = None,
    show: Shown = 20,
    within: Within = 900.0,
    var: Var = DEFAULT_VAR,
    as_json: Json = False,
) -> None:
    """Match all hosts with all lots at once, so that the most value comes of it.

    A pair is worth how much the host wants it times how likely the brand accepts her.
    Shows what is assigned to whom and why, the proof of how good it is, who is left with
    nothing, and what first-come-first-served would have lost, or gained: bonuses trade a
    little value for more hosts and brands served. Each assignment is then held for its host
    for 48 hours, who claims it as usual; with --dry-run nothing is held, so that you can
    look first. A period is cleared once. With --reserve lists then leave out for a week what
    others want much more; how holds of before were taken up decides whether and how much.

    Example: `teahouse match clear --dry-run`, then `teahouse match clear`.

    Ends with 0 when the market is cleared, and with 1 when it was refused or failed.
    """
    settings = settings_of([SERVICE], var)[SERVICE]
    client = ServiceClient(settings, SERVICE)
    clearing_id = make_id("clr", now=system_clock(), random=secrets.randbits)
    body = {
        "id": clearing_id,
        "by": operator(),
        "dry_run": dry_run,
        "rule": rule.value,
        "valuation": worth.value,
        "reserve": reserve,
        "period": period,
    }
    told(client.post(PATH, body), ACCEPTED, ClearingRefused)
    clearing = _awaited(client, clearing_id, within)
    if as_json:
        emit({"clearing": clearing, "assignments": list(_assignments(client, clearing_id))})
    else:
        _report(clearing, client, show)
        _next(clearing, _page_of(settings, clearing_id))
    if clearing["stage"] != "cleared":
        raise typer.Exit(Exit.WRONG)


def _awaited(client: ServiceClient, clearing_id: str, within: float) -> Answer:
    """The clearing once it has ended; shows how far it has come meanwhile."""
    until = time.monotonic() + within
    with console.status(_STAGES["waiting"]) as status:
        while time.monotonic() < until:
            clearing: Answer = told(client.get(f"{PATH}/{clearing_id}"), OK, ClearingRefused)
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
        answer = client.get(f"{PATH}/{clearing_id}/assignments", **asked)
        page = told(answer, OK, ClearingRefused)
        yield from page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return


def _report(clearing: Answer, client: ServiceClient, show: int) -> None:
    if clearing["figures"] is None:
        console.print(f"[bold red]Nothing was cleared[/]: {escape(str(clearing['failure']))}")
        console.print("未能清算，原因见上。")
        return
    console.print(f"[bold]{escape(clearing['summary_en'])}[/]")
    console.print(f"{escape(clearing['summary_zh'])}\n")
    _beside(clearing["figures"])
    _proof(clearing)
    _who_gets_what(clearing, _assignments(client, clearing["id"]), show)


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


def _who_gets_what(clearing: Answer, assignments: Iterator[Answer], show: int) -> None:
    """Some lines each, so that eighty columns hold titles, ids and numbers uncut."""
    given = clearing["figures"]["cleared"]["assignments"]
    shown = list(islice(assignments, show))
    if shown:
        console.print(
            "[bold]Who gets what[/]: lot; for a host, of a brand; worth and price; why\n"
            "分配结果：批次；主理人与品牌；价值与价格；理由\n"
        )
    for each in shown:
        console.print("\n".join(_told_of(each)))
    if given > len(shown):
        console.print(
            f"\n{given - len(shown):,} more: --show {given}, --json or the page.   "
            f"另有 {given - len(shown):,} 项未列出。"
        )


def _told_of(each: Answer) -> Iterator[str]:
    yield f"[bold]{escape(each['title'])}[/]"
    yield f"  for {escape(each['host_id'])}  of {escape(each['brand_id'])}"
    factors = ""
    if each["brand_accepts"] is not None:
        factors = f" = {_points(each['host_wants'])} × {_points(each['brand_accepts'])}"
    price = f"price 价格 {_points(round(each['price']))}"
    if round(each["price"]) < 0:
        price += ", by a bonus for a first 因首场奖励"
    yield f"  {_points(each['value'])}{factors}; {price}"
    others, (english, chinese) = each["others"], _BOUND_BY[each["bound_by"]]
    wanted = f"{others} {'other' if others == 1 else 'others'} wanted it"
    also = f"另有 {others} 位想要"
    if not others:
        wanted, also = "nobody else wanted it", "无他人想要"
    yield f"  {wanted}; {english}   {also}；{chinese}"
    if each["held_until"] is not None:
        until = from_rfc3339(each["held_until"]).astimezone(CALENDAR)
        yield f"  held until {until:%Y-%m-%d %H:%M %Z}   预留至该时"
    elif each["refusal"]:
        yield f"  not held: {escape(each['refusal'])}   未能预留"


def _next(clearing: Answer, page: str) -> None:
    """Where it can be read again, and what to do after it."""
    console.print(f"\nclearing 清算 {clearing['id']}; its page 页面:\n{page}", soft_wrap=True)
    if clearing["held"]:
        console.print(
            "Next: each host claims what GET /v1/hosts/{host_id}/holds lists for her.\n"
            "下一步：各主理人从 GET /v1/hosts/{host_id}/holds 查看并认领。",
            soft_wrap=True,
        )
    elif clearing["figures"] and not clearing["figures"]["cleared"]["assignments"]:
        console.print("There was nothing to hold.   没有可预留的。")
    elif clearing["figures"] and clearing["dry_run"]:
        _after_a_dry_run(clearing)


def _after_a_dry_run(clearing: Answer) -> None:
    """The same again, to be held, where its period is free."""
    words = ["teahouse match clear"]
    words += [f"--rule {clearing['rule']}"] * (clearing["rule"] != By.VALUE)
    words += [f"--worth {clearing['valuation']}"] * (clearing["valuation"] != Worth.RECIPROCAL)
    words += ["--reserve"] * clearing["reserve"]
    period, taken = clearing["period"], clearing["period_taken_by"]
    if taken:
        console.print(
            f"{period} is cleared already, by {taken}: name another period.\n"
            f"{period} 已清算，请换一个周期名。"
        )
    words.append(f"--period {'NAME' if taken else period}")
    console.print(f"A dry run: nothing is held. Next 下一步:\n`{' '.join(words)}`", soft_wrap=True)


def _points(milli: float) -> str:
    return f"{milli / 1_000:,.3f}"


def _number(figure: float) -> str:
    return f"{figure:,}" if isinstance(figure, int) else f"{figure:.3f}"


def _page_of(settings: Settings, clearing_id: str) -> str:
    """Where its page is, for who has a token of a party that may read claims."""
    host = urlsplit(settings.internal_url(SERVICE)).hostname
    return f"http://{host}:{settings.api_port}/v1/clearings/{clearing_id}/report"
