"""What is wrong with a manifest: where, why, and what to do about it, in both languages."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

SCHEMA = Path(__file__).parent.parent / "manifest.schema.json"
MOST_PROBLEMS = 100
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to put right; ``path`` is a JSON pointer (RFC 6901)."""

    path: str
    code: str
    reason: str
    hint: str
    chinese: str


# Keyword of JSON Schema: what to do, in English and Chinese.
_HINTS = {
    "required": ("Add the field.", "缺少必填字段，请补充。"),
    "additionalProperties": ("Remove the field or correct its name.", "未知字段，请删除或更正。"),
    "type": ("Give a value of the right type.", "值的类型不正确。"),
    "const": ("Use exactly the value of this edition.", "须填写本版规定的值。"),
    "enum": ("Choose one of the values listed.", "须从允许的值中选择。"),
    "pattern": ("Write it in the form described.", "格式不正确。"),
    "minLength": ("Write more.", "内容过短。"),
    "maxLength": ("Write less.", "内容过长。"),
    "minimum": ("Choose a greater number.", "数值过小。"),
    "maximum": ("Choose a smaller number.", "数值过大。"),
    "minItems": ("Add at least one.", "项目过少。"),
    "maxItems": ("Leave some out.", "项目过多。"),
    "minProperties": ("Give at least one.", "至少填写一项。"),
    "uniqueItems": ("Name each only once.", "项目重复。"),
}


def problems_of(manifest: object) -> list[Problem]:
    """Everything that is wrong, in the order of the manifest; at most 100 problems.

    Rules that need the whole manifest are looked at once its form is right.
    """
    errors = islice(_validator().iter_errors(manifest), MOST_PROBLEMS)
    found = [_explained(error) for error in errors]
    if not found and isinstance(manifest, Mapping):
        found = list(_whole(manifest))
    return sorted(found, key=lambda problem: (problem.path, problem.code))[:MOST_PROBLEMS]


@cache
def _validator() -> Draft202012Validator:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def _explained(error: ValidationError) -> Problem:
    keyword = str(error.validator)
    hint, chinese = _HINTS.get(keyword, ("Read the schema.", "请查阅清单规范。"))
    path = "".join(f"/{_escaped(str(step))}" for step in error.absolute_path)
    return Problem(path, keyword, _reason(keyword, error), hint, chinese)


def _reason(keyword: str, error: ValidationError) -> str:
    given, wanted = error.instance, json.dumps(error.validator_value, ensure_ascii=False)
    if keyword in {"required", "additionalProperties"}:
        return error.message[:300]
    if keyword in {"minLength", "maxLength", "minItems", "maxItems"}:
        return f"{len(given)} given, the limit is {wanted}"  # type: ignore[arg-type] # text or list
    return f"{_shown(given)} does not satisfy {keyword} {wanted[:200]}"


def _shown(given: object) -> str:
    if isinstance(given, dict | list):
        return "an object" if isinstance(given, dict) else "a list"
    return json.dumps(given, ensure_ascii=False)[:_SHOWN]


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")


def _whole(manifest: Mapping[str, Any]) -> Iterator[Problem]:
    yield from _people(manifest)
    yield from _roles(manifest)
    yield from _timings(manifest)
    yield from _languages(manifest, manifest["languages"], "")


def _people(manifest: Mapping[str, Any]) -> Iterator[Problem]:
    fewest, most = manifest["people"]["min"], manifest["people"]["max"]
    if fewest > most:
        yield Problem(
            "/people",
            "people-range",
            f"at least {fewest} and at most {most} people",
            "Let min be no more than max.",
            "最少人数不能大于最多人数。",
        )


def _roles(manifest: Mapping[str, Any]) -> Iterator[Problem]:
    known: set[str] = set()
    for place, role in enumerate(manifest.get("roles", ())):
        if role["id"] in known:
            yield Problem(
                f"/roles/{place}/id",
                "role-twice",
                f"the role {role['id']} is there already",
                "Give every role an id of its own.",
                "角色编号重复。",
            )
        known.add(role["id"])
    for place, step in enumerate(manifest["programme"]):
        if "role" in step and step["role"] not in known:
            yield Problem(
                f"/programme/{place}/role",
                "role-unknown",
                f"no role {step['role']}",
                "Name one of the roles listed under roles.",
                "节目引用了未定义的角色。",
            )


def _timings(manifest: Mapping[str, Any]) -> Iterator[Problem]:
    free_from = 0
    for place, step in enumerate(manifest["programme"]):
        if step["starts_minute"] < free_from:
            yield Problem(
                f"/programme/{place}/starts_minute",
                "programme-overlaps",
                f"starts in minute {step['starts_minute']}, the step before ends in {free_from}",
                "List the steps in order and let none start before the last has ended.",
                "节目须按时间先后排列且不得重叠。",
            )
        free_from = max(free_from, step["starts_minute"] + step["minutes"])


def _languages(value: object, languages: list[str], path: str) -> Iterator[Problem]:
    """Every text must be there in every language."""
    if isinstance(value, list):
        for place, item in enumerate(value):
            yield from _languages(item, languages, f"{path}/{place}")
    if not isinstance(value, dict):
        return
    if value.keys() <= {"zh", "en"} and value:
        for language in sorted(set(languages) - value.keys()):
            yield Problem(
                f"{path}/{language}",
                "translation-missing",
                f"the manifest promises {language}",
                "Add the text, or take the language out of languages.",
                "缺少该语言的文本。",
            )
        return
    for name, item in value.items():
        yield from _languages(item, languages, f"{path}/{name}")
