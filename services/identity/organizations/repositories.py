"""Organisations kept in MongoDB."""

from __future__ import annotations

from dataclasses import replace

from chassis import outbox
from chassis.kernel.decisions import Decision
from chassis.permissions import Kind, Role
from services.identity.organizations.documents import MemberDocument, OrganizationDocument
from services.identity.organizations.domain import Member, Organization, OrganizationNotFound

MOST_OF_ONE_USER = 100


class MongoOrganizations:
    """The ``Organizations`` port over the ``organizations`` collection."""

    def get(self, organization_id: str) -> Organization:
        document = OrganizationDocument.objects(pk=organization_id).first()
        if document is None:
            raise OrganizationNotFound(f"no organisation {organization_id}")
        return _to_domain(document)

    def of_user(self, user_id: str) -> tuple[Organization, ...]:
        found = OrganizationDocument.objects(members__user_id=user_id)
        return tuple(map(_to_domain, found.order_by("id").limit(MOST_OF_ONE_USER)))

    def platform(self) -> Organization | None:
        document = OrganizationDocument.objects(kind=Kind.PLATFORM.value).first()
        return None if document is None else _to_domain(document)

    def save(self, decision: Decision[Organization]) -> Organization:
        organization = decision.state
        revision = outbox.save(_to_document(organization), organization.revision, decision.events)
        return replace(organization, revision=revision)


def _to_domain(document: OrganizationDocument) -> Organization:
    return Organization(
        id=document.id,
        kind=Kind(document.kind),
        name=document.name,
        city=document.city or "",
        members=tuple(
            Member(member.user_id, Role(member.role), member.joined_at)
            for member in document.members
        ),
        registered_at=document.registered_at,
        revision=document.revision(),
    )


def _to_document(organization: Organization) -> OrganizationDocument:
    return OrganizationDocument(
        id=organization.id,
        kind=organization.kind.value,
        name=organization.name,
        city=organization.city,
        members=[
            MemberDocument(
                user_id=member.user_id, role=member.role.value, joined_at=member.joined_at
            )
            for member in organization.members
        ],
        registered_at=organization.registered_at,
    )
