"""The verdict on a manifest: form first, then the rules over the whole."""

from __future__ import annotations

from collections.abc import Mapping

from cartridges.canonical import canonical
from cartridges.form import form_problems
from cartridges.problems import CartridgeRefused, Problem, in_order, problem
from cartridges.reading import MOST_BYTES, MOST_DEPTH
from cartridges.rules import rule_problems


def problems_of(manifest: object) -> list[Problem]:
    """Everything that is wrong, by place; at most 100 problems, none for a good manifest.

    Rules that need the whole manifest are looked at once its form is right. It takes any JSON
    value and never raises; work is bounded by the size and depth that are looked at first.
    """
    if too_big := _size_problems(manifest):
        return too_big
    found = list(form_problems(manifest))
    if not found and isinstance(manifest, Mapping):
        found = list(rule_problems(manifest))
    return in_order(found)


def checked(manifest: object) -> None:
    """Raise ``CartridgeRefused`` when there is anything to put right."""
    if found := problems_of(manifest):
        raise CartridgeRefused(found)


def _size_problems(manifest: object) -> list[Problem]:
    if (path := _too_deep(manifest, "", 0)) is not None:
        return [problem(path, "too-deep", f"more than {MOST_DEPTH} levels")]
    try:
        length = len(canonical(manifest))
    except UnicodeEncodeError:
        return [problem("", "not-utf-8", "half of a surrogate pair")]
    except ValueError:
        return [problem("", "wrong-type", "a number that JSON cannot write")]
    if length > MOST_BYTES:
        return [problem("", "file-too-large", f"{length} bytes, the limit is {MOST_BYTES}")]
    return []


def _too_deep(value: object, path: str, depth: int) -> str | None:
    if not isinstance(value, dict | list):
        return None
    if depth > MOST_DEPTH:
        return path
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    found = (_too_deep(item, f"{path}/{name}"[:200], depth + 1) for name, item in inside)
    return next((where for where in found if where is not None), None)
