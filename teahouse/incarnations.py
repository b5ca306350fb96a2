"""Which incarnation each service of a local suite is in: raised by a restore, kept in ``var``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

NAME = "incarnations.json"


def load_incarnations(var: Path) -> dict[str, str]:
    """What the services are told, such as ``CATALOG_INCARNATION``; empty before any restore."""
    path = var / NAME
    found: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}
    return variables(found)


def keep_incarnations(var: Path, raised: Mapping[str, int]) -> None:
    """Have the suite start these services in these incarnations from now on."""
    path = var / NAME
    known: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(known | dict(raised), indent=2), encoding="utf-8")
    fresh.replace(path)


def variables(incarnations: Mapping[str, int]) -> dict[str, str]:
    """The environment that says them."""
    return {f"{name.upper()}_INCARNATION": str(number) for name, number in incarnations.items()}
