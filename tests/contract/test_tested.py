"""Each test that docs/tested.md names is there, and no law of it stands without one."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
TEXT = (TESTS.parent / "docs" / "tested.md").read_text(encoding="utf-8")
ROWS = [line.split(" | ") for line in TEXT.splitlines() if re.match(r"\| (?!---)", line)]
NAMED = {name for *_, cell in ROWS for name in re.findall(r"`([^`]+)`", cell)}


def defined(file: str) -> set[str]:
    """The functions of a file, those of a class behind its name."""
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    return {name for node in tree.body for name in _names(node)}


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.FunctionDef):
        return [node.name]
    if isinstance(node, ast.ClassDef):
        return [f"{node.name}::{name}" for child in node.body for name in _names(child)]
    return []


@pytest.mark.parametrize("name", sorted(NAMED))
def test_what_is_named_is_there(name):
    file, _, test = name.partition("::")

    assert test in defined(file)


def test_every_row_but_the_heads_names_a_test():
    assert {row[-1] for row in ROWS if "`" not in row[-1]} == {"Test |"}
