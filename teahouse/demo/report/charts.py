"""Charts as inline SVG: sized for a phone, coloured by the page's variables, no script."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

WIDTH = 360
ROW = 38
BAR_TOP, BAR_HEIGHT = 20, 10
PLOT_HEIGHT = 150
MARGIN = 26


class Bar(NamedTuple):
    """One row of a chart: what it is about, how much, and the text that says so."""

    label: str
    value: float
    text: str
    tone: str = "main"


class Mark(NamedTuple):
    """A named place on the axis of a histogram."""

    value: float
    label: str


def bars(title: str, rows: Sequence[Bar]) -> str:
    """Horizontal bars, the largest as wide as the chart; negative values are drawn empty."""
    most = max((row.value for row in rows), default=0) or 1
    parts = []
    for place, row in enumerate(rows):
        top = place * ROW
        width = max(0.0, row.value / most) * WIDTH
        parts.append(
            f'<text x="0" y="{top + 14}">{escape(row.label)}</text>'
            f'<text x="{WIDTH}" y="{top + 14}" class="figure">{escape(row.text)}</text>'
            f'<rect x="0" y="{top + BAR_TOP}" width="{WIDTH}" height="{BAR_HEIGHT}"'
            f' rx="3" class="track"/>'
            f'<rect x="0" y="{top + BAR_TOP}" width="{width:.1f}" height="{BAR_HEIGHT}"'
            f' rx="3" class="{escape(row.tone)}"/>'
        )
    return _svg(title, max(1, len(rows)) * ROW, parts)


def histogram(
    title: str, values: Sequence[float], *, step: float, unit: str, marks: Sequence[Mark] = ()
) -> str:
    """How many values fall into each step, the last step taking all that is beyond the axis."""
    counts = binned(values, step=step)
    most = max(counts, default=0) or 1
    wide = WIDTH / max(1, len(counts))
    parts = [
        f'<rect x="{place * wide + 0.5:.1f}"'
        f' y="{MARGIN + PLOT_HEIGHT * (1 - count / most):.1f}"'
        f' width="{max(0.5, wide - 1):.1f}" height="{PLOT_HEIGHT * count / most:.1f}"'
        f' class="main"><title>{escape(_span(place, len(counts), step, unit, count))}'
        f"</title></rect>"
        for place, count in enumerate(counts)
    ]
    bottom = MARGIN + PLOT_HEIGHT
    parts.append(f'<line x1="0" x2="{WIDTH}" y1="{bottom}" y2="{bottom}" class="axis"/>')
    parts.append(f'<text x="0" y="{bottom + 16}">0 {escape(unit)}</text>')
    end = f"{len(counts) * step:g} {unit}"
    parts.append(f'<text x="{WIDTH}" y="{bottom + 16}" class="figure">{escape(end)}</text>')
    parts += [
        _mark(mark, reach=len(counts) * step, place=place) for place, mark in enumerate(marks)
    ]
    return _svg(title, bottom + MARGIN, parts)


def binned(values: Sequence[float], *, step: float, most_bins: int = 40) -> list[int]:
    """Counts of values by step; at most ``most_bins`` steps, the last one open."""
    if not values:
        return []
    counts = [0] * min(most_bins, int(max(values) // step) + 1)
    for value in values:
        counts[min(len(counts) - 1, int(value // step))] += 1
    return counts


def _span(place: int, bins: int, step: float, unit: str, count: int) -> str:
    if place == bins - 1:
        return f"{place * step:g} {unit} and more: {count}"
    return f"{place * step:g} to {(place + 1) * step:g} {unit}: {count}"


def _mark(mark: Mark, *, reach: float, place: int) -> str:
    x = min(WIDTH - 1.0, mark.value / (reach or 1) * WIDTH)
    side = "figure" if x > WIDTH / 2 else "start"
    gap = -4 if side == "figure" else 4
    return (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{MARGIN - 8}" y2="{MARGIN + PLOT_HEIGHT}"'
        f' class="mark"/>'
        f'<text x="{x + gap:.1f}" y="{12 + 14 * place}" class="{side}">{escape(mark.label)}</text>'
    )


def _svg(title: str, height: float, parts: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:g}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>"
    )
