"""Real themes to compare, and what somebody who copies does to them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import cartridges
from cartridges.package import Package
from services.catalog.similarity.domain import Print
from services.catalog.similarity.engine.themes import passages_of, structure_of
from teahouse.cartridge.folder import read_desk
from tests.unit.catalog.fakes import AUTHOR, NOW, an_id

SAMPLES = Path(cartridges.__file__).parent / "samples"


def sample(name: str) -> Package:
    """One of the themes that come with the format, packed."""
    return read_desk(SAMPLES / name).packed()


def retold(manifest: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The same theme under another name, its texts untouched; its files are left behind."""
    kept = {key: value for key, value in manifest.items() if key not in {"files", "authors"}}
    return kept | {"name": "my-own-idea"} | changes


def a_print(package: Package, *, author_id: str = AUTHOR, days: int = 0, **changes) -> Print:
    given = {
        "digest": package.digest,
        "cartridge_id": an_id("crt"),
        "author_id": author_id,
        "name": package.manifest["name"],
        "version": package.manifest["version"],
        "published_at": NOW + timedelta(days=days),
        "ancestors": (),
        "passages": passages_of(package.manifest, package.files),
        "structure": structure_of(package.manifest),
    }
    return Print(**given | changes)
