"""Door codes as pictures."""

from __future__ import annotations

import io

import segno


def draw(code: str) -> str:
    """The QR code of a text as an SVG document, with the quiet zone that readers need."""
    drawn = io.BytesIO()
    segno.make(code, error="m", micro=False).save(
        drawn, kind="svg", scale=4, border=4, xmldecl=False, title="Teahouse"
    )
    return drawn.getvalue().decode()
