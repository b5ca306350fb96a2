"""Sheets of paper in both languages, with no font file of our own.

Chinese is set in a CID font (PDF 32000-1, 9.7): the file names it, and the reader brings it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from services.payments.statements.engine.words import Why

LATIN, CHINESE = "Helvetica", "STSong-Light"
SIZE, SMALL, LEAD = 9, 7, 11
WIDTH, HEIGHT = A4
LEFT, RIGHT, TOP, BOTTOM = 18 * mm, WIDTH - 18 * mm, HEIGHT - 18 * mm, 22 * mm
WHY_LEFT, AMOUNT_RIGHT = LEFT + 32 * mm, RIGHT - 28 * mm
VALUE_LEFT = LEFT + 44 * mm
WHY_WIDTH = AMOUNT_RIGHT - 26 * mm - WHY_LEFT

pdfmetrics.registerFont(UnicodeCIDFont(CHINESE))


class Sheet:
    """Pages one after the other, and how far down the present one is written.

    Times are by the clock of ``zone``; ``anchor`` stands at the foot of every page. The same
    writing gives the same bytes.
    """

    def __init__(self, title: str, zone: ZoneInfo, anchor: str) -> None:
        self._written = io.BytesIO()
        self.canvas = Canvas(self._written, pagesize=A4, invariant=1)
        self.canvas.setTitle(title)
        self.zone = zone
        self._anchor = anchor
        self._page = 1
        self.y = TOP

    def finished(self) -> bytes:
        """The whole file."""
        self._end()
        self.canvas.save()
        return self._written.getvalue()

    def room(self, height: float) -> None:
        """Begin another page unless this much fits."""
        if self.y - height < BOTTOM:
            self._end()
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

    def heading(self, english: str, chinese: str) -> None:
        """Write what it is, large."""
        self.text(LEFT, english, size=16)
        self.text(LEFT + self.canvas.stringWidth(f"{english} ", LATIN, 16), chinese, CHINESE, 16)
        self.y -= 2 * LEAD

    def field(self, english: str, chinese: str, value: str) -> None:
        """Write a named text, in as many lines as it needs."""
        self.text(LEFT, f"{english} {chinese}", CHINESE)
        for text in fitted(value, CHINESE):
            self.room(LEAD)
            self.text(VALUE_LEFT, text, CHINESE)
            self.y -= LEAD

    def sum(self, english: str, chinese: str, figure: str) -> None:
        """Write a named figure on a line of its own."""
        self.room(LEAD)
        self.text(LEFT, english)
        self.text(WHY_LEFT, chinese, CHINESE)
        self.figure(RIGHT, figure)
        self.y -= LEAD

    def item(self, at: datetime, why: Why, figures: dict[float, str], small: str) -> None:
        """Write one line of many: when, why in both languages, and figures by where they end."""
        texts = [(text, LATIN) for text in fitted(why.en, LATIN)]
        texts += [(text, CHINESE) for text in fitted(why.zh, CHINESE)]
        self.room(LEAD * (len(texts) + 1))
        self.rule()
        self.text(LEFT, f"{at.astimezone(self.zone):%Y-%m-%d %H:%M}")
        for right, figure in figures.items():
            self.figure(right, figure)
        for text, font in texts:
            self.text(WHY_LEFT, text, font)
            self.y -= LEAD
        self.text(WHY_LEFT, small, size=SMALL)
        self.y -= LEAD

    def _end(self) -> None:
        """Write the foot and turn the page."""
        self.canvas.setFont(LATIN, SMALL)
        self.canvas.drawString(LEFT, BOTTOM - 8 * mm, self._anchor)
        self.canvas.drawRightString(RIGHT, BOTTOM - 8 * mm, f"{self._page}")
        self.canvas.showPage()


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
