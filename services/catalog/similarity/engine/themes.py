"""What of a manifest is compared: its texts by path, and its structure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

_PEOPLE_READ = frozenset({"title", "summary", "text", "otherwise", "notes", "options"})


def passages_of(manifest: Mapping[str, Any], files: Mapping[str, bytes]) -> dict[str, str]:
    """Every text in every language by JSON pointer (RFC 6901), and paragraphs of text files.

    Paragraphs are named ``texts/NAME.md#3``, counted from one.
    """
    found = dict(_texts(manifest, ""))
    for name in sorted(files):
        if name.endswith(".md"):
            found |= _paragraphs(name, files[name].decode(errors="replace"))
    return found


def structure_of(manifest: Mapping[str, Any]) -> dict[str, int]:
    """The shape of a theme without its words: steps, roles, things, questions, conditions."""
    features = [f"people {manifest['people']['min']}-{manifest['people']['max']}"]
    features += [
        f"step {step['starts_minute']}+{step['minutes']}" for step in _of(manifest, "programme")
    ]
    features += [f"role {role['id']}" for role in _of(manifest, "roles")]
    features += [
        f"material {thing['quantity']} per {thing['per']}" for thing in _of(manifest, "materials")
    ]
    features += [
        f"kit {goods['category']} {goods['quantity']} per {goods['per']}"
        for goods in _of(manifest, "kit")
    ]
    features += [f"question {asked['id']} {asked['kind']}" for asked in _of(manifest, "questions")]
    features += [f"condition {rule['rule']}" for rule in _of(manifest, "conditions")]
    return dict(Counter(features))


def _of(manifest: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    return list(manifest.get(name, ()))


def _texts(value: object, path: str) -> Iterator[tuple[str, str]]:
    """Texts at the ends of ``title`` and its like, one for each language."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _texts(inner, f"{path}/{name}")
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from _texts(inner, f"{path}/{number}")
    elif isinstance(value, str) and not _PEOPLE_READ.isdisjoint(path.split("/")):
        yield path, value


def _paragraphs(name: str, text: str) -> dict[str, str]:
    parts = [part for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()]
    return {f"{name}#{number}": part for number, part in enumerate(parts, start=1)}
