"""A service's README names every folder of it, and those of the most events every fact."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis.settings import SERVICES

ROOT = Path(__file__).resolve().parents[2]
TOPICS = ROOT / "contracts" / "topics.yaml"


def text_of(service: str) -> str:
    return (ROOT / "services" / service / "README.md").read_text()


def told(service: str) -> Iterator[str]:
    """The facts after "Out:"; a word that ends in a dot stands before those that follow it."""
    (line,) = re.findall(r"^Out: (.*)$", text_of(service), re.MULTILINE)
    before = ""
    for word in re.findall(r"`([a-z.-]+)`", line):
        if word.endswith("."):
            before = word
        else:
            yield word if word.startswith(f"{service}.") else before + word


@pytest.mark.parametrize("service", SERVICES)
def test_names_every_folder(service):
    inside = (ROOT / "services" / service).iterdir()
    folders = {each.name for each in inside if (each / "__init__.py").is_file()}

    assert folders - set(re.findall(r"^\| `([a-z_]+)/`", text_of(service), re.MULTILINE)) == set()


@pytest.mark.parametrize("service", ["catalog", "payments"])
def test_names_every_fact(service):
    said = re.findall(rf"({service}\.(?!command|reply)[a-z.-]+?)\.v\d", TOPICS.read_text())

    assert set(said) - set(told(service)) == set()
