"""What has to exist before a service may start: collections and their indexes."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Sequence

from mongoengine import Document


def documents_of(*packages: str) -> Sequence[type[Document]]:
    """Every stored document that these packages define, in the order of their names."""
    for package in packages:
        _import_all(package)
    inside = tuple(f"{package}." for package in packages)
    found = [kind for kind in _kinds(Document) if kind.__module__.startswith(inside)]
    return sorted(found, key=lambda kind: f"{kind.__module__}.{kind.__qualname__}")


def _import_all(package: str) -> None:
    root = importlib.import_module(package)
    for module in pkgutil.walk_packages(root.__path__, f"{package}."):
        importlib.import_module(module.name)


def _kinds(kind: type[Document]) -> Iterator[type[Document]]:
    for heir in kind.__subclasses__():
        if not heir._meta.get("abstract"):
            yield heir
        yield from _kinds(heir)
