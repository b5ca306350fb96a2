"""Every line of an import file read, or told why not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from chassis.kernel.errors import RuleBroken
from services.catalog.imports.engine.columns import COLUMNS, NAMES, NOTE_MARK, REASONS, Column
from services.catalog.imports.engine.records import LONGEST_LINE, CellWrong, Record

_MOST_SHOWN, _LONGEST_SHOWN = 20, 60  # of columns that are none, however many there are


class CsvColumnsWrong(RuleBroken):
    """The header does not name the columns that are needed."""

    code = "csv-columns"
    hint = "Start from /v1/imports/template.csv or .xlsx and keep its first line."
    chinese = "表头与模板不符，请下载模板并保留其第一行。"


class CsvEmpty(RuleBroken):
    """The file holds no line below its header."""

    code = "csv-empty"
    hint = "Add a line for each lot below the header."
    chinese = "文件中没有数据行，请在表头下每行填写一个批次。"


class CsvTooLong(RuleBroken):
    """The file holds more lines than are taken at once."""

    code = "csv-too-long"
    hint = "Split the file and import its parts one after the other."
    chinese = "文件行数超过上限，请拆分后分批导入。"


@dataclass(frozen=True, slots=True)
class Fault:
    """One reason why a line is not taken; ``column`` is empty when it is the whole line."""

    column: str
    code: str
    reason: str
    chinese: str


class GoodLine(NamedTuple):
    """A line whose cells are all readable: the values of those that are not empty, by column."""

    line: int
    values: dict[str, Any]


class BadLine(NamedTuple):
    """A line that is not taken, and every reason why."""

    line: int
    faults: tuple[Fault, ...]


def lines_of(found: Iterator[Record], *, most: int) -> Iterator[GoodLine | BadLine]:
    """Every line below the header, in order, read or told why not.

    Raises a ``RuleBroken`` for a file that is no such table at all.
    """
    columns = columns_of(found)
    first_of: dict[object, int] = {}
    count = 0
    for record in found:
        if _is_note(record):
            continue
        count += 1
        if count > most:
            raise CsvTooLong(f"more than {most} lines", most=most, line=record.line)
        line = _read(record, columns)
        yield _once(line, first_of) if isinstance(line, GoodLine) else line
    if count == 0:
        raise CsvEmpty


def columns_of(found: Iterator[Record]) -> list[Column]:
    """The columns that the header names, in English or Chinese; raise unless all are there."""
    header = next(found, None)
    if header is None:
        raise CsvEmpty
    given = [cell.strip() if isinstance(cell, str) else "" for cell in header.cells]
    found_of = {name: NAMES.get(name) or NAMES.get(name.lower()) for name in given}
    unknown = [name[:_LONGEST_SHOWN] for name in given if found_of[name] is None]
    columns = [column for name in given if (column := found_of[name]) is not None]
    missing = [column.name for column in COLUMNS if column.required and column not in columns]
    twice = sorted({column.name for column in columns if columns.count(column) > 1})
    if unknown or missing or twice:
        named = {"unknown": unknown[:_MOST_SHOWN], "missing": missing, "twice": twice}
        wrong = {name: those for name, those in named.items() if those}
        raise CsvColumnsWrong(
            "; ".join(f"{name}: {', '.join(those)[:200]}" for name, those in wrong.items()),
            **wrong,
        )
    return columns


def fault(column: str, code: str) -> Fault:
    """A fault with its reason in both languages."""
    return Fault(column, code, REASONS[code].english, REASONS[code].chinese)


def _is_note(record: Record) -> bool:
    """Whether it is the line of the template that says what the columns mean."""
    first = record.cells[0]
    return isinstance(first, str) and first.strip() in _NOTES


def _read(record: Record, columns: list[Column]) -> GoodLine | BadLine:
    cells = record.cells
    if len(cells) > len(columns) or (record.is_whole and len(cells) < len(columns)):
        return BadLine(record.line, (fault("", "cells"),))
    if sum(len(cell) for cell in cells if isinstance(cell, str)) > LONGEST_LINE:
        return BadLine(record.line, (fault("", "line-too-long"),))
    values: dict[str, Any] = {}
    faults = []
    # A spreadsheet does not keep the empty cells at the end of a row.
    for column, cell in zip(columns, [*cells, *[""] * (len(columns) - len(cells))], strict=True):
        try:
            _take(column, cell, values)
        except CellWrong as wrong:
            faults.append(fault(column.name, wrong.code))
    return BadLine(record.line, tuple(faults)) if faults else GoodLine(record.line, values)


def _take(column: Column, cell: str | CellWrong, values: dict[str, Any]) -> None:
    if isinstance(cell, CellWrong):
        raise cell
    text = cell.strip()
    if text:
        values[column.name] = column.read(text)
    elif column.required:
        raise CellWrong("missing")


def _once(line: GoodLine, first_of: dict[object, int]) -> GoodLine | BadLine:
    """The line, unless the same lot stands further up."""
    values = line.values
    number = values.get("lot_number")
    key = number or (values["sku"], values["condition"], values.get("best_before"))
    if first_of.setdefault(key, line.line) != line.line:
        column = "lot_number" if number else "sku"
        return BadLine(line.line, (fault(column, "duplicate"),))
    return line


_NOTES = frozenset(NOTE_MARK + meaning for meaning in COLUMNS[0].meaning)
