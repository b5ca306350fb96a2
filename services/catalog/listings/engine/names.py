"""The key by which names stand in Chinese order, as the Unicode CLDR has it for ``zh``.

Figures, then Han characters by their commonest reading in pinyin and by its tone, then other
letters without case and marks. A plain comparison of keys is the order. Where characters
are read alike, the CLDR counts strokes and this key the code point.
"""

from __future__ import annotations

import unicodedata
from functools import cache

from services.catalog.listings.engine.initials import readings_of
from services.catalog.listings.engine.words import is_han, pieces_of

LONGEST_KEY = 240  # bytes, so that a cursor holds it; what lies beyond does not count

_HAN, _UNREAD = "@", "~"  # between figures and letters; after every reading
_TONES = {"\u0304": "1", "\u0301": "2", "\u030c": "3", "\u0300": "4"}
_NEUTRAL = "5"
_DIAERESIS, _AFTER_U = "\u0308", ":"  # between a tone, which ends a syllable, and a letter


def name_key(name: str) -> str:
    """The key of a name; empty for one without letters and figures."""
    whole = " ".join(map(_piece_key, pieces_of(name)))
    return whole.encode()[:LONGEST_KEY].decode(errors="ignore")


def _piece_key(piece: str) -> str:
    if is_han(piece):
        return "".join(map(_character_key, piece))
    return "".join(
        letter
        for letter in unicodedata.normalize("NFD", piece)
        if not unicodedata.combining(letter)
    )


@cache  # one entry a character, so never more than Han has
def _character_key(character: str) -> str:
    reading = next(iter(readings_of(character)), "")
    parts = unicodedata.normalize("NFD", reading)
    letters = "".join(
        _AFTER_U if part == _DIAERESIS else part
        for part in parts
        if part == _DIAERESIS or not unicodedata.combining(part)
    )
    tone = next((_TONES[part] for part in parts if part in _TONES), _NEUTRAL)
    return f"{_HAN}{letters}{tone}{character}" if letters else f"{_HAN}{_UNREAD}{character}"
