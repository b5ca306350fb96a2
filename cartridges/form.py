"""Checks the form of a manifest: ``cartridge.schema.json``, told in the words of an author."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from cartridges.problems import MOST_PROBLEMS, Problem, problem
from cartridges.reading import escaped

SCHEMA = Path(__file__).parent / "cartridge.schema.json"
_SHOWN = 60

# Keyword of JSON Schema: our code for what it found.
_CODES = {
    "additionalProperties": "unknown-field",
    "const": "wrong-value",
    "enum": "not-listed",
    "maxItems": "too-many",
    "maxLength": "too-long",
    "maxProperties": "too-many",
    "maximum": "too-large",
    "minItems": "too-few",
    "minLength": "too-short",
    "minProperties": "too-few",
    "minimum": "too-small",
    "pattern": "wrong-form",
    "required": "missing",
    "type": "wrong-type",
    "uniqueItems": "twice",
}
_SAID = {
    "enum": "{given} is none of {limit}",
    "maximum": "{given} given, the limit is {limit}",
    "minimum": "{given} given, the limit is {limit}",
    "minProperties": "nothing is given",
    "type": "{given} is not of type {limit}",
    "uniqueItems": "an entry is there twice",
}
_COUNTED = {"minLength", "maxLength", "minItems", "maxItems", "maxProperties"}


def _pattern(
    _self: Draft202012Validator, pattern: str, given: object, _part: object
) -> Iterator[ValidationError]:
    """In the patterns of JSON Schema ``$`` is the very end; Python's lets a line break follow."""
    ends = rf"{pattern[:-1]}\Z" if pattern.endswith("$") else pattern
    if isinstance(given, str) and not re.search(ends, given):
        yield ValidationError(f"{given!r} does not match {pattern!r}")


_FORM: type[Draft202012Validator] = extend(  # type: ignore[no-untyped-call] # in its stubs
    Draft202012Validator, validators={"pattern": _pattern}
)
_EXACT: type[Draft202012Validator] = extend(  # type: ignore[no-untyped-call] # in its stubs
    _FORM,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: type(value) is int
    ),
)


def form_problems(
    manifest: object, path: Path = SCHEMA, *, is_exact: bool = False
) -> Iterator[Problem]:
    """What the schema has against a manifest, at most ``MOST_PROBLEMS`` findings of it.

    ``path`` names the schema of another kind of document, told in the same words. ``is_exact``
    refuses 12.0 as a whole number, which JSON Schema takes for one: a float may stand for
    another number than was written (RFC 8259, section 6).
    """
    validator = _validator(path, is_exact=is_exact)
    for error in islice(validator.iter_errors(manifest), MOST_PROBLEMS):
        yield from _told(_finding(error), path)


@cache
def schema(path: Path = SCHEMA) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a manifest."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


@cache
def _validator(path: Path, *, is_exact: bool) -> Draft202012Validator:
    Draft202012Validator.check_schema(schema(path))
    return (_EXACT if is_exact else _FORM)(schema(path))


class _Finding(NamedTuple):
    """What the library found, in plain types: ``part`` is the part of the schema."""

    path: str
    keyword: str
    given: Any
    limit: Any
    part: Mapping[str, Any]
    message: str


def _finding(error: ValidationError) -> _Finding:
    path = "".join(f"/{escaped(str(step))}" for step in error.absolute_path)
    part = cast("Mapping[str, Any]", error.schema)
    keyword = str(error.validator)
    return _Finding(path, keyword, error.instance, error.validator_value, part, error.message)


def _told(found: _Finding, path: Path) -> Iterator[Problem]:
    if found.keyword == "additionalProperties":
        yield from _unknown(found)
    elif found.keyword == "required":
        yield from _missing(found, path)
    else:
        yield problem(found.path, _CODES[found.keyword], _reason(found, path))


def _unknown(found: _Finding) -> Iterator[Problem]:
    known = found.part["properties"]
    for name in [name for name in found.given if name not in known][:MOST_PROBLEMS]:
        near = difflib.get_close_matches(name[:_SHOWN], known, n=1)
        guess = f"; did you mean {near[0]}?" if near else ""
        reason = f"there is no field {_shown(name)} here{guess}"
        yield problem(f"{found.path}/{escaped(name[:_SHOWN])}", "unknown-field", reason)


def _missing(found: _Finding, path: Path) -> Iterator[Problem]:
    """The schema reports each name apart; the message is the only place that says which."""
    name = next(each for each in found.limit if found.message.startswith(f"{each!r} "))
    about = _described(found.part["properties"][name], path)
    yield problem(f"{found.path}/{name}", "missing", f"{name} is not there: {about}")


def _reason(found: _Finding, path: Path) -> str:
    given, limit = found.given, found.limit
    if found.keyword in _COUNTED:
        return f"{len(given)} given, the limit is {limit}"
    if found.keyword in _SAID:
        return _SAID[found.keyword].format(given=_shown(given), limit=limit)
    about = _described(found.part, path)
    return f"{_shown(given)} will not do" + (f": {about}" if about else "")


def _described(part: Mapping[str, Any], path: Path) -> str:
    """What the schema says of a part, itself or where it refers to."""
    where = str(part.get("$ref", "")).rpartition("/")[2]
    return str(
        part.get("description") or schema(path)["$defs"].get(where, {}).get("description", "")
    )


def _shown(given: object) -> str:
    if isinstance(given, dict | list):
        return "an object" if isinstance(given, dict) else "a list"
    shown = json.dumps(given, ensure_ascii=False)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
