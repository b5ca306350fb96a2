"""Texts as shingles: runs of three words or three Chinese characters, counted.

After A. Broder, *On the resemblance and containment of documents* (1997). Width, case,
spaces and punctuation do not count (NFKC, casefold).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from heapq import nsmallest

SHORTEST = 8  # shingles; what is shorter is a title or a set phrase, and proves nothing
MARKS = 4
_HAN = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_TOKEN = re.compile(f"[{_HAN}]|[^\\W_{_HAN}]+")

Shingles = Counter[str]


def shingles(text: str) -> Shingles:
    """Every run of three tokens, one blank between them, and how often it occurs."""
    tokens = _TOKEN.findall(unicodedata.normalize("NFKC", text).casefold())
    return Counter(map(" ".join, zip(tokens, tokens[1:], tokens[2:], strict=False)))


def by_passage(passages: Mapping[str, str]) -> dict[str, Shingles]:
    """The shingles of each passage that is long enough to prove anything."""
    found = {path: shingles(text) for path, text in passages.items()}
    return {path: each for path, each in found.items() if each.total() >= SHORTEST}


def together(parts: Iterable[Shingles]) -> Shingles:
    """All of them in one."""
    whole: Shingles = Counter()
    for part in parts:
        whole.update(part)
    return whole


def marks(passages: Mapping[str, Shingles]) -> list[int]:
    """The four smallest numbers of each passage's shingles: equal passages have equal marks.

    Two passages that share a part of their shingles share a mark with at least about that
    chance, so that one index of marks finds whoever shares a few passages. Signed 64 bits.
    """
    return sorted(
        {mark for each in passages.values() for mark in nsmallest(MARKS, map(_number, each))}
    )


def _number(run: str) -> int:
    return int.from_bytes(blake2b(run.encode(), digest_size=8).digest(), signed=True)
