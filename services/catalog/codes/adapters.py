"""Codes as signed tokens, as sheets to print and as the page a phone shows."""

from __future__ import annotations

import csv
import hashlib
import io
import itertools
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from joserfc.jwk import OKPKey
from markupsafe import Markup

from chassis.kernel.formulas import marked
from chassis.signer import SignatureInvalid, Signer, header_of, payload_of, signed
from services.catalog.codes.domain import CODES_A_SHEET, CodeInvalid, CodeKeyUnknown
from services.catalog.codes.engine.spelling import (
    KEY_LETTERS,
    Code,
    CodeKind,
    CodeUnreadable,
    Spelled,
    spell,
    to_code,
    to_payload,
    unspell,
)
from services.catalog.codes.use_cases import Reading, Seen

Keys = Callable[[str], Sequence[OKPKey]]

# Says what it is for, so that no other token that the same keys sign passes for a code.
TYPE = "teahouse-code"
PATH = "/v1/scans/"

PIECE = 65_536  # characters, and the end of the line it ends in

# A sheet of A4 in millimetres: 4 codes in a row, 6 rows.
_COLUMNS, _LEFT, _TOP, _CELL_WIDTH, _CELL_HEIGHT, _CODE = 4, 9, 12, 48, 46, 40

_TITLES = {
    CodeKind.PACK: ("这一包是真的", "This pack is genuine"),
    CodeKind.INVITATION: ("欢迎赴约", "You are invited"),
    CodeKind.DOOR: ("欢迎光临", "Welcome"),
}
_STYLE = (
    "body{font:1.1rem/1.6 system-ui,sans-serif;max-width:32rem;margin:3rem auto;padding:0 1rem;"
    "color-scheme:light dark}h1{font-size:1.6rem}small{opacity:.7}"
)
_PAGE = Markup(
    "<!doctype html>\n"
    '<html lang="zh"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    "<title>{chinese} · {english}</title><style>{style}</style></head>"
    '<body><main><h1>{chinese}</h1><p lang="en">{english}</p><p>{title}</p>'
    "<p>第 {serial} 号，共 {count} 个<br>"
    '<span lang="en">Number {serial} of {count}</span></p>'
    "<p><small>今天的扫码已记下，不含个人信息。<br>"
    '<span lang="en">Today\'s scan is noted, with nothing personal in it.</span></small></p>'
    "</main></body></html>\n"
)
_DIGEST = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
# What the page may do: show its own style, and nothing else.
PAGE_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; frame-ancestors 'none'; base-uri 'none'"
)


class SignedCodes:
    """The ``CodeKeys`` port over the keys that catalog signs with."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    def key_id(self) -> str:
        return str(self._signer.current().kid)

    def write(self, codes: Sequence[Code], key_id: str) -> list[str]:
        (key,) = self._signer.named(key_id)
        return [to_text(code, key) for code in codes]

    def read(self, text: str) -> Reading:
        return verified(text, self._signer.named)


def to_text(code: Code, key: OKPKey) -> str:
    """Sign a code: a compact JWS (RFC 7515) whose header is left out, for it can be said again."""
    payload = to_payload(code)
    signature = signed(payload, type=TYPE, key=key).rpartition(".")[2]
    return spell(Spelled(payload, str(key.kid)[:KEY_LETTERS], _bytes_of(signature)))


def verified(text: str, keys: Keys) -> Reading:
    """What a code says, with no network: ``keys`` are those whose id begins with four letters.

    Raises ``CodeInvalid`` and ``CodeKeyUnknown``.
    """
    try:
        spelled = unspell(text)
        code = to_code(spelled.payload)
    except CodeUnreadable as error:
        raise CodeInvalid(str(error)) from error
    candidates = keys(spelled.key_start)
    if not candidates:
        raise CodeKeyUnknown(f"no key begins with {spelled.key_start}")
    for key in candidates:
        if _fits(spelled, key):
            return Reading(code, str(key.kid))
    raise CodeInvalid("the signature does not fit")


def address(origin: str, text: str) -> str:
    """Where a phone goes that scans it."""
    return f"{origin}{PATH}{text}"


def sheet(codes: Iterable[tuple[int, str]], *, origin: str, count: int) -> str:
    """A page of A4 with QR codes (ISO/IEC 18004) and their numbers, as SVG."""
    drawn = [
        _cell(place, text, origin=origin, caption=f"{serial} / {count}")
        for place, (serial, text) in enumerate(codes)
    ]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="210mm" height="297mm" '
        'viewBox="0 0 210 297"><rect width="210" height="297" fill="#fff"/>'
        f"{''.join(drawn)}</svg>"
    )


def code_table(codes: Iterable[tuple[int, str]], *, origin: str) -> Iterator[str]:
    """Codes as CSV, piece by piece: number, code and address."""
    lines = ((serial, text, address(origin, text)) for serial, text in codes)
    return _table(("serial", "code", "url"), lines)


def scan_table(scans: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Scans as CSV, piece by piece, one a line, with whom each is credited to.

    However many there are, no more than a piece of them is in memory at once.
    """
    columns = ("day", "at", "serial", "kind", "lot_id", "host_id", "community_id")
    lines = (
        [scan["at"].isoformat() if name == "at" else scan.get(name) for name in columns]
        for scan in scans
    )
    return _table(columns, lines)


def page(seen: Seen) -> str:
    """What the phone of somebody who scanned a code shows: no script, nothing to load."""
    chinese, english = _TITLES[seen.code.kind]
    return _PAGE.format(
        chinese=chinese,
        english=english,
        style=Markup(_STYLE),  # noqa: S704 - our own text
        title=seen.title,
        serial=seen.code.serial,
        count=seen.batch.count,
    )


def _cell(place: int, text: str, *, origin: str, caption: str) -> str:
    import segno  # noqa: PLC0415 - drawing is rare, and the import takes a while

    # Two parts, for capitals and figures take less room than an address in small letters.
    parts: Any = [f"{origin}{PATH}", text]  # which its types do not tell of
    drawn = segno.make(parts, error="m", micro=False)
    row, column = divmod(place % CODES_A_SHEET, _COLUMNS)
    left, top = _LEFT + column * _CELL_WIDTH, _TOP + row * _CELL_HEIGHT
    inside = drawn.svg_inline(scale=_CODE / drawn.symbol_size(border=4)[0], border=4)
    return (
        f'<g transform="translate({left} {top})">{inside}'
        f'<text x="{_CODE / 2}" y="{_CODE + 1}" font-size="3" font-family="sans-serif" '
        f'text-anchor="middle">{caption}</text></g>'
    )


def _table(columns: Sequence[str], lines: Iterable[Sequence[object]]) -> Iterator[str]:
    """Lines as CSV (RFC 4180); what a spreadsheet would run as a formula is kept as text."""
    piece = io.StringIO()
    writer = csv.writer(piece)
    for line in itertools.chain([columns], lines):
        writer.writerow([marked(cell) if isinstance(cell, str) else cell for cell in line])
        if piece.tell() > PIECE:
            yield piece.getvalue()
            piece.seek(0)
            piece.truncate()
    yield piece.getvalue()


def _fits(spelled: Spelled, key: OKPKey) -> bool:
    header = header_of(type=TYPE, key=key)
    token = f"{header}.{_text_of(spelled.payload)}.{_text_of(spelled.signature)}"
    try:
        payload_of(token, key)
    except SignatureInvalid:
        return False
    return True


def _text_of(plain: bytes) -> str:
    return urlsafe_b64encode(plain).rstrip(b"=").decode()


def _bytes_of(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
