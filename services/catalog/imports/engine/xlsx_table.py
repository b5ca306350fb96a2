"""Lines of cells from the first sheet of an Excel workbook (ECMA-376)."""

from __future__ import annotations

import re
import zipfile
import zlib
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice, repeat
from typing import Any, BinaryIO

from chassis.kernel.errors import RuleBroken
from chassis.kernel.formulas import marked
from services.catalog.imports.engine.columns import COLUMNS
from services.catalog.imports.engine.records import Cell, CellWrong, Record

MOST_UNPACKED = 256 * 1_048_576
MOST_SHARED_TEXT = 48 * 1_048_576
MOST_OTHER_XML = 4 * 1_048_576
MOST_PARTS = 1_000
MOST_ROWS = 1_048_576  # of a sheet, as Excel has it

_WIDEST = 2 * len(COLUMNS)
_PIECE = 262_144
_LONGEST_MARK = len(b"<!DOCTYPE") - 1  # what of one may stand in the piece before
_ERRORS = frozenset({"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"})
_ROOT = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?[^>]*\?>\s*)*<(?:[\w.-]+:)?(\w+)")
_FORMULA = re.compile(rb"[<:]f[\s/>]")
_WIDE = (BOM_UTF16_LE, BOM_UTF16_BE, b"\x00<", b"<\x00")
# What zipfile raises for what is broken, encrypted, or packed in a way it does not know.
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)


class XlsxBroken(RuleBroken):
    """The file is no readable Excel workbook."""

    code = "xlsx-broken"
    hint = "Open it in Excel, save it again as .xlsx without a password, and send that."
    chinese = "Excel 文件无法读取，请用 Excel 打开并另存为无密码的 .xlsx 后重新上传。"


class XlsxTooLarge(RuleBroken):
    """The workbook unpacks to more than is taken."""

    code = "xlsx-too-large"
    hint = "Copy the lines into a new workbook without pictures, or split it."
    chinese = "Excel 文件解压后过大，请把数据复制到不含图片的新文件，或拆分后导入。"


@dataclass(frozen=True, slots=True)
class Content:
    """What a workbook unpacks to."""

    rows: int
    has_formulas: bool


def is_zip(body: bytes) -> bool:
    """Whether these bytes begin as a zip file does."""
    return body.startswith(b"PK\x03\x04")


def checked(file: BinaryIO) -> Content:
    """Unpack every part bit by bit and keep none; raise unless the workbook is harmless.

    What a part says of its size is not believed. A document type is refused wherever it
    stands, and with it every entity; so is XML in another encoding than UTF-8, in which
    one could hide.
    """
    rows, has_formulas = 0, False
    try:
        with zipfile.ZipFile(file) as archive:
            for piece in _plain_pieces(archive):
                rows += piece.count(b"</row>")
                has_formulas = has_formulas or _FORMULA.search(piece) is not None
    except _UNREADABLE as error:
        raise XlsxBroken(str(error)[:200]) from None
    return Content(rows, has_formulas)


def records(file: BinaryIO) -> Iterator[Record]:
    """The rows of the first sheet that hold anything, with their numbers as Excel shows them.

    A formula counts as the value that Excel left beside it. Raises ``XlsxBroken``.
    """
    content = checked(file)
    line = 0
    try:
        for line, (row, formulas) in enumerate(_rows(file, content), 1):
            cells = [_cell(value, given) for value, given in zip(row, formulas, strict=False)]
            while cells and cells[-1] == "":
                cells.pop()
            if cells:
                yield Record(line, cells, is_whole=False)
    except RuleBroken:
        raise
    except Exception as error:  # whatever a broken part makes openpyxl trip over
        raise XlsxBroken(f"after row {line}: {type(error).__name__}", line=line + 1) from error


def _plain_pieces(archive: zipfile.ZipFile) -> Iterator[bytes]:
    """Every part bit by bit, each bit with the end of the one before, or raise."""
    parts, unpacked = archive.infolist(), 0
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise XlsxTooLarge
    for part in parts:
        tail, is_xml, size, most = b"", False, 0, MOST_UNPACKED
        with archive.open(part) as content:
            while piece := content.read(_PIECE):
                if not size and _begins_xml(piece):
                    is_xml, most = True, _most_of(piece)
                size, unpacked = size + len(piece), unpacked + len(piece)
                if size > most or unpacked > MOST_UNPACKED:
                    raise XlsxTooLarge(part.filename[:100])
                if _is_dangerous(tail + piece, is_xml=is_xml):
                    raise XlsxBroken(f"{part.filename[:100]} is not the XML of a workbook")
                yield tail + piece
                tail = piece[-_LONGEST_MARK:]


def _most_of(piece: bytes) -> int:
    """How large XML that begins so may be: sheets are read bit by bit, all else as a whole."""
    root = _ROOT.match(piece)
    limits = {b"worksheet": MOST_UNPACKED, b"sst": MOST_SHARED_TEXT}
    return limits.get(root[1] if root else b"", MOST_OTHER_XML)


def _begins_xml(piece: bytes) -> bool:
    """Whether a parser would take it for XML, whatever the part is called."""
    return piece.removeprefix(BOM_UTF8).lstrip()[:1] == b"<" or piece.startswith(_WIDE)


def _is_dangerous(piece: bytes, *, is_xml: bool) -> bool:
    return b"<!DOCTYPE" in piece or b"<!ENTITY" in piece or (is_xml and b"\x00" in piece)


def _rows(file: BinaryIO, content: Content) -> Iterable[tuple[Iterable[Any], Iterable[Any]]]:
    """Each row's values beside its formulas; where there are none they are not read."""
    values = _sheet(file, with_values=True)
    if not content.has_formulas:
        return zip(values, repeat(repeat(None)), strict=False)
    return zip(values, _sheet(file, with_values=False), strict=True)


def _sheet(file: BinaryIO, *, with_values: bool) -> Iterator[Any]:
    from openpyxl import load_workbook  # noqa: PLC0415 - slow to load, and few files are workbooks

    workbook = load_workbook(file, read_only=True, data_only=with_values, keep_links=False)
    sheet = workbook.worksheets[0]
    # Some programs write a size that is too small, and the rows beyond it would be lost.
    sheet.reset_dimensions()
    # A row numbered far beyond the end would be led up to by as many empty ones.
    return islice(sheet.iter_rows(max_col=_WIDEST, values_only=with_values), MOST_ROWS)


def _cell(value: object, beside: Any) -> Cell:  # noqa: ANN401 - openpyxl's cells have no one type
    if value is None:
        is_formula = beside is not None and beside.data_type == "f"
        return CellWrong("formula-without-value") if is_formula else ""
    if isinstance(value, str):
        return CellWrong("spreadsheet-error") if value in _ERRORS else marked(value.strip())
    if isinstance(value, bool):
        return CellWrong("not-text")
    if isinstance(value, datetime):
        is_day = value.time() == time()
        return value.date().isoformat() if is_day else value.isoformat()
    if isinstance(value, date | int):
        return str(value)
    # Fifteen digits are what Excel shows: what lies behind them is the noise of a float.
    return format(value, ".15g") if isinstance(value, float) else CellWrong("not-text")
