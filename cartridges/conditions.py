"""Conditions in CEL (Common Expression Language), with caps so that none can run away.

The engine has no limit of its own on cost, so an expression may be 512 characters long, may
use only the facts and functions listed here, and may not put one macro inside another. The
macros that make lists, ``map`` and ``filter``, are not among them: nothing can grow.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any

LONGEST = 512
MOST_WORDS = 50  # in each list of facts
MOST_SIZES = 40  # numbers of people that a condition is tried with

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
_FOLLOWING = frozenset({"people", "teams", "minutes"})  # from the manifest and who comes
_RANGES = {"month": (1, 12), "weekday": (1, 7), "hour": (0, 23)}
_GREATEST = 5_000_000


class FactWrong(Exception):
    """There is no such fact, or it cannot be that."""


def facts_given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as somebody writes them, as ``Facts`` takes them; raise ``FactWrong``.

    A list may be a single word, or words with commas between.
    """
    return {name: _fact(name, value) for name, value in values.items()}


def _fact(name: str, value: Any) -> Any:  # noqa: ANN401 - whatever was written
    if name not in NAMES - _FOLLOWING:
        told = ", ".join(sorted(NAMES - _FOLLOWING))
        raise FactWrong(f"no fact {name}; there are {told}")
    default: Any = Facts.__dataclass_fields__[name].default
    if isinstance(default, tuple):
        words = value.split(",") if isinstance(value, str) else value
        if isinstance(words, list) and all(isinstance(word, str) for word in words):
            return tuple(word.strip() for word in words if word.strip())
        raise FactWrong(f"{name} is a list of words, such as food-hygiene,first-aid")
    if type(value) is not type(default):
        raise FactWrong(f"{name} is {'true or false' if default is True else 'a whole number'}")
    least, most = _RANGES.get(name, (0, _GREATEST))
    if not least <= value <= most:
        raise FactWrong(f"{name} is from {least} to {most}")
    return value


def holds(expression: str, facts: Facts) -> bool:
    """Whether it is true; raise ``ConditionRefused`` when it cannot be used or has no answer."""
    about = f"{facts.people} people at {facts.hour} o'clock"
    return is_true(expression, facts.context(), NAMES, about=about)


def is_true(
    expression: str, context: Mapping[str, Any], names: frozenset[str], *, about: str
) -> bool:
    """Whether it is true of what ``names`` stand for in ``context``, within the same caps.

    ``about`` says in a refusal whom the facts are of. Raises ``ConditionRefused``.
    """
    program = compiled(expression, names)
    try:
        answer = program.execute(dict(context))
    except _FAULTS as error:
        raise ConditionRefused("condition-fails", _told(error, about)) from None
    if not isinstance(answer, bool):
        reason = f"the answer is {str(answer)[:40]}, neither true nor false"
        raise ConditionRefused("condition-fails", reason)
    return answer


@lru_cache(maxsize=1024)
def compiled(expression: str, names: frozenset[str] = NAMES) -> Any:  # noqa: ANN401 - the engine has no types
    """The program of an expression within the caps, over these names; raise ``ConditionRefused``.

    It is the one guard of the project: whoever has other facts gives their names.
    """
    import cel  # noqa: PLC0415 - a library in Rust that few processes need

    if len(expression) > LONGEST:
        raise ConditionRefused("too-long", f"{len(expression)} characters, the limit is {LONGEST}")
    if obscure := _OBSCURE.search(expression):
        reason = f"{obscure[0]!r} at character {obscure.start() + 1} is not allowed"
        raise ConditionRefused("condition-unreadable", reason)
    try:
        program = cel.compile(expression)
    except ValueError as error:
        found = re.search(
            r"<input>:1:([0-9]+): (Syntax error: )?(.*?)( expecting|\n|$)", str(error)
        )
        where = f"character {found[1]} of the rule: {found[3]}" if found else str(error)
        raise ConditionRefused("condition-unreadable", where[:200]) from None
    bare = _STRING.sub("''", expression)
    bound = {match[2] for match in _MACRO.finditer(bare)}
    _refuse_nested(bare)
    _refuse_unknown("condition-name", set(program.variables()) - names - bound, names)
    _refuse_unknown("condition-function", set(program.functions()) - _FUNCTIONS, names)
    if re.search(r"\.\s*(map|filter)\s*\(", bare):
        raise ConditionRefused("condition-function", "map and filter make lists")
    return program


def _told(error: Exception, about: str) -> str:
    """What went wrong, and for whom; the engine takes a method of texts on a list for unknown."""
    told = str(error).split(".")[0][:160]
    if re.search("function: '(contains|startsWith|endsWith)'", told):
        told = "contains, startsWith and endsWith are for texts; for a list write 'word' in list"
    return f"{told} (with {about})"


def _refuse_unknown(code: str, unknown: set[str], names: frozenset[str]) -> None:
    if unknown:
        near = difflib.get_close_matches(min(unknown), names, n=1)
        guess = f"; did you mean {near[0]}?" if near else ""
        raise ConditionRefused(code, f"not known here: {', '.join(sorted(unknown))[:200]}{guess}")


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
    """Facts that every condition must have an answer for.

    Every number of people, up to ``MOST_SIZES`` of them evenly over the range; every hour,
    weekday and month; a host's first gathering and her hundredth; lists empty and with words.
    """
    fewest, most = manifest["people"]["min"], manifest["people"]["max"]
    size = manifest.get("teams", {}).get("size", 0)
    minutes = max(step["starts_minute"] + step["minutes"] for step in manifest["programme"])
    words = ("tea", "books")
    step = max(1, (most - fewest) // (MOST_SIZES - 1))
    for place, people in enumerate(sorted({*range(fewest, most + 1, step), most})):
        facts = Facts(people=people, teams=-(-people // size) if size else 0, minutes=minutes)
        yield replace(facts, hour=place % 24, weekday=place % 7 + 1, month=place % 12 + 1)
        if people in {fewest, most}:
            yield from _occasions(replace(facts, capacity=people, gatherings_held=100))
            yield replace(facts, equipment=words, community_tags=words, certificates=words)


def _occasions(facts: Facts) -> Iterator[Facts]:
    """The same people at every hour, on every weekday, in every month, in and out of doors."""
    for hour in range(24):
        yield replace(facts, hour=hour, weekday=hour % 7 + 1, month=hour % 12 + 1)
    yield replace(facts, indoor=False)
