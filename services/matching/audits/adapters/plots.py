"""Plots as SVG of our own: a Lorenz curve, and bars by group; no script, no style, no font."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from markupsafe import Markup

WHOLE = 10_000
SIDE, MARGIN = 240, 24
BAR, LINE, ROW = 10, 14, 36
WIDTH = 320  # what a phone shows without making words smaller
DASHES = ("none", "6 4", "2 3")

_CURVES = Markup(
    "<h2>{title}</h2>"
    '<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width} {height}" '
    'width="{width}" height="{height}" fill="none" stroke="currentColor">'
    "<title>{title}</title>"
    '<path d="M{left} {top}V{bottom}H{right}" stroke-width="1"/>'
    '<path d="M{left} {bottom}L{right} {top}" stroke-width="1" opacity="0.4"/>{curves}</svg>'
)
_CURVE = Markup(
    '<polyline points="{points}" stroke-width="2" stroke-dasharray="{dashes}"/>'
    '<g stroke="none" fill="currentColor" font-size="11">'
    '<text x="{x}" y="{y}">{name}</text></g>'
    '<path d="M{line_from} {line_at}H{line_to}" stroke-width="2" stroke-dasharray="{dashes}"/>'
)
_BARS = Markup(
    "<h2>{title}</h2>"
    '<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width} {height}" '
    'width="{width}" height="{height}" fill="currentColor" font-size="12">'
    "<title>{title}</title>{bars}</svg>"
)
_BAR = Markup(
    '<text x="0" y="{text_at}">{name}: {told}</text>'
    '<rect x="0" y="{at}" width="{length}" height="{bar}" opacity="0.7"/>'
)


def lorenz_curves(title: str, curves: Mapping[str, Sequence[int]]) -> Markup:
    """What the least have together, from none to all of them, beside the even line; titled.

    A curve is basis points at equal steps; each has its own dashes and its name.
    """
    drawn = Markup().join(
        _CURVE.format(
            points=" ".join(_point(curve, step) for step in range(len(curve))),
            dashes=DASHES[number % len(DASHES)],
            name=name,
            x=MARGIN + 40,
            y=MARGIN + 14 + 16 * number,
            line_from=MARGIN + 8,
            line_to=MARGIN + 34,
            line_at=MARGIN + 10 + 16 * number,
        )
        for number, (name, curve) in enumerate(curves.items())
    )
    return _CURVES.format(
        title=title,
        width=SIDE + 2 * MARGIN,
        height=SIDE + 2 * MARGIN,
        left=MARGIN,
        right=MARGIN + SIDE,
        top=MARGIN,
        bottom=MARGIN + SIDE,
        curves=drawn,
    )


def bars(title: str, amounts: Mapping[str, int], told: Callable[[int], str]) -> Markup:
    """A titled bar for each name, as long as its part of the longest, under what is told of it."""
    longest = max(amounts.values(), default=0) or 1
    drawn = Markup().join(
        _BAR.format(
            name=name,
            told=told(amount),
            text_at=number * ROW + LINE,
            at=number * ROW + LINE + BAR // 2,
            length=WIDTH * amount // longest,
            bar=BAR,
        )
        for number, (name, amount) in enumerate(amounts.items())
    )
    height = max(1, len(amounts)) * ROW
    return _BARS.format(title=title, width=WIDTH, height=height, bars=drawn)


def _point(curve: Sequence[int], step: int) -> str:
    x = MARGIN + SIDE * step / (len(curve) - 1)
    y = MARGIN + SIDE - SIDE * curve[step] / WHOLE
    return f"{x:.1f},{y:.1f}"
