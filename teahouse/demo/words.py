"""Readable names out of the capitals of the data."""

from __future__ import annotations

import re

LONGEST_TAG = 40


def slug(text: str) -> str:
    """A tag: lower case, words joined by hyphens, never empty."""
    tag = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    return tag[:LONGEST_TAG].strip("-") or "other"


def title(text: str) -> str:
    """``SNDWCH SPRD/DIPS`` as ``Sndwch sprd/dips``."""
    return re.sub(r"\s+", " ", text).strip().capitalize()
