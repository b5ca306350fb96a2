"""What the specification says is what the validator does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import cartridges
from cartridges.conditions import NAMES
from cartridges.form import schema
from cartridges.problems import ADVICE

HOME = Path(cartridges.__file__).parent


@pytest.mark.parametrize(
    ("name", "language"), [("SPECIFICATION.md", 0), ("SPECIFICATION.zh.md", 1)]
)
class TestSpecification:
    def text(self, name) -> str:
        return (HOME / name).read_text(encoding="utf-8")

    def test_lists_every_code_with_its_advice(self, name, language):
        last_part = self.text(name).partition("## 10.")[2]
        rows = re.findall(r"^\| `([a-z0-9-]+)` \| (.+) \|$", last_part, re.MULTILINE)

        assert rows == [(code, advice[language]) for code, advice in ADVICE.items()]

    def test_names_every_field(self, name, language):
        text = self.text(name)

        assert [field for field in schema()["properties"] if f"`{field}`" not in text] == []

    def test_marks_what_is_required(self, name, language):
        bold = set(re.findall(r"\*\*`([a-z_]+)`\*\*", self.text(name)))

        assert bold == set(schema()["required"])

    def test_names_every_fact(self, name, language):
        text = self.text(name)

        assert [fact for fact in NAMES if f"`{fact}`" not in text] == []

    def test_names_every_value_that_can_be_chosen(self, name, language):
        text = self.text(name)
        found = re.findall(r"'enum': (\[[^]]+\])", str(schema()))
        values = {value for row in found for value in re.findall(r"'([a-z-]+)'", row)} - {
            "zh",
            "en",
        }

        assert [value for value in values if f"`{value}`" not in text] == []

    def test_tells_this_machine(self, name, language):
        assert cartridges.MACHINE in self.text(name)
