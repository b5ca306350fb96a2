"""From the bytes of a file to lines of cells, whichever of the three kinds it is."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

from chassis.kernel.errors import RuleBroken
from services.catalog.imports.engine import json_table, xlsx_table
from services.catalog.imports.engine.records import Record

ENCODINGS = ("auto", "utf-8", "gb18030")
_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # [MS-CFB], section 2.2
_BIT_BY_BIT = 262_144


class EncodingUnknown(RuleBroken):
    """The file is neither UTF-8 nor GB18030 text."""

    code = "csv-encoding"
    hint = "Save the file as CSV UTF-8 (in Excel: 'CSV UTF-8') and send it again."
    chinese = "文件编码无法识别，请另存为“CSV UTF-8”后重新上传。"


class CsvBroken(RuleBroken):
    """The file is no readable CSV."""

    code = "csv-broken"
    hint = "Look at the line named in the detail; often a quotation mark is not closed."
    chinese = "CSV 文件无法读取，请检查所示行号，常见原因是引号未闭合。"


class OldSpreadsheet(RuleBroken):
    """The file is a spreadsheet of the old kind (.xls), or one with a password."""

    code = "xls-not-taken"
    hint = "Save it as an Excel workbook (.xlsx) without a password, or as CSV UTF-8."
    chinese = "不支持旧版 .xls 或带密码的表格，请另存为无密码的 .xlsx 或“CSV UTF-8”。"


class FileFormat(StrEnum):
    """What kind of file lots are read from."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"


MIMETYPES = {
    "text/csv": FileFormat.CSV,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": FileFormat.XLSX,
    "application/json": FileFormat.JSON,
    "application/x-ndjson": FileFormat.JSON,
    # What browsers call a CSV on a machine with Excel; a real one is refused by its first bytes.
    "application/vnd.ms-excel": FileFormat.CSV,
}


@dataclass(frozen=True, slots=True)
class FileKind:
    """How a file is to be read, and about how many lines it has."""

    format: FileFormat
    encoding: str
    expected_lines: int


def kind_of(body: bytes, mimetype: str, encoding: str = "auto") -> FileKind:
    """Look at a file as a whole without reading its lines.

    Text is UTF-8 with or without a mark, else GB18030; never a guess. Raises a
    ``RuleBroken`` for what is none of the three kinds, and for a workbook that unpacks to
    more than is taken.
    """
    if body.startswith(_OLD_OFFICE):
        raise OldSpreadsheet
    wanted = MIMETYPES.get(mimetype, FileFormat.CSV)  # who sends nothing may also say nothing
    if wanted is FileFormat.XLSX or xlsx_table.is_zip(body):
        return FileKind(FileFormat.XLSX, "utf-8", xlsx_table.checked(io.BytesIO(body)).rows)
    found = encoding_of(body, encoding)
    lines = body.count(b"{") if wanted is FileFormat.JSON else body.count(b"\n")
    return FileKind(wanted, found, lines)


def encoding_of(body: bytes, encoding: str = "auto") -> str:
    """The encoding in which all of the bytes can be read; raise ``EncodingUnknown``."""
    if body.startswith(_WIDE_MARKS) or b"\x00" in body[:4096]:
        raise EncodingUnknown("it looks like UTF-16")
    candidates = ("utf-8", "gb18030") if encoding == "auto" else (encoding,)
    for candidate in candidates:
        if _is_text(body, candidate):
            return candidate
    raise EncodingUnknown(f"tried {' and '.join(candidates)}")


def records(file: BinaryIO, kind: FileKind) -> Iterator[Record]:
    """The header and the lines of a file, blank ones left out; read bit by bit.

    Raises a ``RuleBroken`` that names the line from which it cannot be read.
    """
    if kind.format is FileFormat.XLSX:
        return xlsx_table.records(file if file.seekable() else io.BytesIO(file.read()))
    text = io.TextIOWrapper(file, encoding=kind.encoding, newline="")
    return json_table.records(text) if kind.format is FileFormat.JSON else csv_records(text)


def csv_records(text: io.TextIOBase) -> Iterator[Record]:
    """The records of a CSV file (RFC 4180), blank lines left out.

    Raises ``CsvBroken`` for quotation marks that do not close or stand in the wrong place.
    """
    reader = csv.reader(_without_mark(text), strict=True)
    line = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise CsvBroken(f"line {line}: {error}", line=line) from None
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield Record(line, cells)
        line = reader.line_num + 1


def _without_mark(text: io.TextIOBase) -> Iterator[str]:
    for number, line in enumerate(text):
        yield line if number else line.removeprefix("\ufeff")


def _is_text(body: bytes, encoding: str) -> bool:
    """Whether the bytes decode, without holding the text of all of them."""
    decoder, whole = codecs.getincrementaldecoder(encoding)(), memoryview(body)
    try:
        for at in range(0, len(body), _BIT_BY_BIT):
            decoder.decode(whole[at : at + _BIT_BY_BIT])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
