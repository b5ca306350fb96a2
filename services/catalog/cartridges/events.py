"""Facts about a cartridge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from chassis.kernel.decisions import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionPublished(DomainEvent):
    """Hosts may run this version; its digest names it for ever."""

    type: ClassVar[str] = "catalog.cartridge.version-published.v1"
    cartridge_id: str
    author_id: str
    name: str
    version: str
    digest: str
    min_people: int
    max_people: int
    royalties: Mapping[str, int] | None = None  # basis points of the royalty by organisation
    manifest: Mapping[str, Any] | None = None  # what the digest pins, at most 256 KiB

    @property
    def subject(self) -> str:
        """The cartridge, so that its versions stay in order."""
        return self.cartridge_id


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionYanked(DomainEvent):
    """Nothing new may be planned with this version; what is planned goes on."""

    type: ClassVar[str] = "catalog.cartridge.version-yanked.v1"
    cartridge_id: str
    author_id: str
    version: str
    digest: str
    reason: str

    @property
    def subject(self) -> str:
        """The cartridge, so that a version is published before it is yanked."""
        return self.cartridge_id
