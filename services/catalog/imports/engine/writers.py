"""Lots written as a file that the import reads again, and templates of one."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from chassis.kernel.formulas import marked
from services.catalog.imports.engine.columns import COLUMNS, NOTE_MARK, Column
from services.catalog.imports.engine.table import FileFormat

Values = Mapping[str, Any]

_PIECE = 65_536
_MARK = "\ufeff"  # without which Excel takes UTF-8 for something else
_NUMBERS = frozenset({"units_per_pack", "packs", "max_packs_per_host", "min_community_size"})
_LISTS = frozenset({"tags", "regions", "channels"})


def written(rows: Iterable[Values], form: FileFormat) -> Iterator[bytes]:
    """The lots as a file, piece by piece; what a cell would run as a formula is kept as text.

    However many there are, no more than some lines are in memory at once.
    """
    writers = {FileFormat.CSV: _csv, FileFormat.XLSX: _xlsx, FileFormat.JSON: _json}
    return writers[form](rows)


def csv_template(*, chinese: bool = False) -> bytes:
    """The header, what each column means, and an example, as a spreadsheet opens it."""
    lines = [_header(chinese=chinese), _notes(chinese=chinese), _example()]
    return (_MARK + "".join(map(_csv_line, lines))).encode()


def xlsx_template(*, chinese: bool = False) -> bytes:
    """A sheet with the header and an example, and one that says what each column means."""
    from openpyxl import Workbook  # noqa: PLC0415 - slow to load, and few ask for a workbook

    workbook = Workbook(write_only=True)
    lots = workbook.create_sheet("批次" if chinese else "lots")
    for line in (_header(chinese=chinese), _example()):
        lots.append([_text_cell(lots, text) for text in line])
    notes = workbook.create_sheet("说明" if chinese else "notes")
    notes.append(["column", "列", "required", "必填", "meaning", "说明", "example"])
    for column in COLUMNS:
        notes.append([_text_cell(notes, text) for text in _noted(column)])
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def _csv(rows: Iterable[Values]) -> Iterator[bytes]:
    yield (_MARK + _csv_line(_header(chinese=False))).encode()
    for row in rows:
        yield _csv_line(_cells(row)).encode()


def _csv_line(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow([marked(cell) for cell in cells])
    return line.getvalue()


def _json(rows: Iterable[Values]) -> Iterator[bytes]:
    before = "["
    for row in rows:
        given = {name: _json_value(name, value) for name, value in row.items()}
        yield (before + json.dumps(given, ensure_ascii=False)).encode()
        before = ",\n"
    yield b"[]" if before == "[" else b"]\n"


def _json_value(name: str, value: Any) -> Any:  # noqa: ANN401 - JSON
    if value is None or isinstance(value, bool) or name in _NUMBERS:
        return value
    cell = _BY_NAME[name].write(value)
    return [word for word in cell.split(";") if word] if name in _LISTS else cell


def _xlsx(rows: Iterable[Values]) -> Iterator[bytes]:
    from openpyxl import Workbook  # noqa: PLC0415 - slow to load, and few ask for a workbook

    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("lots")
    sheet.append(_header(chinese=False))
    for row in rows:
        cells = [row.get(column.name) if column.name in _NUMBERS else None for column in COLUMNS]
        texts = _cells(row)
        sheet.append(
            [
                _text_cell(sheet, text) if cell is None and text else cell
                for cell, text in zip(cells, texts, strict=True)
            ]
        )
    # A zip file is complete only with its end: it lies on disk meanwhile, not in memory.
    with tempfile.TemporaryFile() as file:
        workbook.save(file)
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece


def _text_cell(sheet: Any, text: str) -> Any:  # noqa: ANN401 - openpyxl's own
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415 - as above

    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"  # or text that begins like a formula would be one
    return cell


def _cells(row: Values) -> list[str]:
    return [
        column.write(row[column.name]) if row.get(column.name) is not None else ""
        for column in COLUMNS
    ]


def _header(*, chinese: bool) -> list[str]:
    return [column.chinese if chinese else column.name for column in COLUMNS]


def _notes(*, chinese: bool) -> list[str]:
    first, *others = (
        column.meaning.chinese if chinese else column.meaning.english for column in COLUMNS
    )
    return [NOTE_MARK + first, *others]


def _example() -> list[str]:
    return [column.example for column in COLUMNS]


def _noted(column: Column) -> list[str]:
    said = ("yes", "是") if column.required else ("no", "否")
    return [column.name, column.chinese, *said, *column.meaning, column.example]


_BY_NAME = {column.name: column for column in COLUMNS}
