"""What can be done with cartridges: publish a version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from chassis.kernel.decisions import Decision
from services.catalog.cartridges.domain import (
    Cartridge,
    CartridgeVersion,
    cartridge_id,
    checked,
)


class Cartridges(Protocol):
    """The registry, wherever it is kept."""

    def find(self, cartridge_id: str) -> Cartridge | None:
        """The cartridge, or None when its author has published none of that name."""
        ...

    def version(self, cartridge_id: str, version: str) -> CartridgeVersion:
        """One published version; raise ``CartridgeNotFound``."""
        ...

    def save(self, decision: Decision[Cartridge]) -> Cartridge:
        """Store cartridge, new version and event together, or raise ``Conflict``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishVersion:
    """An author's wish to publish a manifest."""

    author_id: str
    manifest: Mapping[str, Any]


def publish_version(
    command: PublishVersion, *, cartridges: Cartridges, now: datetime
) -> CartridgeVersion:
    """Publish a manifest; publishing the very same again answers the version that is there."""
    manifest = checked(command.manifest)
    name = str(manifest["name"])
    key = cartridge_id(command.author_id, name)
    cartridge = cartridges.find(key) or Cartridge(key, command.author_id, name)
    decision = cartridge.publish(manifest, at=now)
    if decision.events:
        cartridges.save(decision)
    return cartridges.version(key, str(manifest["version"]))
