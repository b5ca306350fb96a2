"""``teahouse match audit``: who was shown and who got something, and how evenly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from requests import Response
from rich.markup import escape
from rich.table import Table

from chassis.client import ServiceClient
from chassis.kernel.errors import RuleBroken
from chassis.kernel.ids import id_maker
from chassis.kernel.time import system_clock
from teahouse.answers import told
from teahouse.attached import settings_of
from teahouse.speech import DEFAULT_VAR, Exit, Json, Var, console, emit

SERVICE, PATH = "matching", "/internal/audits"
OK, NOT_FOUND, WHOLE = 200, 404, 10_000
WIDE = 14  # bars beside their figures in a terminal of 80 columns
READ_SECONDS = 50.0
"""Matching counts all that was shown and claimed before it answers."""
BLOCKS = " ▁▂▃▄▅▆▇█"
_SPREAD = {"exposure": "exposure   曝光", "claims": "claims   认领", "subsidy": "subsidy   补贴"}
_FINDINGS = {
    "brands-not-shown": "brands with a lot on offer were not shown   有品牌未获展示",
    "newcomers-below-share": "newcomers claimed less than lots keep for them   新主理人份额不足",
}
Audit = Mapping[str, Any]
Days = Annotated[
    int | None,
    typer.Option("--days", min=1, max=180, help="Make one of so many days up to now."),
]


class AuditRefused(RuleBroken):
    """Matching has no audit, or would not make one."""

    code = "audit-refused"
    hint = "The worker makes one each day; with --days one is made now."
    chinese = "没有可显示的审计；后台每天生成一次，也可用 --days 立即生成。"


def audit(*, days: Days = None, var: Var = DEFAULT_VAR, as_json: Json = False) -> None:
    """Show the latest fairness audit of the market, or make one with --days.

    Shows brands by size and hosts by age: shown, without a claim, exposure and claims; how
    unevenly each is spread, as a Lorenz curve and Gini's coefficient; and the newcomers'
    share. Ends with 1 when brands with a lot on offer were not shown, or newcomers claimed a
    smaller part of the packs than lots keep for them; with 0 otherwise, also where nothing was
    shown, or nothing claimed, in these days: of that nothing is judged, and it says so.
    """
    found = _read(var) if days is None else _make(days, var)
    findings = findings_of(found)
    if as_json:
        emit(found | {"findings": findings})
    else:
        show(found, findings)
    if findings:
        raise typer.Exit(Exit.WRONG)


def findings_of(found: Audit) -> list[str]:
    """What is not as it should be; where nothing was shown or claimed, nothing is."""
    brands, newcomers = found["brands"]["total"], found["newcomers"]
    findings = {
        "brands-not-shown": brands["places"] and found["reachable_shown"] < found["reachable"],
        "newcomers-below-share": newcomers["hosts"]
        and found["hosts"]["total"]["packs"]
        and newcomers["share_of_packs"] < newcomers["share_kept"],
    }
    return [name for name, holds in findings.items() if holds]


def show(found: Audit, findings: Sequence[str]) -> None:
    """Tell people what was found."""
    console.print(
        f"[bold]{escape(found['id'])}[/] {found['since']} – {found['until']}, "
        f"made by {escape(found['made_by'])}\n"
    )
    console.print(_groups("Brands   品牌", found["brands"]))
    console.print(_groups("Hosts   主理人", found["hosts"]))
    console.print(_curves(found))
    newcomers, blocking = found["newcomers"], found["blocking"]
    console.print(
        f"Brands shown   获展示品牌: {found['reachable_shown']} of {found['reachable']}\n"
        f"Newcomers   新主理人: {newcomers['hosts']}, {_percent(newcomers['share_of_places'])} of "
        f"places, {_percent(newcomers['share_of_claims'])} of claims, "
        f"{_percent(newcomers['share_of_packs'])} of packs; "
        f"{_percent(newcomers['share_kept'])} of every lot is kept for them\n"
        f"Blocking pairs   阻塞对: {blocking['pairs'] if blocking else 'no clearing is stored'}"
    )
    if not found["brands"]["total"]["places"]:
        console.print("[bold]Nothing was shown in these days.   此期间没有任何展示。[/]")
    for name in findings:
        console.print(f"[bold red]{_FINDINGS[name]}[/]")


def picture(curve: Sequence[int]) -> str:
    """A Lorenz curve in one line: what the least have together, rising to a full block."""
    steps = len(BLOCKS) - 1
    return "".join(BLOCKS[-(-held * steps // WHOLE)] for held in curve[1:])


def _groups(title: str, side: Audit) -> Table:
    table = Table(title, "parties", "shown", "no claim", "claims", "exposure", box=None)
    longest = max(group["exposure"] for group in side["groups"].values()) or 1
    for name, group in side["groups"].items():
        bar = "█" * (WIDE * group["exposure"] // longest)
        counted = (group[each] for each in ("parties", "shown", "with_nothing", "claims"))
        table.add_row(name, *map(str, counted), f"{bar} {group['exposure'] / 1e6:,.1f}")
    return table


def _curves(found: Audit) -> Table:
    table = Table("how evenly   均匀程度", "least ... all   由少到多", "Gini   基尼系数", box=None)
    for side, name in (("brands", "brands"), ("hosts", "hosts")):
        for what, words in _SPREAD.items():
            spread = found[side]
            if spread["total"][what]:
                told = picture(spread["lorenz"][what]), f"{spread['gini'][what]:.3f}"
            else:
                told = "nothing   无", "–"
            table.add_row(f"{name}: {words}", *told)
    return table


def _percent(basis_points: int) -> str:
    return f"{basis_points / 100:g} %"


def _read(var: Path) -> dict[str, Any]:
    return _told(_client(var).get(PATH))


def _make(days: int, var: Path) -> dict[str, Any]:
    # The call may be repeated: the id says that it is the same.
    body = {"id": id_maker(system_clock)("aud"), "days": days}
    return _told(_client(var).send("POST", PATH, json=body, read_seconds=READ_SECONDS))


def _client(var: Path) -> ServiceClient:
    return ServiceClient(settings_of([SERVICE], var)[SERVICE], SERVICE)


def _told(answer: Response) -> dict[str, Any]:
    """The audit; where there is none, the command's own fix fits better than the service's."""
    if answer.status_code == NOT_FOUND:
        raise AuditRefused("no audit was made yet (audit-not-found)")
    found: dict[str, Any] = told(answer, OK, AuditRefused)
    return found
