"""A cartridge at its author's desk: a folder with ``cartridge.yaml``, texts and pictures."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

import cartridges
from cartridges.form import SCHEMA
from cartridges.package import MOST_BYTES, Package, package_of, read_package
from cartridges.problems import CartridgeRefused, problem
from cartridges.reading import Source, read_manifest
from cartridges.verdict import PACKAGE

MANIFEST = "cartridge.yaml"
REHEARSALS = "rehearsals.yaml"
_HOME = Path(cartridges.__file__).parent


@dataclass(frozen=True, slots=True)
class Desk:
    """What lies there: the manifest with its lines, and the other files by path."""

    source: Source
    files: Mapping[str, bytes]

    def packed(self) -> Package:
        """Its package; raise ``CartridgeRefused``."""
        return package_of(self.source.manifest, self.files)


def samples() -> list[str]:
    """The names of the samples that a new cartridge may start from."""
    return sorted(path.parent.name for path in _HOME.glob(f"samples/*/{MANIFEST}"))


def lay_out(folder: Path, *, name: str, sample: str | None) -> None:
    """Start a cartridge from the template or a sample; raise ``FileExistsError``."""
    origin = _HOME / "samples" / sample if sample else _HOME / "template"
    shutil.copytree(origin, folder)
    shutil.copyfile(SCHEMA, folder / SCHEMA.name)
    manifest = folder / MANIFEST
    lines = manifest.read_text(encoding="utf-8").splitlines(keepends=True)
    place = next(at for at, line in enumerate(lines) if line.startswith("name:"))
    _, _, remark = lines[place].rstrip("\n").partition(" #")
    lines[place] = f"name: {name}{f' #{remark}' if remark else ''}\n"
    manifest.write_text("".join(lines), encoding="utf-8")


def read_desk(path: Path) -> Desk:
    """The folder, or the folder of the manifest at ``path``; raise ``CartridgeRefused``.

    Raises ``typer.BadParameter`` when no manifest is there.
    """
    manifest = path / MANIFEST if path.is_dir() else path
    if not manifest.is_file():
        raise typer.BadParameter(f"there is no {MANIFEST} in {path}", param_hint="PATH")
    if manifest.name != MANIFEST and manifest.parent.joinpath(MANIFEST).exists():
        raise typer.BadParameter(f"{manifest.name} is not {MANIFEST}", param_hint="PATH")
    source = read_manifest(read_limited(manifest))
    found = (
        each
        for folder in ("texts", "pictures")
        for each in sorted((manifest.parent / folder).rglob("*"))
        if each.is_file()
    )
    files = {each.relative_to(manifest.parent).as_posix(): read_limited(each) for each in found}
    return Desk(source, files)


def manifest_at(path: Path) -> Mapping[str, Any]:
    """The checked manifest of a folder, of a manifest or of a package."""
    if path.suffix == PACKAGE:
        return read_package(read_limited(path)).manifest
    return read_desk(path).packed().manifest


def read_limited(path: Path) -> bytes:
    """A file of at most 4 MiB; what is larger is refused before it is read."""
    if path.stat().st_size > MOST_BYTES:
        reason = f"{path.name} has {path.stat().st_size} bytes, the limit is {MOST_BYTES}"
        raise CartridgeRefused([problem("", "file-too-large", reason)])
    return path.read_bytes()
