"""How verdicts and run sheets are shown, to people and to machines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from cartridges.package import Package
from cartridges.rehearsal import RunSheet
from cartridges.signing import AuthorKey
from cartridges.verdict import Verdict
from teahouse.cartridge.folder import MANIFEST
from teahouse.speech import console, emit


def verdict(path: Path, found: Verdict, *, as_json: bool) -> None:
    """A verdict, for a machine or for a person."""
    if as_json:
        emit_verdict(found)
    else:
        show_verdict(path, found)


def emit_verdict(verdict: Verdict) -> None:
    """One JSON object, as the conformance suite wants it, with reasons and places."""
    problems = [
        {**asdict(each), "line": verdict.places.get(each.path, (0, 0))[0]}
        for each in verdict.problems
    ]
    emit({"digest": verdict.digest, "problems": problems})


def show_verdict(path: Path, verdict: Verdict) -> None:
    """Every problem with its line, its reason and what to do, in both languages."""
    file = path / MANIFEST if path.is_dir() else path
    for each in sorted(verdict.problems, key=lambda found: verdict.places.get(found.path, (0, 0))):
        line, column = verdict.places.get(each.path, (0, 0))
        where = f"{file}:{line}:{column}" if line else str(file)
        console.print(
            f"[red]✗[/] [bold]{escape(where)}[/] {escape(each.path or '/')}", soft_wrap=True
        )
        console.print(f"  {each.code}: {escape(each.reason)}", soft_wrap=True)
        console.print(f"  {escape(each.hint)} {escape(each.chinese)}", soft_wrap=True)
    if verdict.problems:
        console.print(f"{len(verdict.problems)} to put right 处需修改")
    else:
        console.print("[green]✓[/] nothing to put right 符合规范")
        console.print(f"  {verdict.digest}", soft_wrap=True)


def show_signers(package: Package) -> None:
    """Whose signatures a verified package has."""
    for author in package.manifest.get("authors", ()):
        if "key" in author:
            key = AuthorKey(author["key"])
            told = f"{author['name']}, {author['basis_points']} basis points, key {key.id}"
            console.print(f"  signed by {escape(told)}")


def show_sheet(sheet: RunSheet) -> None:
    """A run sheet for people: what happens when, who and what is needed."""
    console.print(f"[bold]{escape(sheet.title)}[/] · {sheet.people} · {sheet.minutes} min")
    for refusal in sheet.refusals:
        console.print(f"[red]✗[/] {escape(refusal)}")
    table = Table(box=None, pad_edge=False, show_header=False)
    for step in sheet.steps:
        starts = step["starts_minute"]
        table.add_row(
            f"{starts // 60}:{starts % 60:02}",
            f"{step['minutes']} min",
            escape(step["title"]),
            step["role"],
        )
    console.print(table)
    for name, rows in (("roles", sheet.roles), ("materials", sheet.materials), ("kit", sheet.kit)):
        for row in rows:
            count = row.get("quantity", row.get("count"))
            words = (
                row.get("from", ""),
                row.get("use", ""),
                "optional" * row.get("optional", False),
            )
            remark = ", ".join(word for word in words if word)
            console.print(f"  {name:9} {count:>5} × {escape(row['title'])} [dim]{remark}[/]")
    for each in sheet.training:
        console.print(f"  training  {each['certificate']} for the {each.get('role', 'host')}")
    for each in sheet.questions:
        console.print(f"  question  {escape(each['title'])}{' *' * each['required']}")
    for each in sheet.checklist:
        console.print(f"  {each['when']:9} {escape(each['text'])}", soft_wrap=True)
    for each in sheet.evidence:
        told = f"{each['kind']}: {each['text']}{' *' * each['required']}"
        console.print(f"  evidence  {escape(told)}", soft_wrap=True)


def similarity(report: Mapping[str, Any]) -> None:
    """Which published versions a theme is like, how much, and in which passages."""
    if not report["twins"]:
        console.print("[green]✓[/] like no cartridge of another author 未发现相似卡带")
    for twin in report["twins"]:
        alike, sign = twin["likeness"], "[yellow]![/]" if twin["is_suspicious"] else " "
        console.print(f"{sign} [bold]{escape(twin['name'])}[/] {twin['version']}")
        console.print(f"  {twin['cartridge_id']} {twin['digest']}", soft_wrap=True)
        console.print(
            f"  of this text {alike['text_taken'] / 100:.2f} % is there, of that text"
            f" {alike['text_given'] / 100:.2f} % is here",
            soft_wrap=True,
        )
        for each in alike["passages"]:
            told = f"{each['path']} ~ {each['other_path']}: {each['alike'] / 100:.0f} %"
            console.print(f"    {escape(told)}", soft_wrap=True)
