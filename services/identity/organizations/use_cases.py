"""Founding organisations and adding members."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chassis.kernel.decisions import Decision
from chassis.kernel.ids import Ids
from chassis.permissions import Kind, Role
from services.identity.organizations.domain import KindReserved, Organization, found
from services.identity.users.domain import UserNotFound, address_of
from services.identity.users.use_cases import Users


class Organizations(Protocol):
    """The parties of the marketplace, wherever they are kept."""

    def get(self, organization_id: str) -> Organization:
        """Raise ``OrganizationNotFound`` rather than return None."""
        ...

    def of_user(self, user_id: str) -> tuple[Organization, ...]:
        """Up to a hundred organisations this user belongs to, oldest first."""
        ...

    def platform(self) -> Organization | None:
        """The platform's own organisation, once it has been founded."""
        ...

    def save(self, decision: Decision[Organization]) -> Organization:
        """Store the organisation and its events together, or raise ``Conflict``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundOrganization:
    """A user's wish to take part as a brand, a host, a venue or an author."""

    kind: Kind
    name: str
    city: str
    founder_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddMember:
    """A member's wish to let a registered user act for the organisation."""

    organization_id: str
    email: str
    role: Role
    added_by: str


def found_organization(
    command: FoundOrganization, *, organizations: Organizations, ids: Ids, now: datetime
) -> Organization:
    """Found an organisation; its founder becomes owner. Not for the platform's own."""
    if command.kind is Kind.PLATFORM:
        raise KindReserved
    decision = found(
        ids("org"),
        kind=command.kind,
        name=command.name,
        city=command.city,
        founder_id=command.founder_id,
        at=now,
    )
    return organizations.save(decision)


def found_platform(
    operator_id: str, *, organizations: Organizations, ids: Ids, now: datetime
) -> Organization:
    """Found the platform's own organisation, once; later calls answer the first."""
    existing = organizations.platform()
    if existing is not None:
        return existing
    decision = found(
        ids("org"),
        kind=Kind.PLATFORM,
        name="Teahouse",
        city="",
        founder_id=operator_id,
        at=now,
    )
    return organizations.save(decision)


def add_member(
    command: AddMember, *, organizations: Organizations, users: Users, now: datetime
) -> Organization:
    """Let a registered user act for the organisation."""
    organization = organizations.get(command.organization_id)
    user = users.find(address_of(command.email))
    if user is None:
        raise UserNotFound("nobody has registered with this address")
    decision = organization.add(user.id, command.role, by=command.added_by, at=now)
    return organizations.save(decision)
