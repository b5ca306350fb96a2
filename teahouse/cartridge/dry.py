"""``run-dry`` and ``test``: a cartridge rehearsed at the desk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from cartridges.conditions import ConditionRefused, FactWrong, facts_given, trials
from cartridges.expectations import ExpectationsUnreadable, Outcome, outcomes
from cartridges.package import read_package
from cartridges.problems import CartridgeRefused
from cartridges.rehearsal import facts_for, run_sheet
from cartridges.verdict import Verdict
from teahouse.cartridge import folder, shown
from teahouse.speech import Exit, Json, console, emit

app = typer.Typer(add_completion=False)


class Language(StrEnum):
    """What texts can be shown in."""

    EN = "en"
    ZH = "zh"


Where = Annotated[Path, typer.Argument(exists=True, help="A cartridge's folder, or a package.")]
Desk = Annotated[
    Path, typer.Argument(exists=True, file_okay=False, help="The folder with cartridge.yaml.")
]
FactOption = Annotated[
    list[str] | None,
    typer.Option(
        "--fact",
        help="hour=19, indoor=false, certificates=food-hygiene,first-aid; again for more.",
    ),
]


@app.command("run-dry")
def run_dry(
    path: Where,
    *,
    people: Annotated[int, typer.Option(min=1, max=5000, help="How many guests come.")],
    fact: FactOption = None,
    language: Annotated[Language, typer.Option(help="Of the texts.")] = Language.EN,
    as_json: Json = False,
) -> None:
    """Show what would happen and what would be needed; end with 1 when it must not be run so.

    Example: `teahouse cartridge run-dry tea-for-two --people 22 --fact hour=19`
    """
    try:
        manifest = folder.manifest_at(path)
        facts = facts_for(manifest, people=people, **_facts(fact or []))
        sheet = run_sheet(manifest, facts, language=language)
    except CartridgeRefused as refusal:
        raise _refused(path, refusal, as_json=as_json) from None
    except ConditionRefused as refusal:
        told = f"a condition has no answer: {refusal}"
        raise typer.BadParameter(told, param_hint="--people") from None
    if as_json:
        emit(asdict(sheet))
    else:
        shown.show_sheet(sheet)
    raise typer.Exit(Exit.WRONG if sheet.refusals else Exit.OK)


@app.command("test")
def rehearse_command(path: Desk, *, as_json: Json = False) -> None:
    """Rehearse it for few and for many, pack it twice, and try what rehearsals.yaml expects."""
    try:
        found = list(_outcomes(path))
    except CartridgeRefused as refusal:
        raise _refused(path, refusal, as_json=as_json) from None
    except ExpectationsUnreadable as trouble:
        raise typer.BadParameter(f"{folder.REHEARSALS}: {trouble}", param_hint="PATH") from None
    failed = [each for each in found if each.differences]
    if as_json:
        emit({"rehearsals": [asdict(each) for each in found], "failed": len(failed)})
    else:
        _show(found)
    raise typer.Exit(Exit.WRONG if failed else Exit.OK)


def _refused(path: Path, refusal: CartridgeRefused, *, as_json: bool) -> typer.Exit:
    """Show what ``lint`` would, and be the end."""
    shown.verdict(path, Verdict("", refusal.problems, {}), as_json=as_json)
    return typer.Exit(Exit.WRONG)


def _outcomes(path: Path) -> Iterator[Outcome]:
    desk = folder.read_desk(path)
    package = desk.packed()
    same = read_package(package.content()) == package
    yield Outcome("packs, and unpacks to the same", [] if same else ["it changed on the way"])
    for facts in trials(package.manifest):
        for language in package.manifest["languages"]:
            run_sheet(package.manifest, facts, language=language)
    yield Outcome("runs for few and for many, in every language", [])
    rehearsals = path / folder.REHEARSALS
    if rehearsals.is_file():
        yield from outcomes(package.manifest, folder.read_limited(rehearsals))


def _facts(given: list[str]) -> dict[str, Any]:
    """Facts from ``name=value``; raise ``typer.BadParameter``."""
    pairs = [each.partition("=") for each in given]
    try:
        return facts_given({name.strip(): _value(text.strip()) for name, _, text in pairs})
    except FactWrong as trouble:
        raise typer.BadParameter(str(trouble), param_hint="--fact") from None


def _value(text: str) -> Any:  # noqa: ANN401 - a fact
    """A number, true or false, or words."""
    if text in {"true", "false"}:
        return text == "true"
    return int(text) if re.fullmatch(r"-?[0-9]{1,9}", text) else text.strip("[]")


def _show(found: list[Outcome]) -> None:
    for each in found:
        mark = "[red]✗[/]" if each.differences else "[green]✓[/]"
        console.print(f"{mark} {escape(each.title)}")
        for difference in each.differences:
            console.print(f"    {escape(difference)}", soft_wrap=True)
