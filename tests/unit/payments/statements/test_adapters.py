"""One statement as a table, a page and a file to print."""

from __future__ import annotations

import csv
import io
import re
import zlib
from base64 import a85decode
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from reportlab.pdfgen.canvas import Canvas

from services.payments.statements.adapters.csv_text import csv_text
from services.payments.statements.adapters.page import page
from services.payments.statements.adapters.pdf import pdf
from services.payments.statements.adapters.sheet import CHINESE, LATIN, fitted
from services.payments.statements.engine.words import Why
from tests.builders.payments import NOW
from tests.unit.payments.statements.test_domain import ACCOUNT, a_line, a_statement

ZONE = ZoneInfo("Asia/Shanghai")


def table(statement):
    return list(csv.reader(csv_text(statement, ZONE).removeprefix("\ufeff").splitlines()))


def drawn(content: bytes) -> str:
    """The text operators of all pages of a PDF."""
    streams = re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL)
    return "\n".join(
        zlib.decompress(a85decode(stream.strip(), adobe=False)).decode("latin-1")
        if not stream.strip().endswith(b"~>")
        else zlib.decompress(a85decode(stream.strip()[:-2])).decode("latin-1")
        for stream in streams
    )


def in_cid_font(text: str) -> str:
    """How a page names Chinese text: two bytes a character, as the font's encoding says."""
    escaped = Canvas(io.BytesIO())._escape(text.encode("utf-16-be"))
    return str(escaped)


class TestCsv:
    def test_leads_from_opening_to_closing(self):
        rows = table(a_statement(500, 1_200, -300))

        assert [row[2] for row in rows[1:]] == ["5.00", "17.00", "14.00", "14.00"]
        assert [row[1] for row in rows[1:]] == ["", "12.00", "-3.00", ""]
        assert (rows[1][8], rows[1][4], rows[-1][5]) == (ACCOUNT, "Opening", "期末")

    def test_says_why_in_both_languages_and_at_what_time_of_the_market(self):
        rows = table(a_statement(0, 5))

        assert rows[2][0] == "2026-03-01T20:00:00.000+08:00"
        assert rows[2][4:6] == ["Share of the host", "主理人份额"]

    @pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
    def test_never_gives_a_spreadsheet_a_formula_to_run(self, start):
        evil = f'{start}HYPERLINK("x")'
        line = a_line(5, 5, why=Why(evil, evil), about={"sale_id": evil})
        rows = table(a_statement(0, lines=(line,), closing=5))

        assert rows[2][4] == rows[2][5] == "'" + evil
        assert rows[2][8].startswith("sale_id ")


class TestPage:
    def test_shows_balances_and_reasons(self):
        shown = page(a_statement(500, 120_000), ZONE)

        assert "<dd>1,205.00</dd>" in shown
        assert "主理人份额" in shown
        assert 'name="viewport"' in shown

    def test_runs_nothing_that_a_reason_says(self):
        evil = "<script>alert(1)</script>"
        line = a_line(5, 5, why=Why(evil, evil))

        assert "<script" not in page(a_statement(0, lines=(line,), closing=5), ZONE)

    def test_says_first_what_its_owner_should_know(self):
        shown = page(a_statement(5), ZONE, notice=Why("Low <b>", "余额不足"))

        assert 0 < shown.index("余额不足") < shown.index("期初")
        assert "Low &lt;b&gt;" in shown
        assert 'role="status"' not in page(a_statement(5), ZONE)

    def test_says_when_nothing_moved(self):
        assert "本期没有变动" in page(a_statement(5), ZONE)


class TestPdf:
    def test_is_the_same_file_for_the_same_statement(self):
        assert pdf(a_statement(0), ZONE) == pdf(a_statement(0), ZONE)

    def test_draws_figures_reasons_and_the_root_that_anchors_it(self):
        text = drawn(pdf(a_statement(500, 120_000), ZONE, anchor="2026-02-28 root 5a5a"))

        assert "(1,205.00)" in text
        assert "Share of the host" in text
        assert "2026-02-28 root 5a5a" in text
        assert in_cid_font("主理人份额") in text

    def test_goes_on_over_as_many_pages_as_it_takes(self):
        content = pdf(a_statement(0, *[1] * 200), ZONE)

        assert content.count(b"/Type /Page\n") > 5
        assert drawn(content).count("Share of the host") == 200

    @pytest.mark.parametrize(
        ("text", "font"), [("a long English reason " * 9, LATIN), ("很长的中文原因" * 20, CHINESE)]
    )
    def test_cuts_long_reasons_into_lines_and_loses_nothing(self, text, font):
        lines = list(fitted(text, font))

        assert len(lines) > 2
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_times_are_told_by_the_clock_of_the_market():
    late = a_line(5, 5, at=NOW + timedelta(hours=5))
    statement = a_statement(0, lines=(late,), closing=5)

    assert "2026-03-02 01:00:00" in page(statement, ZONE)
    assert "(2026-03-02 01:00)" in drawn(pdf(statement, ZONE))
