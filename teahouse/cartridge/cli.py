"""The commands of ``teahouse cartridge``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from cartridges.package import Package, read_package
from cartridges.problems import CartridgeRefused, Problem
from cartridges.verdict import PACKAGE, Verdict, judge
from teahouse.cartridge import folder, shown
from teahouse.cartridge.dry import app as dry_app
from teahouse.cartridge.publishing import app as publishing_app
from teahouse.speech import Exit, Json, console, emit

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="""Make, check, sign and publish a cartridge: a theme that any host can run.

    `new` starts one, `lint` says what to put right, `test` and `run-dry` rehearse it, `pack`
    makes one file of it, `sign` and `verify` vouch for it, `publish` offers it to hosts.
    The format is described in cartridges/SPECIFICATION.md. 卡带格式说明见 SPECIFICATION.zh.md。
    """,
)

Name = Annotated[str, typer.Argument(help="Small letters, words joined by hyphens: tea-for-two.")]
Where = Annotated[
    Path,
    typer.Argument(exists=True, help="A cartridge's folder, its cartridge.yaml, or a package."),
]
Desk = Annotated[
    Path, typer.Argument(exists=True, file_okay=False, help="The folder with cartridge.yaml.")
]
PackageFile = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, help="A file made by `pack`.")
]
SecretKey = Annotated[
    Path, typer.Option("--key", exists=True, dir_okay=False, help="Your secret key file.")
]
Password = Annotated[
    str | None,
    typer.Option(envvar="TEAHOUSE_KEY_PASSWORD", help="Of the key; asked for when it has one."),
]


@app.command()
def new(
    name: Name,
    *,
    sample: Annotated[
        str | None, typer.Option(help=f"Start from one of: {', '.join(folder.samples())}.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Start a cartridge in a new folder of its name.

    Example: `teahouse cartridge new tea-for-two`
    """
    if sample and sample not in folder.samples():
        raise typer.BadParameter(f"samples are {', '.join(folder.samples())}")
    try:
        folder.lay_out(Path(name), name=name, sample=sample)
    except FileExistsError:
        raise typer.BadParameter(f"{name} is there already", param_hint="NAME") from None
    if as_json:
        emit({"folder": name})
    else:
        console.print(f"[green]✓[/] {name}/cartridge.yaml: edit it, then")
        console.print(f"  teahouse cartridge lint {name}")


@app.command()
def lint(path: Where, *, as_json: Json = False) -> None:
    """Say everything that is wrong, where, why, and what to do about it."""
    verdict = _verdict(path)
    shown.verdict(path, verdict, as_json=as_json)
    raise typer.Exit(Exit.WRONG if verdict.problems else Exit.OK)


@app.command()
def pack(
    path: Desk,
    *,
    out: Annotated[
        Path | None, typer.Option(help="Where to; NAME-VERSION.cartridge here.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Make one file of a folder. The same folder always gives the same bytes.

    What the file there was signed for is kept if nothing has changed; a signed file of
    another content is not written over.
    """
    with refusing(path, as_json=as_json):
        package = folder.read_desk(path).packed()
    target = out or Path(package.file_name)
    package = _with_signatures_of(target, package)
    target.write_bytes(package.content())
    _done(package, target, "packed", as_json=as_json)


@app.command()
def key(
    path: Annotated[Path, typer.Argument(help="Where the secret key goes; NAME.pub beside it.")],
    *,
    no_password: Annotated[
        bool, typer.Option("--no-password", help="Keep it in the clear.")
    ] = False,
    password: Password = None,
    as_json: Json = False,
) -> None:
    """Make a key to sign with, in the format of minisign; its public line goes into authors."""
    from cartridges.signing import make_key  # noqa: PLC0415 - cryptography is slow to load

    if not no_password and not password:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    try:
        made = make_key(path, password=None if no_password else password)
    except FileExistsError as error:
        raise typer.BadParameter(f"{error.filename or error} is there already") from None
    if as_json:
        emit({"key": made.text, "id": made.id})
    else:
        console.print(f"[green]✓[/] {path} (keep it safe) and {path.with_suffix('.pub')}")
        console.print(f"  id:  {made.id}")
        console.print(f"  key: {made.text}", soft_wrap=True)


@app.command()
def sign(
    path: PackageFile, *, key: SecretKey, password: Password = None, as_json: Json = False
) -> None:
    """Add your signature to a package; co-authors sign the same file one after another."""
    from cartridges.signing import KeyUnusable, read_key, signed  # noqa: PLC0415 - as above

    with refusing(path, as_json=as_json):
        package = read_package(folder.read_limited(path))
        try:
            secret = read_key(key, password=password)
        except KeyUnusable as trouble:
            raise typer.BadParameter(str(trouble), param_hint="--key or --password") from None
        package = signed(package, secret)
    path.write_bytes(package.content())
    _done(package, path, "signed", as_json=as_json)


@app.command()
def verify(path: PackageFile, *, as_json: Json = False) -> None:
    """Check a package and the signatures of all its authors."""
    verdict = judge(f"package{PACKAGE}", folder.read_limited(path))
    shown.verdict(path, verdict, as_json=as_json)
    if not as_json and not verdict.problems:
        shown.show_signers(read_package(path.read_bytes()))
    raise typer.Exit(Exit.WRONG if verdict.problems else Exit.OK)


@contextmanager
def refusing(path: Path, *, as_json: bool) -> Iterator[None]:
    """Show why a cartridge is refused, and end with ``Exit.WRONG``."""
    try:
        yield
    except CartridgeRefused as refusal:
        verdict = Verdict("", refusal.problems, {})
        shown.verdict(path, verdict, as_json=as_json)
        raise typer.Exit(Exit.WRONG) from None


def _verdict(path: Path) -> Verdict:
    """A package as it is; a manifest together with the files around it."""
    if path.suffix == PACKAGE:
        return judge(path.name, folder.read_limited(path))
    try:
        desk = folder.read_desk(path)
    except CartridgeRefused as refusal:
        return Verdict("", refusal.problems, {})
    problems: list[Problem] = []
    digest = ""
    try:
        digest = desk.packed().digest
    except CartridgeRefused as refusal:
        problems = refusal.problems
    places = {each.path: desk.source.place(each.path) for each in problems}
    return Verdict(digest, problems, places)


def _with_signatures_of(target: Path, package: Package) -> Package:
    """The package with the signatures of the file it replaces; refuse to lose any."""
    if not target.is_file():
        return package
    try:
        old = read_package(folder.read_limited(target))
    except CartridgeRefused:
        return package
    if old.digest == package.digest:
        return old
    if old.signatures:
        told = f"{target} is signed and has another content: raise the version, or remove it"
        raise typer.BadParameter(told, param_hint="PATH")
    return package


def _done(package: Package, target: Path, verb: str, *, as_json: bool) -> None:
    told = {
        "file": str(target),
        "digest": package.digest,
        "bytes": len(package.content()),
        "signatures": sorted(package.signatures),
    }
    if as_json:
        emit(told)
    else:
        console.print(f"[green]✓[/] {verb} {target}: {told['bytes']:,} bytes")
        console.print(f"  {package.digest}", soft_wrap=True)


# Listed after those of this file: new, lint, pack, ... come first.
app.registered_commands += dry_app.registered_commands + publishing_app.registered_commands
