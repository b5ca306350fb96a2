"""From bytes to lines of cells: encodings, and files that are no table."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from typing import NamedTuple

from chassis.kernel.errors import RuleBroken

ENCODINGS = ("auto", "utf-8", "gb18030")
LONGEST_LINE = 16_384
_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


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


class Record(NamedTuple):
    """The cells of one record and the line of the file on which it begins."""

    line: int
    cells: list[str]


class Text(NamedTuple):
    """The text of a file and the encoding it was in."""

    text: str
    encoding: str


def decode(body: bytes, encoding: str = "auto") -> Text:
    """Read the bytes: UTF-8 with or without a mark, else GB18030; never a guess.

    Raises ``EncodingUnknown``.
    """
    if body.startswith(_WIDE_MARKS) or b"\x00" in body[:4096]:
        raise EncodingUnknown("it looks like UTF-16")
    for candidate in ("utf-8", "gb18030") if encoding == "auto" else (encoding,):
        try:
            text = body.decode("utf-8-sig" if candidate == "utf-8" else candidate)
        except UnicodeDecodeError:
            continue
        return Text(text.removeprefix("\ufeff"), candidate)
    raise EncodingUnknown(f"not {encoding}" if encoding != "auto" else "tried utf-8 and gb18030")


def records(text: str) -> Iterator[Record]:
    """The records of a CSV file (RFC 4180), blank lines left out.

    Raises ``CsvBroken`` for quotation marks that do not close or stand in the wrong place.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
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
