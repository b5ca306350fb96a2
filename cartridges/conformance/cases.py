"""Every case of the suite, as bytes of a file and the verdict it must get."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from cartridges.canonical import canonical, digest_of
from cartridges.conformance.packages import accepted_packages, refused_packages
from cartridges.package import Package
from cartridges.reading import read_manifest

HERE = Path(__file__).parent
SAMPLES = HERE.parent / "samples"


@dataclass(frozen=True, slots=True)
class Case:
    """A file and its verdict: the digest when it is accepted, else every problem."""

    file_name: str
    title: str
    content: bytes
    digest: str
    problems: frozenset[tuple[str, str]]  # path, code


@cache
def all_cases() -> tuple[Case, ...]:
    """The accepted first, then the refused; names are numbered and stay."""
    return (*_accepted(), *_refused_manifests(), *_refused_files(), *_refused_packages())


def _accepted() -> Iterator[Case]:
    paths = [HERE / "least.yaml", HERE / "full.yaml", *sorted(SAMPLES.glob("*/cartridge.yaml"))]
    for path in paths:
        content = path.read_bytes()
        name = path.parent.name if path.name == "cartridge.yaml" else path.stem
        digest = digest_of(read_manifest(content).manifest)
        yield Case(f"accepted-{name}.yaml", name, content, digest, frozenset())
    for name, package in accepted_packages(_base("least")):
        file_name = f"accepted-{name}.cartridge"
        yield Case(file_name, name, package.content(), package.digest, frozenset())


def _refused_manifests() -> Iterator[Case]:
    for number, row in enumerate(_rows("refused.yaml"), start=1):
        manifest = _changed(_base(row.get("base", "least")), row["change"])
        if row.get("is_package"):
            content, ending = Package(manifest).content(), "cartridge"
        else:
            content, ending = canonical(manifest), "json"
        yield _refused(f"refused-manifest-{number:02}.{ending}", row, content)


def _refused_files() -> Iterator[Case]:
    for number, row in enumerate(_rows("raw.yaml"), start=1):
        text = row.get("text", "").encode() or bytes.fromhex(row.get("hexadecimal", ""))
        yield _refused(f"refused-file-{number:02}.yaml", row, text * row.get("repeat", 1))


def _refused_packages() -> Iterator[Case]:
    for number, broken in enumerate(refused_packages(_base("least")), start=1):
        row = {"title": broken.title, "problems": broken.problems}
        yield _refused(f"refused-package-{number:02}.cartridge", row, broken.content)


def _refused(file_name: str, row: dict[str, Any], content: bytes) -> Case:
    problems = frozenset((path, code) for path, code in row["problems"])
    return Case(file_name, row["title"], content, "", problems)


def _rows(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = yaml.safe_load((HERE / name).read_text(encoding="utf-8"))
    return rows


def _base(name: str) -> Any:  # noqa: ANN401 - a manifest
    return read_manifest((HERE / f"{name}.yaml").read_bytes()).manifest


def _changed(manifest: Any, changes: list[dict[str, Any]]) -> Any:  # noqa: ANN401 - JSON in and out
    """A copy with changes made: ``add``, ``replace`` and ``remove`` of RFC 6902."""
    whole = {"": copy.deepcopy(manifest)}
    for change in changes:
        inside, steps = _walked(whole, change["path"])
        if change["op"] == "remove":
            del inside[steps]
        else:
            inside[steps] = _value(change)
    return whole[""]


def _value(change: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    return change["value"] * change["repeat"] if "repeat" in change else change["value"]


def _walked(whole: Any, path: str) -> tuple[Any, Any]:  # noqa: ANN401 - JSON
    """What holds the value at a JSON pointer, and its name or place in there."""
    names = [name.replace("~1", "/").replace("~0", "~") for name in path.split("/")]
    inside = whole
    for name in names[:-1]:
        inside = inside[int(name) if isinstance(inside, list) else name]
    return inside, int(names[-1]) if isinstance(inside, list) else names[-1]
