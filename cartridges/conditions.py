"""Conditions in CEL (Common Expression Language), with caps so that none can run away.

The engine has no limit of its own on cost, so an expression may be 512 characters long, may
use only the facts and functions listed here, and may not put one macro inside another. The
macros that make lists, ``map`` and ``filter``, are not among them: nothing can grow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any

LONGEST = 512
MOST_WORDS = 50  # in each list of facts

# Escapes, long strings and line breaks (which end comments) could hide a macro from the checks.
_OBSCURE = re.compile(r"""[\\\r\n]|'{3}|"{3}""")
_STRING = re.compile(r"""'[^']*'|"[^"]*\"""")
_MACRO = re.compile(r"\.\s*(all|exists|exists_one)\s*\(\s*([a-z_]+)\s*,")
_OPERATORS = ("!_", "-_", "_+_", "_-_", "_*_", "_/_", "_%_", "_&&_", "_||_", "_?_:_", "_[_]")
_COMPARISONS = ("_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "@in", "@not_strictly_false")
_WORDS = ("size", "contains", "startsWith", "endsWith")
_FUNCTIONS = frozenset((*_OPERATORS, *_COMPARISONS, *_WORDS))
# The engine raises whatever Python has for a fault: a division by zero, a wrong type, ...
_FAULTS = (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError)


class ConditionRefused(Exception):
    """The expression cannot be used; ``code`` is one of the codes of problems."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True, slots=True)
class Facts:
    """What a condition may ask about. Lists hold words; times are local to the venue."""

    people: int
    teams: int = 0
    minutes: int = 120
    month: int = 6
    weekday: int = 6  # Monday is 1 (ISO 8601)
    hour: int = 19
    capacity: int = 5000
    indoor: bool = True
    equipment: tuple[str, ...] = ()
    community_size: int = 100
    community_tags: tuple[str, ...] = ()
    gatherings_held: int = 0
    certificates: tuple[str, ...] = ()

    def context(self) -> dict[str, Any]:
        """As CEL takes them; no list is longer than ``MOST_WORDS``."""
        return {
            name: list(value)[:MOST_WORDS] if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }


NAMES = frozenset(Facts.__dataclass_fields__)


def holds(expression: str, facts: Facts) -> bool:
    """Whether it is true; raise ``ConditionRefused`` when it cannot be used or has no answer."""
    program = compiled(expression)
    try:
        answer = program.execute(facts.context())
    except _FAULTS as error:
        raise ConditionRefused("condition-fails", str(error)[:200]) from None
    if not isinstance(answer, bool):
        reason = f"the answer is {str(answer)[:40]}, neither true nor false"
        raise ConditionRefused("condition-fails", reason)
    return answer


@lru_cache(maxsize=1024)
def compiled(expression: str) -> Any:  # noqa: ANN401 - the engine has no types
    """The program of an expression within the caps; raise ``ConditionRefused``."""
    import cel  # noqa: PLC0415 - a library in Rust that few processes need

    if len(expression) > LONGEST:
        raise ConditionRefused("too-long", f"{len(expression)} characters, the limit is {LONGEST}")
    if obscure := _OBSCURE.search(expression):
        reason = f"{obscure[0]!r} at character {obscure.start() + 1} is not allowed"
        raise ConditionRefused("condition-unreadable", reason)
    try:
        program = cel.compile(expression)
    except ValueError as error:
        reason = re.split(r"ERROR: <input>:|\n", str(error))[1].split(" expecting ")[0]
        raise ConditionRefused("condition-unreadable", reason[:200]) from None
    bare = _STRING.sub("''", expression)
    bound = {match[2] for match in _MACRO.finditer(bare)}
    _refuse_nested(bare)
    _refuse_unknown("condition-name", set(program.variables()) - NAMES - bound)
    _refuse_unknown("condition-function", set(program.functions()) - _FUNCTIONS)
    if re.search(r"\.\s*(map|filter)\s*\(", bare):
        raise ConditionRefused("condition-function", "map and filter make lists")
    return program


def _refuse_unknown(code: str, unknown: set[str]) -> None:
    if unknown:
        raise ConditionRefused(code, f"not known here: {', '.join(sorted(unknown))[:200]}")


def _refuse_nested(bare: str) -> None:
    """Raise when a macro opens before the one around it has closed."""
    opens = {match.end() for match in re.finditer(r"\.\s*(all|exists|exists_one)\s*\(", bare)}
    depth, inside = 0, 0  # inside: the depth at which a macro opened, 0 for none
    for place, character in enumerate(bare, start=1):
        depth += (character == "(") - (character == ")")
        if place in opens:
            if inside:
                raise ConditionRefused("condition-nested", "a macro inside a macro")
            inside = depth
        elif depth < inside:
            inside = 0


def trials(manifest: Mapping[str, Any]) -> Iterator[Facts]:
    """Facts that every condition must have an answer for: few and many people, bare and full."""
    fewest, most = manifest["people"]["min"], manifest["people"]["max"]
    size = manifest.get("teams", {}).get("size", 0)
    minutes = max(step["starts_minute"] + step["minutes"] for step in manifest["programme"])
    words = ("tea", "books")
    for people in sorted({fewest, (fewest + most) // 2, most}):
        facts = Facts(people=people, teams=-(-people // size) if size else 0, minutes=minutes)
        yield facts
        yield replace(facts, equipment=words, community_tags=words, certificates=words)
