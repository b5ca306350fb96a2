"""How a Chinese character is read in pinyin, and the first letters that people type for it."""

from __future__ import annotations

import unicodedata
from functools import cache

MOST_READINGS = 2


@cache  # one entry a character, so never more than Han has
def initials_of(character: str) -> str:
    """The letters its commonest readings begin with, at most two: ``cz`` for 长.

    Empty for what has no pinyin. Characters are read one by one: a phrase would settle
    which reading is meant, but whoever searches may well think of the other.
    """
    # The tone is a mark on the letter; taken apart, the letter comes first.
    letters = dict.fromkeys(
        unicodedata.normalize("NFD", reading)[0] for reading in readings_of(character)
    )
    return "".join(sorted(list(letters)[:MOST_READINGS]))


def readings_of(character: str) -> list[str]:
    """How a character is read in pinyin, with marks for tones, the commonest reading first."""
    from pypinyin.pinyin_dict import pinyin_dict  # noqa: PLC0415 - 12 MB that most never need

    return list(filter(None, pinyin_dict.get(ord(character), "").split(",")))
