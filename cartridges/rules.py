"""Rules that need the whole manifest; looked at once its form is right."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from cartridges import MACHINE
from cartridges.conditions import ConditionRefused, holds, trials
from cartridges.problems import Problem, problem
from cartridges.versions import can_hold, supports

Manifest = Mapping[str, Any]

WHOLE = 10_000  # basis points
_DAY = 1440  # minutes
_CONDITIONAL = ("roles", "programme", "materials", "kit", "questions", "checklist", "evidence")
_MARKUP = re.compile(r"<[a-zA-Z/!?]|\b(javascript|vbscript|data)\s*:", re.IGNORECASE)
# Control characters except the line break, and those that turn or hide what stands beside them.
_HIDDEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


def rule_problems(manifest: Manifest) -> Iterator[Problem]:
    """What is wrong with a manifest whose form is right."""
    yield from _machine(manifest)
    yield from _people(manifest)
    yield from _ids(manifest)
    yield from _roles(manifest)
    yield from _amounts(manifest)
    yield from _timings(manifest)
    yield from _questions(manifest)
    yield from _shares(manifest)
    yield from _authors(manifest)
    yield from _texts(manifest, manifest["languages"], "")
    yield from _conditions(manifest)


def text_problems(text: str, path: str) -> Iterator[Problem]:
    """What no text may have: tags, scripts, characters that nobody sees."""
    if found := _HIDDEN.search(text):
        reason = f"U+{ord(found[0]):04X} at character {found.start() + 1}"
        yield problem(path, "hidden-characters", reason)
    if found := _MARKUP.search(text):
        reason = f"markup at character {found.start() + 1}"
        yield problem(path, "markup", reason)


def _machine(manifest: Manifest) -> Iterator[Problem]:
    wanted = manifest["machine"]
    if not can_hold(wanted):
        yield problem("/machine", "machine-unreadable", f"no version is {wanted}")
    elif not supports(wanted, MACHINE):
        yield problem("/machine", "machine-unsupported", f"this machine is {MACHINE}")


def _people(manifest: Manifest) -> Iterator[Problem]:
    fewest, most = manifest["people"]["min"], manifest["people"]["max"]
    if fewest > most:
        reason = f"at least {fewest} and at most {most} people"
        yield problem("/people", "people-range", reason)
    size = manifest.get("teams", {}).get("size", 0)
    if size > fewest:
        reason = f"a team of {size} when {fewest} people may come"
        yield problem("/teams/size", "teams-do-not-fit", reason)


def _ids(manifest: Manifest) -> Iterator[Problem]:
    for part in ("roles", "kit", "questions", "conditions"):
        known: set[str] = set()
        for place, each in enumerate(manifest.get(part, ())):
            if each["id"] in known:
                reason = f"the id {each['id']} is there already"
                yield problem(f"/{part}/{place}/id", "id-twice", reason)
            known.add(each["id"])


def _roles(manifest: Manifest) -> Iterator[Problem]:
    roles = manifest.get("roles", ())
    for place, role in enumerate(roles):
        if ("count" in role) == ("people_each" in role):
            reason = "both are given" if "count" in role else "neither is given"
            yield problem(f"/roles/{place}", "role-count", reason)
    known = {role["id"] for role in roles}
    for part in ("programme", "training"):
        for place, each in enumerate(manifest.get(part, ())):
            if "role" in each and each["role"] not in known:
                yield problem(f"/{part}/{place}/role", "role-unknown", f"no role {each['role']}")


def _amounts(manifest: Manifest) -> Iterator[Problem]:
    for part in ("materials", "kit"):
        for place, each in enumerate(manifest.get(part, ())):
            if each["per"] == "team" and "teams" not in manifest:
                reason = "there are no teams"
                yield problem(f"/{part}/{place}/per", "teams-missing", reason)
            if (each["per"] == "people") != ("people_each" in each):
                reason = f"per is {each['per']}"
                yield problem(f"/{part}/{place}", "people-each", reason)


def _timings(manifest: Manifest) -> Iterator[Problem]:
    free_from = 0
    for place, step in enumerate(manifest["programme"]):
        begins, ends = step["starts_minute"], step["starts_minute"] + step["minutes"]
        if begins < free_from:
            reason = f"starts in minute {begins}, the step before ends in {free_from}"
            yield problem(f"/programme/{place}/starts_minute", "programme-overlaps", reason)
        if ends > _DAY:
            reason = f"ends in minute {ends}"
            yield problem(f"/programme/{place}/minutes", "programme-too-long", reason)
        free_from = max(free_from, ends)


def _questions(manifest: Manifest) -> Iterator[Problem]:
    for place, question in enumerate(manifest.get("questions", ())):
        is_choice, has_options = question["kind"] == "choice", "options" in question
        if is_choice and not has_options:
            yield problem(f"/questions/{place}", "options-missing", "a choice without options")
        if has_options and not is_choice:
            reason = f"a question of kind {question['kind']}"
            yield problem(f"/questions/{place}/options", "options-unwanted", reason)


def _shares(manifest: Manifest) -> Iterator[Problem]:
    shares = manifest.get("shares")
    if shares is None:
        return
    if (total := sum(shares.values())) != WHOLE:
        yield problem("/shares", "shares-sum", f"together they are {total}")
    if shares["author"] != (royalty := manifest["royalty_basis_points"]):
        reason = f"shares.author is {shares['author']}, royalty_basis_points {royalty}"
        yield problem("/shares/author", "royalty-differs", reason)


def _authors(manifest: Manifest) -> Iterator[Problem]:
    authors = manifest.get("authors")
    if authors is None:
        return
    if (total := sum(author["basis_points"] for author in authors)) != WHOLE:
        yield problem("/authors", "authors-sum", f"together they are {total}")
    keys = Counter(author["key"] for author in authors if "key" in author)
    for place, author in enumerate(authors):
        if keys[author.get("key", "")] > 1:
            yield problem(f"/authors/{place}/key", "author-key-twice", "another author has it too")
        if "key" not in author and len(authors) > 1:
            reason = f"{len(authors)} authors share the royalty"
            yield problem(f"/authors/{place}", "author-key-missing", reason)


def _texts(value: object, languages: list[str], path: str) -> Iterator[Problem]:
    """Every text is plain, and there in every language."""
    if isinstance(value, str):
        yield from text_problems(value, path)
    if isinstance(value, list):
        for place, item in enumerate(value):
            yield from _texts(item, languages, f"{path}/{place}")
    if not isinstance(value, dict):
        return
    if value and value.keys() <= {"zh", "en"}:
        for language in sorted(set(languages) - value.keys()):
            reason = f"the manifest promises {language}"
            yield problem(f"{path}/{language}", "translation-missing", reason)
    for name, item in value.items():
        if name not in {"rule", "only_if"}:
            yield from _texts(item, languages, f"{path}/{name}")


def expressions(manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Every condition of a manifest with its path."""
    for place, condition in enumerate(manifest.get("conditions", ())):
        yield f"/conditions/{place}/rule", condition["rule"]
    for part in _CONDITIONAL:
        for place, each in enumerate(manifest.get(part, ())):
            if "only_if" in each:
                yield f"/{part}/{place}/only_if", each["only_if"]


def _conditions(manifest: Manifest) -> Iterator[Problem]:
    if manifest["people"]["min"] > manifest["people"]["max"]:
        return  # there is no number of people to try
    for path, expression in expressions(manifest):
        try:
            for facts in trials(manifest):
                holds(expression, facts)
        except ConditionRefused as refusal:
            yield problem(path, refusal.code, str(refusal))
