"""A statement as PDF in both languages, with no font file of our own.

Chinese is set in a CID font (PDF 32000-1, 9.7): the file names it, and the reader brings it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import lru_cache
from zoneinfo import ZoneInfo

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from services.payments.statements.domain import Axis, Line, Statement
from services.payments.statements.engine.amounts import grouped

LATIN, CHINESE = "Helvetica", "STSong-Light"
SIZE, SMALL, LEAD = 9, 7, 11
WIDTH, HEIGHT = A4
LEFT, RIGHT, TOP, BOTTOM = 18 * mm, WIDTH - 18 * mm, HEIGHT - 18 * mm, 22 * mm
WHY_LEFT, AMOUNT_RIGHT = LEFT + 32 * mm, RIGHT - 28 * mm
WHY_WIDTH = AMOUNT_RIGHT - 26 * mm - WHY_LEFT

pdfmetrics.registerFont(UnicodeCIDFont(CHINESE))


def pdf(statement: Statement, zone: ZoneInfo, *, anchor: str = "") -> bytes:
    """The whole file; times are by the clock of ``zone``.

    ``anchor`` stands at the foot of every page: the signed root of a day, so that paper
    bears witness to the books. The same statement gives the same bytes.
    """
    written = io.BytesIO()
    canvas = Canvas(written, pagesize=A4, invariant=1)
    canvas.setTitle(f"Statement {statement.account}")
    sheet = _Sheet(canvas, anchor)
    _head(sheet, statement, zone)
    for line in statement.lines:
        _line(sheet, line, statement.currency, zone)
    sheet.rule()
    _sum(sheet, "Closing balance", "期末余额", grouped(statement.closing, statement.currency))
    sheet.end()
    canvas.save()
    return written.getvalue()


class _Sheet:
    """Pages one after the other, and how far down the present one is written."""

    def __init__(self, canvas: Canvas, anchor: str) -> None:
        self.canvas = canvas
        self._anchor = anchor
        self._page = 1
        self.y = TOP

    def room(self, height: float) -> None:
        """Begin another page unless this much fits."""
        if self.y - height < BOTTOM:
            self.end()
            self._page += 1
            self.y = TOP

    def text(self, x: float, text: str, font: str = LATIN, size: float = SIZE) -> None:
        """Write to the right of ``x``, on the present line."""
        self.canvas.setFont(font, size)
        self.canvas.drawString(x, self.y, text)

    def figure(self, x: float, text: str) -> None:
        """Write a figure that ends at ``x``."""
        self.canvas.setFont(LATIN, SIZE)
        self.canvas.drawRightString(x, self.y, text)

    def rule(self) -> None:
        """Draw a line across."""
        self.canvas.setLineWidth(0.4)
        self.canvas.line(LEFT, self.y + LEAD - 2, RIGHT, self.y + LEAD - 2)

    def end(self) -> None:
        """Write the foot and turn the page."""
        self.canvas.setFont(LATIN, SMALL)
        self.canvas.drawString(LEFT, BOTTOM - 8 * mm, self._anchor)
        self.canvas.drawRightString(RIGHT, BOTTOM - 8 * mm, f"{self._page}")
        self.canvas.showPage()


def _head(sheet: _Sheet, statement: Statement, zone: ZoneInfo) -> None:
    sheet.text(LEFT, "Statement", size=16)
    sheet.text(LEFT + 30 * mm, "对账单", CHINESE, 16)
    sheet.y -= 2 * LEAD
    start, end = statement.start.astimezone(zone), statement.end.astimezone(zone)
    period = f"{start:%Y-%m-%d %H:%M} - {end:%Y-%m-%d %H:%M} ({zone.key})"
    for text in (statement.account, f"{period}   {statement.currency}"):
        sheet.text(LEFT, text)
        sheet.y -= LEAD
    if statement.axis is Axis.EFFECTIVE:
        sheet.text(LEFT, "By the time of effect")
        sheet.text(WHY_LEFT, "按生效时间", CHINESE)
        sheet.y -= LEAD
    sheet.y -= LEAD
    currency = statement.currency
    _sum(sheet, "Opening balance", "期初余额", grouped(statement.opening, currency))
    _sum(sheet, "Money in", "收入合计", grouped(statement.money_in, currency))
    _sum(sheet, "Money out", "支出合计", grouped(statement.money_out, currency))
    sheet.y -= LEAD


def _sum(sheet: _Sheet, english: str, chinese: str, figure: str) -> None:
    sheet.room(LEAD)
    sheet.text(LEFT, english)
    sheet.text(WHY_LEFT, chinese, CHINESE)
    sheet.figure(RIGHT, figure)
    sheet.y -= LEAD


def _line(sheet: _Sheet, line: Line, currency: str, zone: ZoneInfo) -> None:
    texts = [(text, LATIN) for text in fitted(line.why.en, LATIN)]
    texts += [(text, CHINESE) for text in fitted(line.why.zh, CHINESE)]
    sheet.room(LEAD * (len(texts) + 1))
    sheet.rule()
    at = line.at.astimezone(zone)
    sheet.text(LEFT, f"{at:%Y-%m-%d %H:%M}")
    sheet.figure(AMOUNT_RIGHT, grouped(line.minor, currency))
    sheet.figure(RIGHT, grouped(line.balance, currency))
    for text, font in texts:
        sheet.text(WHY_LEFT, text, font)
        sheet.y -= LEAD
    sheet.text(WHY_LEFT, f"{line.code}  {line.entry_id}", size=SMALL)
    sheet.y -= LEAD


def fitted(text: str, font: str) -> Iterator[str]:
    """Cut a text into lines that fit the column of reasons, at spaces where there are any."""
    line, width = "", 0.0
    for character in text:
        if width + _width(character, font) > WHY_WIDTH:
            head, space, tail = line.rpartition(" ")
            yield head if space else line
            line = tail if space else ""
            width = sum(_width(each, font) for each in line)
        line += character
        width += _width(character, font)
    yield line


@lru_cache(maxsize=8_192)
def _width(character: str, font: str) -> float:
    """How wide a letter is set; neither font moves letters closer together."""
    return float(pdfmetrics.stringWidth(character, font, SIZE))
