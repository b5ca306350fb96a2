"""Single reasons out of a segment's column of them, without reading all the others."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from isal import isal_zlib

from services.payments.ledger.domain.entries import MAX_REASON_BYTES

_DECODER = json.JSONDecoder()


def picked(column: bytes, indexes: Iterable[int]) -> dict[int, Any]:
    """The reasons of these entries; raise ``KeyError`` for one that has none.

    The column is compact JSON, one object by index, so that ``"8":`` can only be a member's
    name. Where it is there once, it is the one that is looked for, and what follows is read
    alone; where a reason has such a member too, everything is.
    """
    text = isal_zlib.decompress(column)
    whole: dict[str, Any] = {}
    found = {}
    for index in indexes:
        name = b'"%d":' % index
        place = text.find(name)
        start = place + len(name)
        if not whole and place >= 0 and text.find(name, start) < 0:
            # Cut within a letter it may be: what is read ends before that.
            piece = text[start : start + MAX_REASON_BYTES].decode(errors="ignore")
            found[index], _ = _DECODER.raw_decode(piece)
        else:
            whole = whole or json.loads(text)
            found[index] = whole[str(index)]
    return found
