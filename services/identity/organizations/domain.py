"""Organisations, their members and who may appoint whom. Pure: no I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.errors import Conflict, Forbidden, NotFound, RuleBroken
from chassis.permissions import Kind, Role
from services.identity.organizations.events import MemberJoined, OrganizationRegistered

MOST_MEMBERS = 500


class OrganizationNotFound(NotFound):
    """No such organisation."""

    code = "organization-not-found"
    hint = "Check the identifier; GET /v1/organizations lists yours."
    chinese = "没有这个组织，请核对编号；您的组织见 GET /v1/organizations。"


class NotAMember(Forbidden):
    """You do not belong to this organisation."""

    code = "not-a-member"
    hint = "Ask an owner of the organisation to add you."
    chinese = "您不是该组织的成员，请联系组织所有者添加。"


class AlreadyAMember(Conflict):
    """The user belongs to this organisation already."""

    code = "already-a-member"
    hint = "Nothing is left to do."
    chinese = "该用户已是组织成员。"


class RoleNotYours(Forbidden):
    """Your role may not appoint somebody to this role."""

    code = "role-not-yours"
    hint = "Only an owner appoints owners; ask one."
    chinese = "您的角色无权授予此角色，请联系所有者。"


class RoleUnfit(RuleBroken):
    """An organisation of this kind has no such role."""

    code = "role-unfit"
    hint = "The platform has operators; every other organisation owners, managers and staff."
    chinese = "该类型的组织没有这个角色。"


class KindReserved(Forbidden):
    """The platform's own organisation cannot be registered."""

    code = "kind-reserved"
    hint = "Register as brand, host, venue or author."
    chinese = "平台组织不可注册，请选择品牌、主理人、场地或作者。"


class OrganizationFull(RuleBroken):
    """The organisation has as many members as one can have."""

    code = "organization-full"
    hint = "Split it into several organisations."
    chinese = "组织成员已达上限。"


# Whom each role may appoint.
_APPOINTS: dict[Role, frozenset[Role]] = {
    Role.OWNER: frozenset({Role.OWNER, Role.MANAGER, Role.STAFF}),
    Role.MANAGER: frozenset({Role.STAFF}),
    Role.STAFF: frozenset(),
    Role.OPERATOR: frozenset({Role.OPERATOR}),
}


@dataclass(frozen=True, slots=True)
class Member:
    """A user's place in an organisation."""

    user_id: str
    role: Role
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class Organization:
    """A party: a brand, a host, a venue owner, a cartridge author, or the platform."""

    id: str
    kind: Kind
    name: str
    city: str
    members: tuple[Member, ...]
    registered_at: datetime
    revision: Revision = Revision()

    def role_of(self, user_id: str) -> Role | None:
        """What this user is here, or None for a stranger."""
        return next((m.role for m in self.members if m.user_id == user_id), None)

    def add(self, user_id: str, role: Role, *, by: str, at: datetime) -> Decision[Organization]:
        """Let a user act for the organisation, on the word of a member who may say so."""
        appointer = self.role_of(by)
        if appointer is None:
            raise NotAMember(f"{by} is no member of {self.id}")
        if role not in roles_of(self.kind):
            raise RoleUnfit(f"no {role} in a {self.kind}")
        if role not in _APPOINTS[appointer]:
            raise RoleNotYours(f"a {appointer} may not appoint a {role}")
        if self.role_of(user_id) is not None:
            raise AlreadyAMember(f"{user_id} is a {self.role_of(user_id)} of {self.id}")
        if len(self.members) >= MOST_MEMBERS:
            raise OrganizationFull(f"{MOST_MEMBERS} members")
        joined = MemberJoined(
            organization_id=self.id, user_id=user_id, role=role.value, occurred_at=at
        )
        members = (*self.members, Member(user_id, role, at))
        return Decision(replace(self, members=members), (joined,))


def roles_of(kind: Kind) -> frozenset[Role]:
    """The roles there are in organisations of this kind."""
    if kind is Kind.PLATFORM:
        return frozenset({Role.OPERATOR})
    return frozenset({Role.OWNER, Role.MANAGER, Role.STAFF})


def found(
    organization_id: str, *, kind: Kind, name: str, city: str, founder_id: str, at: datetime
) -> Decision[Organization]:
    """A new organisation, whose founder is its first owner (the platform's: operator)."""
    role = Role.OPERATOR if kind is Kind.PLATFORM else Role.OWNER
    organization = Organization(
        id=organization_id,
        kind=kind,
        name=name,
        city=city,
        members=(Member(founder_id, role, at),),
        registered_at=at,
    )
    registered = OrganizationRegistered(
        organization_id=organization_id, kind=kind.value, name=name, city=city, occurred_at=at
    )
    joined = MemberJoined(
        organization_id=organization_id, user_id=founder_id, role=role.value, occurred_at=at
    )
    return Decision(organization, (registered, joined))
