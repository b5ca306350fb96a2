"""Facts about a community."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from chassis.kernel.decisions import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunityEvent(DomainEvent):
    """How a community stands: ``tags`` weigh what its people care about, 1 to 100."""

    community_id: str
    host_id: str
    city: str
    size: int
    tags: Mapping[str, int]

    @property
    def subject(self) -> str:
        """The community."""
        return self.community_id


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunityFounded(CommunityEvent):
    """A host told us of people she brings together."""

    type: ClassVar[str] = "matching.community.founded.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunityChanged(CommunityEvent):
    """They are more, fewer, elsewhere, or care about other things now."""

    type: ClassVar[str] = "matching.community.changed.v1"
