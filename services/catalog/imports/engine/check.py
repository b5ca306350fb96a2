"""Every line of an import file read, or told why not."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from chassis.kernel.errors import RuleBroken
from services.catalog.imports.engine.columns import COLUMNS, NAMES, REASONS, CellWrong, Column
from services.catalog.imports.engine.table import LONGEST_LINE, Record, records


class CsvColumnsWrong(RuleBroken):
    """The header does not name the columns that are needed."""

    code = "csv-columns"
    hint = "Start from /v1/imports/template.csv and keep its first line."
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
    """A line whose cells are all readable, by column name."""

    line: int
    values: dict[str, Any]


class BadLine(NamedTuple):
    """A line that is not taken, and every reason why."""

    line: int
    faults: tuple[Fault, ...]


def lines_of(text: str, *, most: int) -> Iterator[GoodLine | BadLine]:
    """Every line below the header, in order, read or told why not.

    Raises a ``RuleBroken`` for a file that is no such table at all.
    """
    found = records(text)
    columns = _columns(next(found, None))
    first_of: dict[tuple[Any, ...], int] = {}
    count = 0
    for count, record in enumerate(found, 1):
        if count > most:
            raise CsvTooLong(f"more than {most} lines", most=most)
        line = _read(record, columns)
        yield _once(line, first_of) if isinstance(line, GoodLine) else line
    if count == 0:
        raise CsvEmpty


def fault(column: str, code: str) -> Fault:
    """A fault with its reason in both languages."""
    return Fault(column, code, REASONS[code].english, REASONS[code].chinese)


def template(*, chinese: bool = False) -> str:
    """A file with the header and one example, as a spreadsheet opens it."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\r\n")
    writer.writerow([column.chinese if chinese else column.name for column in COLUMNS])
    writer.writerow([column.example for column in COLUMNS])
    return "\ufeff" + table.getvalue()


def _columns(header: Record | None) -> list[Column]:
    if header is None:
        raise CsvEmpty
    given = [cell.strip() for cell in header.cells]
    unknown = [name for name in given if name not in NAMES and name.lower() not in NAMES]
    found = [NAMES.get(name) or NAMES[name.lower()] for name in given if name not in unknown]
    missing = [column.name for column in COLUMNS if column.required and column not in found]
    twice = sorted({column.name for column in found if found.count(column) > 1})
    if unknown or missing or twice:
        named = {"unknown": unknown, "missing": missing, "twice": twice}
        wrong = {name: those for name, those in named.items() if those}
        raise CsvColumnsWrong(
            "; ".join(f"{name}: {', '.join(those)[:200]}" for name, those in wrong.items()),
            **wrong,
        )
    return found


def _read(record: Record, columns: list[Column]) -> GoodLine | BadLine:
    if len(record.cells) != len(columns):
        return BadLine(record.line, (fault("", "cells"),))
    if sum(map(len, record.cells)) > LONGEST_LINE:
        return BadLine(record.line, (fault("", "line-too-long"),))
    values: dict[str, Any] = {column.name: column.empty for column in COLUMNS}
    faults = []
    for column, cell in zip(columns, record.cells, strict=True):
        try:
            values[column.name] = _value(column, cell.strip())
        except CellWrong as wrong:
            faults.append(fault(column.name, wrong.code))
    return BadLine(record.line, tuple(faults)) if faults else GoodLine(record.line, values)


def _value(column: Column, cell: str) -> Any:  # noqa: ANN401 - each column has its own type
    if cell:
        return column.read(cell)
    if column.required:
        raise CellWrong("missing")
    return column.empty


def _once(line: GoodLine, first_of: dict[tuple[Any, ...], int]) -> GoodLine | BadLine:
    """The line, unless the same goods stand further up."""
    values = line.values
    goods = (values["sku"], values["condition"], values["best_before"])
    if first_of.setdefault(goods, line.line) != line.line:
        return BadLine(line.line, (fault("sku", "duplicate"),))
    return line
