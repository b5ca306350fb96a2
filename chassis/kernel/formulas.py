"""Text that a spreadsheet would run as a formula, and the apostrophe that says it is text."""

from __future__ import annotations

import re

# OWASP, "CSV injection": what a spreadsheet runs when a cell starts so.
_STARTS = ("=", "+", "-", "@", "\t", "\r")
_MARK = "'"
_MARKABLE = re.compile(r"'*[=+\-@\t\r]")
_MARKED = re.compile(r"'+[=+\-@\t\r]")


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet would run this cell."""
    return cell.startswith(_STARTS)


def marked(text: str) -> str:
    """The cell for a text: with an apostrophe more where it would be run, or misread as marked."""
    return _MARK + text if _MARKABLE.match(text) else text


def unmarked(cell: str) -> str:
    """The text of a cell; the inverse of ``marked``."""
    return cell[1:] if _MARKED.match(cell) else cell
