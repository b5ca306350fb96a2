"""What has to exist before a service may start: collections and their indexes."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator, Sequence
from pathlib import Path

from mongoengine import Document


def documents_of(*packages: str) -> Sequence[type[Document]]:
    """Every stored document that these packages define, in the order of their names."""
    for package in packages:
        _import_all(package)
    inside = tuple(f"{package}." for package in packages)
    found = [kind for kind in _kinds(Document) if kind.__module__.startswith(inside)]
    return sorted(found, key=lambda kind: f"{kind.__module__}.{kind.__qualname__}")


def _import_all(package: str) -> None:
    """Import the modules that speak of documents: the whole package would take seconds."""
    spec = importlib.util.find_spec(package)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for source in sorted(Path(folder).rglob("*.py")):
            if "Document" in source.read_text(encoding="utf-8"):
                inner = source.relative_to(folder).with_suffix("").parts
                importlib.import_module(".".join((package, *inner)).removesuffix(".__init__"))


def _kinds(kind: type[Document]) -> Iterator[type[Document]]:
    for heir in kind.__subclasses__():
        if not heir._meta.get("abstract"):
            yield heir
        yield from _kinds(heir)
