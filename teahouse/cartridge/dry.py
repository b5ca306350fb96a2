"""``run-dry`` and ``test``: a cartridge rehearsed at the desk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from cartridges.conditions import ConditionRefused, Facts, trials
from cartridges.expectations import ExpectationsUnreadable, Outcome, outcomes
from cartridges.package import read_package
from cartridges.problems import CartridgeRefused
from cartridges.reading import read_manifest
from cartridges.rehearsal import facts_for, run_sheet
from teahouse.cartridge import folder, shown
from teahouse.speech import Exit, Json, console, emit

app = typer.Typer(add_completion=False)

Where = Annotated[Path, typer.Argument(exists=True, help="A cartridge's folder, or a package.")]
Desk = Annotated[
    Path, typer.Argument(exists=True, file_okay=False, help="The folder with cartridge.yaml.")
]
FactOption = Annotated[
    list[str] | None,
    typer.Option(
        "--fact", help="hour=19, indoor=false, certificates=[food-hygiene]; again for more."
    ),
]


@app.command("run-dry")
def run_dry(
    path: Where,
    *,
    people: Annotated[int, typer.Option(min=1, max=5000, help="How many guests come.")],
    fact: FactOption = None,
    language: Annotated[str, typer.Option(help="zh or en.")] = "en",
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
        raise typer.BadParameter(f"lint it first: {refusal}", param_hint="PATH") from None
    except ConditionRefused as refusal:
        raise typer.BadParameter(str(refusal), param_hint="--fact") from None
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
        raise typer.BadParameter(f"lint it first: {refusal}", param_hint="PATH") from None
    except ExpectationsUnreadable as trouble:
        raise typer.BadParameter(f"{folder.REHEARSALS}: {trouble}", param_hint="PATH") from None
    failed = [each for each in found if each.differences]
    if as_json:
        emit({"rehearsals": [asdict(each) for each in found], "failed": len(failed)})
    else:
        _show(found)
    raise typer.Exit(Exit.WRONG if failed else Exit.OK)


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
    """Facts from ``name=value``, the value in YAML; raise ``typer.BadParameter``."""
    found: dict[str, Any] = {}
    for each in given:
        name, _, text = each.partition("=")
        default = getattr(Facts(people=1), name, None)
        if name in {"people", "teams", "minutes"} or default is None:
            raise typer.BadParameter(f"no fact {name}", param_hint="--fact")
        value = read_manifest(text.encode()).manifest
        value = tuple(value) if isinstance(value, list) else value
        if type(value) is not type(default):
            raise typer.BadParameter(f"{name} is given as {text}", param_hint="--fact")
        found[name] = value
    return found


def _show(found: list[Outcome]) -> None:
    for each in found:
        mark = "[red]✗[/]" if each.differences else "[green]✓[/]"
        console.print(f"{mark} {escape(each.title)}")
        for difference in each.differences:
            console.print(f"    {escape(difference)}", soft_wrap=True)
