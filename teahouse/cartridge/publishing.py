"""``publish``: a package goes to an installation, in the name of its author."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from cartridges.package import Package, read_package
from cartridges.problems import CartridgeRefused, Problem
from cartridges.verdict import Verdict
from teahouse.cartridge import folder, shown
from teahouse.demo.journey.parties import Party, Person
from teahouse.demo.journey.wire import Refused, Unreachable, Wire
from teahouse.ports import Ports
from teahouse.run_file import RunFile
from teahouse.speech import DEFAULT_VAR, Exit, Json, Var, complain, console, emit, not_running

app = typer.Typer(add_completion=False)

PACKAGE_TYPE = "application/vnd.teahouse.cartridge"
PATIENCE_SECONDS = 20.0

PackageFile = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, help="A file made by `pack`.")
]
Email = Annotated[str, typer.Option(envvar="TEAHOUSE_EMAIL", prompt=True, help="Who you are.")]
Password = Annotated[
    str, typer.Option(envvar="TEAHOUSE_PASSWORD", prompt=True, hide_input=True, help="And that.")
]
Organization = Annotated[
    str | None, typer.Option(help="The author to publish as: org_...; else your only one.")
]
Address = Annotated[str | None, typer.Option(help="Else the suite that runs in --var.")]


@app.command()
def publish(
    path: PackageFile,
    *,
    email: Email,
    password: Password,
    organization: Organization = None,
    catalog: Address = None,
    identity: Address = None,
    var: Var = DEFAULT_VAR,
    as_json: Json = False,
) -> None:
    """Offer a package to the hosts of an installation. What is published never changes.

    Example: `teahouse cartridge publish tea-for-two-1.0.0.cartridge --email me@example.org`
    """
    package = _package(path, as_json=as_json)
    bases = _addresses(catalog, identity, var, as_json=as_json)
    person = Person(
        Wire(bases, patience_seconds=PATIENCE_SECONDS), email=email, password=password, name=""
    )
    try:
        published = _publish(_author(person, organization), package)
    except Refused as refused:
        _show_refusal(path, refused, as_json=as_json)
        raise typer.Exit(Exit.WRONG) from None
    except Unreachable as trouble:
        console.print(f"[red]✗[/] {escape(str(trouble))}", soft_wrap=True)
        raise typer.Exit(Exit.NOT_RUNNING) from None
    if as_json:
        emit(published)
    else:
        console.print(f"[green]✓[/] {published['name']} {published['version']} is published")
        console.print(f"  {published['cartridge_id']} {published['digest']}", soft_wrap=True)


def _package(path: Path, *, as_json: bool) -> Package:
    try:
        return read_package(folder.read_limited(path))
    except CartridgeRefused as refusal:
        _show(path, refusal.problems, as_json=as_json)
        raise typer.Exit(Exit.WRONG) from None


def _addresses(
    catalog: str | None, identity: str | None, var: Path, *, as_json: bool
) -> dict[str, str]:
    if catalog and identity:
        return {"catalog": catalog.rstrip("/"), "identity": identity.rstrip("/")}
    running = RunFile(var.absolute()).running()
    if not running:
        complain(not_running(var), as_json=as_json)
        raise typer.Exit(Exit.NOT_RUNNING)
    ports = Ports(running["port_base"])
    return {
        name: (given or f"http://127.0.0.1:{ports.public(name)}").rstrip("/")
        for name, given in (("catalog", catalog), ("identity", identity))
    }


def _author(person: Person, organization: str | None) -> Party:
    """The organisation to publish as; raise ``typer.BadParameter`` when that is not plain."""
    if organization:
        return Party(person, organization, kind="author", name="")
    page = person.ask("GET", "identity", "/v1/organizations?limit=100", organization_id="").body
    authors = [each["id"] for each in page["items"] if each["kind"] == "author"]
    if len(authors) != 1:
        told = ", ".join(authors) or "you belong to none: found an organisation of kind author"
        raise typer.BadParameter(f"name one of: {told}", param_hint="--organization")
    return Party(person, authors[0], kind="author", name="")


def _publish(author: Party, package: Package) -> Any:  # noqa: ANN401 - JSON
    headers = {"Content-Type": PACKAGE_TYPE}
    path = "/v1/cartridges/packages"
    return author.post("catalog", path, data=package.content(), headers=headers)


def _show_refusal(path: Path, refused: Refused, *, as_json: bool) -> None:
    errors = refused.problem.get("errors")
    if refused.code == "manifest-invalid" and isinstance(errors, list):
        names = Problem.__dataclass_fields__
        problems = [Problem(**{name: each[name] for name in names}) for each in errors]
        _show(path, problems, as_json=as_json)
    elif as_json:
        emit({"error": refused.problem})
    else:
        told = refused.problem
        console.print(f"[red]✗[/] {escape(refused.code)}: {escape(str(told.get('detail', '')))}")
        console.print(f"  {escape(str(told.get('hint', '')))}", soft_wrap=True)
        console.print(f"  {escape(str(told.get('title_zh', '')))}", soft_wrap=True)


def _show(path: Path, problems: list[Problem], *, as_json: bool) -> None:
    verdict = Verdict("", problems, {})
    if as_json:
        shown.emit_verdict(verdict)
    else:
        shown.show_verdict(path, verdict)
