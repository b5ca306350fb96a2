"""``register``, ``publish``, ``similar``: an author and an installation, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
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
from teahouse.run_file import public_addresses
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
KeyPassword = Annotated[
    str | None, typer.Option(envvar="TEAHOUSE_KEY_PASSWORD", help="Of the key, if it has one.")
]
Organization = Annotated[
    str | None, typer.Option(help="The author to publish as: org_...; else your only one.")
]
Address = Annotated[
    str | None,
    typer.Option(help="CATALOG,IDENTITY: two addresses; else the suite that runs in --var."),
]


@app.command()
def publish(
    path: PackageFile,
    *,
    email: Email,
    password: Password,
    organization: Organization = None,
    at: Address = None,
    var: Var = DEFAULT_VAR,
    as_json: Json = False,
) -> None:
    """Offer a package to the hosts of an installation. What is published never changes.

    Example: `teahouse cartridge publish tea-for-two-1.0.0.cartridge --email me@example.org`
    """
    package = _package(path, as_json=as_json)
    bases = _addresses(at, var, as_json=as_json)
    person = Person(
        Wire(bases, patience_seconds=PATIENCE_SECONDS), email=email, password=password, name=""
    )
    with _refusals_shown(path, as_json=as_json):
        published = _send(_author(person, organization), "/v1/cartridges/packages", package)
    if as_json:
        emit(published)
    else:
        console.print(f"[green]✓[/] {published['name']} {published['version']} is published")
        console.print(f"  {published['cartridge_id']} {published['digest']}", soft_wrap=True)
        for warning in published["warnings"]:
            console.print(f"[yellow]![/] {escape(warning['title'])}: {escape(warning['hint'])}")
            console.print(f"  {escape(warning['chinese'])}", soft_wrap=True)
            shown.similarity(warning["report"])


@app.command()
def register(
    key: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Your secret key.")],
    *,
    email: Email,
    password: Password,
    key_password: KeyPassword = None,
    organization: Organization = None,
    at: Address = None,
    var: Var = DEFAULT_VAR,
    as_json: Json = False,
) -> None:
    """Let what your key signs earn for your organisation; co-authors do it before publishing.

    Example: `teahouse cartridge register me.key --email me@example.org`
    """
    bases = _addresses(at, var, as_json=as_json)
    person = Person(
        Wire(bases, patience_seconds=PATIENCE_SECONDS), email=email, password=password, name=""
    )
    with _refusals_shown(key, as_json=as_json):
        author = _author(person, organization)
        registered = author.post(
            "catalog", "/v1/author-keys", _proof(key, key_password, author.id)
        )
    if as_json:
        emit(registered)
    else:
        told = f"key {registered['key_id']} earns for {registered['organization_id']}"
        console.print(f"[green]✓[/] {told}")


@app.command()
def similar(
    path: PackageFile,
    *,
    email: Email,
    password: Password,
    organization: Organization = None,
    at: Address = None,
    var: Var = DEFAULT_VAR,
    as_json: Json = False,
) -> None:
    """Say which published versions of other authors a package is like, and where.

    Example: `teahouse cartridge similar tea-for-two-1.0.0.cartridge --email me@example.org`
    """
    package = _package(path, as_json=as_json)
    bases = _addresses(at, var, as_json=as_json)
    person = Person(
        Wire(bases, patience_seconds=PATIENCE_SECONDS), email=email, password=password, name=""
    )
    with _refusals_shown(path, as_json=as_json):
        author = _author(person, organization)
        report = _send(author, "/v1/cartridges/comparisons", package)
    if as_json:
        emit(report)
    else:
        shown.similarity(report)


def _proof(path: Path, password: str | None, organization_id: str) -> dict[str, str]:
    """Body of the registration: the public key, and its signature under whom it is for."""
    from cartridges.signing import KeyUnusable, public_key, read_key  # noqa: PLC0415 - slow to load

    try:
        secret = read_key(path, password=password)
    except KeyUnusable as trouble:
        raise typer.BadParameter(str(trouble), param_hint="KEY or --key-password") from None
    key = public_key(secret).text
    text = f"teahouse author key {key} of {organization_id}\n"
    return {"key": key, "proof": bytes(secret.sign(text.encode())).decode()}


@contextmanager
def _refusals_shown(path: Path, *, as_json: bool) -> Iterator[None]:
    """Show why an installation refuses, or that it does not answer, and end with that code."""
    try:
        yield
    except Refused as refused:
        _show_refusal(path, refused, as_json=as_json)
        raise typer.Exit(Exit.WRONG) from None
    except Unreachable as trouble:
        console.print(f"[red]✗[/] {escape(str(trouble))}", soft_wrap=True)
        raise typer.Exit(Exit.NOT_RUNNING) from None


def _package(path: Path, *, as_json: bool) -> Package:
    try:
        return read_package(folder.read_limited(path))
    except CartridgeRefused as refusal:
        _show(path, refusal.problems, as_json=as_json)
        raise typer.Exit(Exit.WRONG) from None


def _addresses(at: str | None, var: Path, *, as_json: bool) -> dict[str, str]:
    if at is not None:
        catalog, _, identity = at.partition(",")
        if not identity:
            raise typer.BadParameter(
                "give both addresses, with a comma between", param_hint="--at"
            )
        return {"catalog": catalog.rstrip("/"), "identity": identity.rstrip("/")}
    found = public_addresses(var, ("catalog", "identity"))
    if not found:
        complain(not_running(var), as_json=as_json)
        raise typer.Exit(Exit.NOT_RUNNING)
    return found


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


def _send(author: Party, path: str, package: Package) -> Any:  # noqa: ANN401 - JSON
    headers = {"Content-Type": PACKAGE_TYPE}
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
    shown.verdict(path, Verdict("", problems, {}), as_json=as_json)
