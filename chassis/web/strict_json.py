"""JSON as a client may send it: what every other part can also hold, and nothing twice."""

from __future__ import annotations

import json
import math
from decimal import Decimal, InvalidOperation
from typing import Any

DEEPEST = 32
GREATEST_INTEGER = 2**63 - 1  # what MongoDB can hold

Place = tuple[str | int, ...]


class UnreadableJson(ValueError):
    """The text is no JSON that is taken here; ``errors`` says why, under the field's name."""

    def __init__(self, why: str, place: Place = ()) -> None:
        super().__init__(why)
        errors: Any = [why]
        for name in reversed(place):
            errors = {name: errors}
        self.errors: list[str] | dict[str | int, Any] = errors


class Rounded(float):
    """A whole number only by rounding to a float; it was written otherwise.

    Whoever asks for whole numbers refuses it, as the fraction that it was.
    """

    def is_integer(self) -> bool:
        """Never."""
        return False


def read(raw: bytes) -> Any:  # noqa: ANN401 - JSON
    """Parse a body; raise ``UnreadableJson`` for what could not be stored or sent on.

    That is: other encodings than UTF-8, the same name twice in an object, ``NaN`` and
    infinities, integers beyond 64 bits, halves of surrogate pairs, names with a NUL, and
    more than 32 levels. What was written as another number than the whole one that a float
    makes of it is ``Rounded``.
    """
    try:
        found = json.loads(raw.decode(), object_pairs_hook=_object, parse_float=_float)
    except UnreadableJson:
        raise
    except RecursionError:
        raise UnreadableJson("Nested too deep.") from None
    except ValueError:
        raise UnreadableJson("Invalid JSON body.") from None
    _look_through(found, ())
    return found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise UnreadableJson("The same name twice in one object.")
    return members


def _float(text: str) -> float:
    found = float(text)
    return Rounded(found) if found.is_integer() and not _is_exactly(found, text) else found


def _is_exactly(number: float, text: str) -> bool:
    try:
        return Decimal(text) == number
    except InvalidOperation:  # an exponent beyond all reason
        return False


def _look_through(value: object, place: Place) -> None:
    if isinstance(value, str):
        _must_be_text(value, place)
    elif isinstance(value, int | float):
        _must_be_number(value, place)
    elif isinstance(value, dict | list):
        if len(place) == DEEPEST:
            raise UnreadableJson("Nested too deep.")
        if isinstance(value, dict):
            _look_at_names(value, place)
        for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
            _look_through(inner, (*place, name))


def _look_at_names(members: dict[str, Any], place: Place) -> None:
    for name in members:
        _must_be_text(name, place)
        if "\0" in name:
            raise UnreadableJson("A name with a NUL in it.", place)


def _must_be_text(text: str, place: Place) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise UnreadableJson("Half of a surrogate pair.", place) from None


def _must_be_number(number: float, place: Place) -> None:
    if isinstance(number, float) and not math.isfinite(number):
        raise UnreadableJson("Not a number that JSON can hold.", place)
    if isinstance(number, int) and not -GREATEST_INTEGER - 1 <= number <= GREATEST_INTEGER:
        raise UnreadableJson("A number of more than 64 bits.", place)
