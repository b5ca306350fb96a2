"""A line of a file before anybody knows what its cells mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

LONGEST_LINE = 16_384


class CellWrong(ValueError):
    """A cell cannot be read; the code is one of ``REASONS``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


Cell = str | CellWrong


class Record(NamedTuple):
    """The cells of one line, and its number as the file counts.

    The first line is the header. Text that a spreadsheet would run as a formula although it
    is none stands with an apostrophe before it. In place of a cell that holds no text at
    all stands what is wrong with it. ``is_whole`` is false where the format leaves out
    empty cells at the end of a line.
    """

    line: int
    cells: Sequence[Cell]
    is_whole: bool = True
