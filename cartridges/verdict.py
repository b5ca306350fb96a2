"""The verdict on a file, be it a manifest or a package: what ``lint`` and the suite ask for."""

from __future__ import annotations

from dataclasses import dataclass

from cartridges.canonical import digest_of
from cartridges.check import problems_of
from cartridges.package import read_package
from cartridges.problems import CartridgeRefused, Problem
from cartridges.reading import read_manifest
from cartridges.signing import signature_problems

PACKAGE = ".cartridge"


@dataclass(frozen=True, slots=True)
class Verdict:
    """``digest`` is empty when there are problems; ``places`` has lines and columns."""

    digest: str
    problems: list[Problem]
    places: dict[str, tuple[int, int]]


def judge(file_name: str, content: bytes) -> Verdict:
    """Judge a package by its name's ending, anything else as a manifest. Never raises."""
    try:
        return _package(content) if file_name.endswith(PACKAGE) else _manifest(content)
    except CartridgeRefused as refusal:
        return Verdict("", refusal.problems, {})


def _package(content: bytes) -> Verdict:
    package = read_package(content)
    problems = signature_problems(package)
    return Verdict("" if problems else package.digest, problems, {})


def _manifest(content: bytes) -> Verdict:
    source = read_manifest(content)
    problems = problems_of(source.manifest)
    places = {each.path: source.place(each.path) for each in problems}
    return Verdict("" if problems else digest_of(source.manifest), problems, places)
