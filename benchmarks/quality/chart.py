"""The table as a picture: a scalable drawing (SVG 1.1) with one bar a model and its interval."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from xml.sax.saxutils import escape

from benchmarks.quality.rows import OURS, Row

WIDTH, LINE, LABEL, END = 760, 24, 150, 620
OWN_COLOUR, PEER_COLOUR = "#b5482f", "#8a9ba8"


def drawn(rows: Sequence[Row]) -> str:
    """The drawing's text; tasks one below the other, models from best to worst."""
    widest = max(row.ndcg.high for row in rows) or 1.0
    parts, top = [], LINE
    for task, own in groupby(rows, key=lambda row: row.task):
        parts.append(_text(10, top, f"NDCG@10, {task}", weight="bold"))
        for row in sorted(own, key=lambda row: -row.ndcg.mean):
            top += LINE
            parts.append(_bar(row, top, (END - LABEL) / widest))
        top += 2 * LINE
    size = f'width="{WIDTH}" height="{top}" viewBox="0 0 {WIDTH} {top}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif">'
    return "\n".join([head, *parts, "</svg>"]) + "\n"


def _bar(row: Row, top: int, scale: float) -> str:
    low, mean, high = (
        LABEL + scale * value for value in (row.ndcg.low, row.ndcg.mean, row.ndcg.high)
    )
    colour = OWN_COLOUR if row.model == OURS else PEER_COLOUR
    width = f'width="{mean - LABEL:.1f}"'
    figures = f"{row.ndcg.mean:.4f} ({row.ndcg.low:.4f} to {row.ndcg.high:.4f})"
    return "\n".join(
        [
            _text(10, top, row.model),
            f'<rect x="{LABEL}" y="{top - 12}" {width} height="14" fill="{colour}"/>',
            f'<path d="M{low:.1f} {top - 5}H{high:.1f}" stroke="black"/>',
            _text(int(high) + 8, top, figures, size=11),
        ]
    )


def _text(left: int, top: int, words: str, *, weight: str = "normal", size: int = 13) -> str:
    return (
        f'<text x="{left}" y="{top}" font-size="{size}" font-weight="{weight}">'
        f"{escape(words)}</text>"
    )
