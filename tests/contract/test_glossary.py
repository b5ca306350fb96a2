"""The glossary gives each word one meaning."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.md"


def test_every_word_is_explained_once_and_in_both_languages():
    rows = [
        [cell.strip() for cell in line.strip("|\n").split("|")]
        for line in GLOSSARY.read_text("utf-8").splitlines()
        if line.startswith("| ") and not line.startswith("| Word |")
    ]
    words = Counter(row[0] for row in rows)

    assert len(words) > 100
    assert [word for word, count in words.items() if count > 1] == []
    assert [row for row in rows if len(row) != 3 or not all(row)] == []
