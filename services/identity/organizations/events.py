"""Facts about organisations, on topic ``teahouse.identity.organization``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chassis.kernel.decisions import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationRegistered(DomainEvent):
    """A party joined the marketplace; ``kind`` says what it is here for."""

    type: ClassVar[str] = "identity.organization.registered.v1"
    organization_id: str
    kind: str
    name: str
    city: str

    @property
    def subject(self) -> str:
        """The organisation."""
        return self.organization_id


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberJoined(DomainEvent):
    """A user may act for the organisation from now on."""

    type: ClassVar[str] = "identity.organization.member-joined.v1"
    organization_id: str
    user_id: str
    role: str

    @property
    def subject(self) -> str:
        """The organisation."""
        return self.organization_id
