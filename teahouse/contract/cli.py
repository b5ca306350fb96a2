"""The commands of ``teahouse contract``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from cartridges.problems import CartridgeRefused, Problem
from cartridges.reading import MOST_BYTES, Source, read_manifest
from cartridges.verdict import Verdict
from sharing.check import problems_of
from sharing.dividing import Heads, Share, after_refunds, divide, seats_of
from sharing.examples import Difference, differences
from sharing.explaining import Reason, foreseen, why_share
from sharing.terms import BRAND, HOST, ROLES, Terms
from teahouse.cartridge import shown
from teahouse.speech import Exit, Json, console, emit

STARTER = Path(__file__).parent / "starter.yaml"

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="""Write and try a share contract: who gets what of a gathering's takings.

    `new` starts one, `check` says what to put right and runs its examples, `simulate` shows
    what everybody would get, by the arithmetic that books. Send the file to
    `POST /v1/share-contracts/{id}/versions`. 分成合约：新建、检查、试算。
    """,
)

ContractFile = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, help="YAML or JSON, as `new` makes it.")
]
Amounts = Annotated[int, typer.Option(min=0, help="In whole minor units (fen).")]


@app.command()
def new(
    path: Annotated[Path, typer.Argument(help="Where to write it: evening.yaml.")],
    *,
    host: Annotated[str, typer.Option(help="The organisation that is the host: org_...")],
    as_json: Json = False,
) -> None:
    """Start a contract that passes every check; edit it from there.

    Example: `teahouse contract new evening.yaml --host org_01kjmma2g0e008000000000002`
    """
    text = STARTER.read_text(encoding="utf-8").replace("HOST", host)
    if problems_of(read_manifest(text.encode()).manifest):
        raise typer.BadParameter(f"{host} is no id of an organisation", param_hint="--host")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise typer.BadParameter(f"{path} is there already", param_hint="PATH") from None
    if as_json:
        emit({"file": str(path)})
    else:
        console.print(f"[green]✓[/] {path}: edit it, then")
        console.print(f"  teahouse contract check {path}")


@app.command()
def check(path: ContractFile, *, as_json: Json = False) -> None:
    """Say what is wrong, where, why and what to do; then run the examples to the fen."""
    terms, verdict = _judged(path)
    wrong = differences(terms) if terms else []
    if as_json:
        problems = [asdict(each) for each in verdict.problems]
        emit({"problems": problems, "differences": [each._asdict() for each in wrong]})
    elif terms is None:
        shown.show_verdict(path, verdict)
    else:
        _show_differences(terms, wrong)
    raise typer.Exit(Exit.WRONG if verdict.problems or wrong else Exit.OK)


@app.command()
def simulate(
    path: ContractFile,
    *,
    sale: Annotated[list[int], typer.Option(min=0, help="A sale in minor units; repeat it.")],
    refunded: Amounts = 0,
    subsidy: Amounts = 0,
    heads: Annotated[int, typer.Option(min=0, help="How many were checked in.")] = 0,
    heads_wanted: Annotated[int, typer.Option(min=0, help="How many were asked for.")] = 0,
    vacant: Annotated[list[str] | None, typer.Option(help="A role that nobody has.")] = None,
    as_json: Json = False,
) -> None:
    """Show what everybody would have, and why, step by step.

    Example: `teahouse contract simulate evening.yaml --sale 60000 --sale 40000 --vacant venue`
    """
    terms, verdict = _judged(path)
    if terms is None:
        shown.verdict(path, verdict, as_json=as_json)
        raise typer.Exit(Exit.WRONG)
    if unknown := sorted(set(vacant or ()) - set(ROLES)):
        raise typer.BadParameter(f"{', '.join(unknown)}: roles are {', '.join(ROLES)}")
    if refunded > sum(sale):
        raise typer.BadParameter("more than was sold", param_hint="--refunded")
    present = {role: (role,) for role in ROLES if role not in (vacant or ())}
    count = Heads(heads, heads_wanted)
    # A contract without problems has a host, and so somebody for every share.
    settled = divide(terms, seats_of(terms, present), sale, count)
    shares = after_refunds(terms, settled, refunded, count)
    _show_shares(terms, shares, _subsidy(terms, count, subsidy), as_json=as_json)


def _judged(path: Path) -> tuple[Terms | None, Verdict]:
    """The terms of a contract without problems, or None and what is wrong."""
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    try:
        source = read_manifest(content)
    except CartridgeRefused as refusal:
        return None, Verdict("", refusal.problems, {})
    problems = problems_of(source.manifest)
    return (None if problems else Terms(source.manifest)), _verdict(source, problems)


def _verdict(source: Source, problems: list[Problem]) -> Verdict:
    return Verdict("", problems, {each.path: source.place(each.path) for each in problems})


def _show_differences(terms: Terms, wrong: list[Difference]) -> None:
    for each in wrong:
        console.print(f"[red]✗[/] {escape(each.told)} 与预期不符", soft_wrap=True)
    if not wrong:
        count = len(terms.data["examples"])
        console.print(f"[green]✓[/] nothing to put right, {count} examples as expected 符合规范")


def _subsidy(terms: Terms, heads: Heads, given: int) -> list[tuple[str, int, Reason]]:
    """What becomes of the subsidy: whose it is, how much, and why; nothing that is nothing."""
    rows = [
        row
        for (earned, returned), why in foreseen(terms, heads, given)
        for row in ((HOST, earned, why.earned), (BRAND, sum(returned), why.returned))
    ]
    return [row for row in rows if row[1]]


def _show_shares(
    terms: Terms,
    shares: list[Share],
    subsidy: list[tuple[str, int, Reason]],
    *,
    as_json: bool,
) -> None:
    if as_json:
        rows = [
            {"role": share.seat.role, "organization_id": share.seat.organization_id}
            | {"minor": share.minor, "why": why_share(share).told()}
            for share in shares
        ]
        given = [{"role": role, "minor": minor, "why": why.told()} for role, minor, why in subsidy]
        emit({"currency": terms.currency, "shares": rows, "subsidy": given})
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    told = [(share.seat.role, share.minor, why_share(share)) for share in shares]
    for role, minor, why in (*told, *subsidy):
        table.add_row(role, f"{minor:,}", escape(why.en))
        table.add_row("", "", f"[dim]{escape(why.zh)}[/]")
    console.print(table)
