"""Lines of cells from JSON: an array of objects, or an object a line."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

from chassis.kernel.errors import RuleBroken
from chassis.kernel.formulas import marked
from services.catalog.imports.engine.cells import yes_or_no
from services.catalog.imports.engine.columns import COLUMNS, NAMES, Column
from services.catalog.imports.engine.records import LONGEST_LINE, Cell, CellWrong, Record

_LONGEST_OBJECT = 8 * LONGEST_LINE  # with its names, and its letters written as \uXXXX
_PIECE = 65_536
_BLANK = " \t\r\n\ufeff"


class JsonBroken(RuleBroken):
    """The file is no readable JSON of lots."""

    code = "json-broken"
    hint = (
        "Send an array of objects, or one object a line; look at the object named in the detail."
    )
    chinese = "JSON 文件无法读取，应为对象数组或每行一个对象，请检查所示的对象。"


def records(text: io.TextIOBase) -> Iterator[Record]:
    """A header of all columns, then a record for each object; the first object is line 1.

    Raises ``JsonBroken`` with the number of the object from which it cannot be read, also
    for a name that is no column, or stands twice.
    """
    yield Record(0, [column.name for column in COLUMNS])
    feed, line = _Feed(text), 0
    is_array = feed.skip("[")
    while feed.peek() not in ("", "]"):
        line += 1
        try:
            yield Record(line, _cells(feed.object()))
        except (ValueError, RecursionError) as error:
            raise JsonBroken(f"object {line}: {error}", line=line) from None
        if is_array and not feed.skip(",") and feed.peek() != "]":
            raise JsonBroken(f"object {line}: no comma after it", line=line + 1)
    if feed.skip("]") != is_array or feed.peek():
        raise JsonBroken(f"it does not end after object {line}", line=line + 1)


class _Feed:
    """Reads value after value from a text of which it holds only a piece."""

    def __init__(self, text: io.TextIOBase) -> None:
        self._text, self._held, self._at = text, "", 0

    def peek(self) -> str:
        """The next character that is not blank; empty at the end."""
        while True:
            while self._at < len(self._held):
                if self._held[self._at] not in _BLANK:
                    return self._held[self._at]
                self._at += 1
            if not self._more():
                return ""

    def skip(self, mark: str) -> bool:
        """Go past a mark if it is next; answer whether it was."""
        found = self.peek() == mark
        self._at += found
        return found

    def object(self) -> dict[str, Any]:
        """The object that is next; raise ``ValueError`` when it is none."""
        if self.peek() != "{":
            raise ValueError("not an object")
        while True:
            try:
                found, self._at = _DECODER.raw_decode(self._held, self._at)
            except json.JSONDecodeError:
                if len(self._held) - self._at > _LONGEST_OBJECT:
                    raise ValueError("too long, or not closed") from None
                if not self._more():
                    raise
            else:
                return _named(found)

    def _more(self) -> bool:
        piece = self._text.read(_PIECE)
        self._held, self._at = self._held[self._at :] + piece, 0
        return bool(piece)


def _named(pairs: tuple[tuple[str, Any], ...]) -> dict[str, Any]:
    found = {_column(name): value for name, value in pairs}
    if len(found) < len(pairs):
        raise ValueError("the same name twice")
    return found


def _column(name: str) -> str:
    if name not in NAMES:
        raise ValueError(f"{name[:60]!r} is no column")
    return NAMES[name].name


def _cells(found: dict[str, Any]) -> list[Cell]:
    return [_cell(found.get(column.name), column) for column in COLUMNS]


def _cell(value: object, column: Column) -> Cell:
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return marked(";".join(value))
    if isinstance(value, bool) and column.write is yes_or_no:
        return yes_or_no(value)
    return marked(value) if isinstance(value, str) else CellWrong("not-text")


# Numbers stay as they are written: a price must not become a float on its way.
_DECODER = json.JSONDecoder(
    object_pairs_hook=tuple, parse_int=str, parse_float=str, parse_constant=str
)
