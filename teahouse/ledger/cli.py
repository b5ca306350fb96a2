"""``teahouse ledger``: the books, checked by somebody who does not trust the service."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated, Any

import requests
import typer
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from chassis.client import PeerUnavailable, ServiceClient
from teahouse.attached import settings_of
from teahouse.ledger.proof import Proof, Unproven, check_days, check_receipt, read_keys
from teahouse.ledger.verify import NotAnExport, Report, verify
from teahouse.speech import DEFAULT_VAR, Exit, Json, Var, console, emit

PROJECTION = "/internal/ledger/projection"
POLL_SECONDS = 0.2

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="""The books, checked from outside.

    `verify` and `receipt` share no code with the service. They end with 0 when all is right,
    with 1 when anything is wrong, and with 2 when the file is something else.
    """,
)

Export = Annotated[
    Path,
    typer.Argument(
        exists=True,
        dir_okay=False,
        readable=True,
        help="What GET /v1/ledger/export answered, or a mongoexport of ledger_segments.",
    ),
]
Head = Annotated[
    str | None,
    typer.Option("--head", help="The hash the log must end with, from a trial balance."),
]
Market = Annotated[
    str | None, typer.Option("--market", help="Whose log it is, if the file does not say.")
]
TrustedKeys = Annotated[
    Path | None,
    typer.Option(
        "--keys",
        exists=True,
        dir_okay=False,
        help="Keys you trust, saved from /.well-known/jwks.json; else the export's own count.",
    ),
]
Receipt = Annotated[
    Path,
    typer.Argument(
        exists=True, dir_okay=False, help="What GET /v1/entries/<id>/receipt answered."
    ),
]
PublicKeys = Annotated[
    Path,
    typer.Option(
        "--keys", exists=True, dir_okay=False, help="What /.well-known/jwks.json answered."
    ),
]


@app.callback()
def _ledger() -> None:
    pass


@app.command("verify")
def verify_command(
    export: Export,
    *,
    head: Head = None,
    market: Market = None,
    keys: TrustedKeys = None,
    as_json: Json = False,
) -> None:
    """Check hash chain, sums, floors, holds, signed roots and trial balance of an export."""
    trusted = read_keys(_json(keys, "--keys")) if keys else None
    try:
        report = verify(export, head=head, market=market)
        proof = check_days(export, trusted)
    except NotAnExport as trouble:
        raise typer.BadParameter(str(trouble), param_hint="EXPORT") from trouble
    all_right = report.ok and proof.ok
    if as_json:
        emit({**report.to_dict(), "ok": all_right, "proof": proof.to_dict()})
    else:
        _show(report, proof)
    raise typer.Exit(Exit.OK if all_right else Exit.WRONG)


@app.command("receipt")
def receipt_command(receipt: Receipt, *, keys: PublicKeys, as_json: Json = False) -> None:
    """Check that a receipt leads to the root that was signed for its day."""
    try:
        content = check_receipt(_json(receipt, "RECEIPT"), read_keys(_json(keys, "--keys")))
    except Unproven as trouble:
        if as_json:
            emit({"ok": False, "problem": str(trouble)})
        else:
            console.print(f"[red]✗[/] {escape(str(trouble))}", soft_wrap=True)
        raise typer.Exit(Exit.WRONG) from trouble
    if as_json:
        emit({"ok": True, "content": content})
    else:
        console.print(f"[green]✓[/] {content['id']} stands in the books 分录确在账中")


@app.command("rebuild")
def rebuild_command(*, var: Var = DEFAULT_VAR, as_json: Json = False) -> None:
    """Throw all projections of the ledger away and make them anew, while everything runs.

    Balances, entries and holds are rebuilt from the log alone. Booking goes on; what is
    read follows again when this is done. Stopping it half way does no harm: the service
    finishes it.
    """
    client = ServiceClient(settings_of(["payments"], var)["payments"], "payments")
    started = time.monotonic()
    found = _projection(client.post(PROJECTION, {}))
    with Progress(console=console, transient=True, disable=as_json) as progress:
        task = progress.add_task("Rebuilding", total=None)
        while found["behind"]:
            total = found["segments"] + found["behind"]
            progress.update(task, total=total, completed=found["segments"])
            time.sleep(POLL_SECONDS)
            found = _projection(client.get(PROJECTION))
    seconds = round(time.monotonic() - started, 2)
    if as_json:
        emit({"segments": found["segments"], "seconds": seconds})
    else:
        console.print(f"Rebuilt from {found['segments']:,} segments in {seconds} s. 投影已重建。")


def _projection(answer: requests.Response) -> dict[str, int]:
    if answer.status_code not in {200, 202}:
        raise PeerUnavailable(f"{answer.status_code} from payments: {answer.text[:200]}")
    found: dict[str, int] = answer.json()
    return found


def _json(path: Path, hint: str) -> Any:  # noqa: ANN401 - any JSON
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as trouble:
        raise typer.BadParameter(f"{path} is not JSON: {trouble}", param_hint=hint) from trouble


def _show(report: Report, proof: Proof) -> None:
    table = Table(show_header=False, box=None, pad_edge=False)
    for name, value in (
        ("market", report.market or "not named"),
        ("segments", f"{report.segments:,}"),
        ("entries", f"{report.entries:,}"),
        ("legs", f"{report.legs:,}"),
        ("accounts", f"{report.accounts:,}"),
        ("open holds", f"{report.open_holds:,}"),
        *(
            (f"sum of {currency}", f"{total:,}")
            for currency, total in report.trial_balance.items()
        ),
        ("head", report.head),
        ("sealed days", f"{proof.days:,} up to {proof.latest or 'none'}"),
        ("latest root", proof.root or "none"),
        ("signed by", ", ".join(proof.keys) or "nobody"),
    ):
        table.add_row(name, escape(value))
    console.print(table)
    for problem in (*report.problems, *proof.problems):
        console.print(f"[red]✗[/] {escape(problem)}", soft_wrap=True)
    if report.complete is False:
        console.print("[red]✗[/] the file breaks off before its end 文件不完整")
    if report.ok and proof.ok:
        console.print("[green]✓[/] the books are right 账目无误")
