"""Answers for people: a page of text and tables in both languages, where a browser asks."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterable, Sequence

from flask import Response, request
from markupsafe import Markup

HTML, JSON = "text/html", "application/json"
_STYLE = (
    "body{font:1rem/1.6 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;"
    "color-scheme:light dark}h1{font-size:1.4rem}h2{font-size:1.1rem}"
    "h1,p{overflow-wrap:anywhere}svg{max-width:100%;height:auto}.wide{overflow-x:auto}"
    "table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3rem .6rem;"
    "border-bottom:1px solid #8884;overflow-wrap:break-word;vertical-align:top}"
)
_DIGEST = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; frame-ancestors 'none'; base-uri 'none'"
)
_PAGE = Markup(
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    "<title>{title}</title><style>{style}</style></head>"
    "<body><main><h1>{title}</h1>{parts}</main></body></html>\n"
)


def wants_page() -> bool:
    """Whether this request would rather have a page than JSON."""
    return request.accept_mimetypes.best_match([JSON, HTML]) == HTML


def sheet(title: str, parts: Iterable[Markup]) -> Response:
    """A page of these parts: no script, nothing to load, every word of others escaped."""
    style = Markup(_STYLE)  # noqa: S704 - our own text
    text = _PAGE.format(title=title, style=style, parts=Markup().join(parts))
    answer = Response(text, content_type=f"{HTML}; charset=utf-8")
    answer.headers["Content-Security-Policy"] = _POLICY
    return answer


def words(english: str, chinese: str) -> Markup:
    """A paragraph in both languages."""
    return Markup('<p>{}</p><p lang="zh">{}</p>').format(english, chinese)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Markup:
    """A titled table, moved sideways where a phone is too narrow; no columns named, no heads."""
    heads = Markup().join(Markup("<th>{}</th>").format(column) for column in columns)
    lines = Markup().join(
        Markup("<tr>{}</tr>").format(
            Markup().join(Markup("<td>{}</td>").format(cell) for cell in row)
        )
        for row in rows
    )
    markup = Markup('<h2>{}</h2><div class="wide"><table><tr>{}</tr>{}</table></div>')
    return markup.format(title, heads, lines)


def percent(basis_points: int) -> str:
    """Basis points as people read them: ``1234`` is ``12.34 %``."""
    return f"{basis_points / 100:.2f} %"
