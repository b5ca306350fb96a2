"""Workbooks read as lines of cells, and those that are a trap."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime

import pytest
from openpyxl import Workbook

from services.catalog.imports.engine import xlsx_table
from services.catalog.imports.engine.check import BadLine, GoodLine, lines_of
from services.catalog.imports.engine.xlsx_table import XlsxBroken, XlsxTooLarge, records
from tests.unit.catalog.imports.test_check import HEADER, ROW

SHEET = "xl/worksheets/sheet1.xml"
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1 or str()};" * 10}">' for n in range(1, 10))
    + "]><worksheet>&a9;</worksheet>"
)


def a_workbook(*rows: dict, below=()) -> bytes:
    workbook = Workbook()
    sheet = workbook.active
    sheet.append(HEADER)
    for row in rows:
        sheet.append([{**ROW, **row}.get(name) or None for name in HEADER])
    for cells in below:
        sheet.append(cells)
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def with_part(body: bytes, name: str, content: bytes | str) -> bytes:
    """The workbook with a part put in, or put in the place of its own."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(file, "w") as new:
        for part in old.infolist():
            if part.filename != name:
                new.writestr(part, old.read(part))
        new.writestr(name, content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def read(body: bytes) -> list[GoodLine | BadLine]:
    return list(lines_of(records(io.BytesIO(body)), most=1000))


def faults(**cells) -> list[tuple[str, str]]:
    (line,) = read(a_workbook(cells))
    return [(one.column, one.code) for one in line.faults] if isinstance(line, BadLine) else []


class TestRows:
    def test_are_read_with_the_numbers_that_excel_shows(self):
        body = a_workbook(
            {}, below=[[], [], [ROW[name] for name in HEADER[: HEADER.index("closes_at")]]]
        )

        first, second = read(body)

        assert (first.line, second.line) == (2, 5)
        assert first.values["title"] == "Hair clips"
        assert [one.column for one in second.faults] == ["closes_at"]

    def test_may_hold_numbers_and_days(self):
        cells = {
            "sku": 6901234567890,
            "packs": 40.0,
            "unit_price": 0.1 + 0.2,
            "closes_at": datetime(2026, 12, 31),  # noqa: DTZ001 - Excel knows no zones
        }

        (line,) = read(a_workbook(cells))

        assert (line.values["sku"], line.values["packs"]) == ("6901234567890", 40)
        assert line.values["unit_price"] == 30
        assert line.values["closes_at"].isoformat() == "2026-12-31T16:00:00+00:00"

    def test_are_all_read_although_the_sheet_says_that_it_is_smaller(self):
        body = a_workbook({}, {"sku": "B"})
        sheet = zipfile.ZipFile(io.BytesIO(body)).read(SHEET)
        small = sheet.replace(b'ref="A1:S3"', b'ref="A1:S2"')

        assert small != sheet
        assert len(read(with_part(body, SHEET, small))) == 2

    @pytest.mark.parametrize(
        ("cells", "found"),
        [
            ({"packs": True}, [("packs", "not-text")]),
            ({"packs": "#N/A"}, [("packs", "spreadsheet-error")]),
            ({"packs": "=20+20"}, [("packs", "formula-without-value")]),
            ({"unit_price": "=1/3", "sku": "=A1"}, None),
            ({"closes_at": datetime(2026, 12, 31, 18)}, [("closes_at", "not-a-date")]),  # noqa: DTZ001 - as above
        ],
    )
    def test_are_told_column_and_reason(self, cells, found):
        expected = found or [(name, "formula-without-value") for name in ("sku", "unit_price")]

        assert faults(**cells) == expected

    def test_take_the_value_that_excel_left_beside_a_formula(self):
        body = a_workbook({"packs": "=20+20"})
        sheet = zipfile.ZipFile(io.BytesIO(body)).read(SHEET)
        known = sheet.replace(b"<f>20+20</f><v />", b"<f>20+20</f><v>40</v>")
        known = known.replace(b"<f>20+20</f><v/>", b"<f>20+20</f><v>40</v>")

        (line,) = read(with_part(body, SHEET, known))

        assert line.values["packs"] == 40

    def test_keep_text_that_looks_like_a_formula(self):
        workbook = Workbook()
        workbook.active.append(HEADER)
        workbook.active.append([{**ROW, "title": "x"}.get(name) for name in HEADER])
        cell = workbook.active.cell(2, HEADER.index("title") + 1)
        cell.value, cell.data_type = "=1+1", "s"
        file = io.BytesIO()
        workbook.save(file)

        (line,) = read(file.getvalue())

        assert line.values["title"] == "=1+1"


class TestTraps:
    @pytest.mark.parametrize(
        "content",
        [
            LAUGHS,
            LAUGHS.encode("utf-16"),
            LAUGHS.encode("utf-16-be"),
            " " * 300_000 + LAUGHS,
            '<!DOCTYPE a SYSTEM "file:///etc/passwd"><worksheet/>',
        ],
    )
    @pytest.mark.parametrize("name", [SHEET, "xl/media/image1.png"])
    def test_with_entities_are_refused_unread(self, content, name):
        with pytest.raises(XlsxBroken, match="not the XML of a workbook"):
            read(with_part(a_workbook({}), name, content))

    @pytest.mark.parametrize(
        ("name", "root"),
        [
            (SHEET, "worksheet"),
            ("xl/sharedStrings.xml", "sst"),
            ("xl/styles.xml", "styleSheet"),
        ],
    )
    def test_that_unpack_to_too_much_are_refused(self, monkeypatch, name, root):
        for limit in ("MOST_UNPACKED", "MOST_SHARED_TEXT", "MOST_OTHER_XML"):
            monkeypatch.setattr(xlsx_table, limit, 1_000_000)
        bomb = f"<{root}>" + " " * 1_100_000

        with pytest.raises(XlsxTooLarge):
            read(with_part(a_workbook({}), name, bomb))

    def test_that_say_they_are_smaller_than_they_are_are_refused(self):
        body = bytearray(with_part(a_workbook({}), "xl/x.bin", b"\0" * 100_000))
        real = (100_000).to_bytes(4, "little")

        lying = bytes(body).replace(real, (10).to_bytes(4, "little"))

        assert lying != body
        with pytest.raises(XlsxBroken):
            read(lying)

    def test_of_very_many_parts_are_refused(self, monkeypatch):
        monkeypatch.setattr(xlsx_table, "MOST_PARTS", 3)

        with pytest.raises(XlsxTooLarge):
            read(a_workbook({}))

    @pytest.mark.parametrize(
        "content", ["", "<worksheet><sheetData><row", "<worksheet><sheetData><row r='x'/>"]
    )
    def test_with_a_broken_sheet_are_refused_by_row(self, content):
        with pytest.raises(XlsxBroken):
            read(with_part(a_workbook({}), SHEET, content))

    @pytest.mark.parametrize("body", [b"PK\x03\x04", b"", b"sku,title", LAUGHS.encode()])
    def test_that_are_no_zip_are_refused(self, body):
        with pytest.raises(XlsxBroken):
            read(body)

    def test_with_a_row_far_below_end_where_every_sheet_does(self, monkeypatch):
        monkeypatch.setattr(xlsx_table, "MOST_ROWS", 50)
        body = a_workbook({})
        sheet = zipfile.ZipFile(io.BytesIO(body)).read(SHEET)
        far = sheet.replace(b"</sheetData>", b'<row r="999999999999"/></sheetData>')

        assert len(read(with_part(body, SHEET, far))) == 1
