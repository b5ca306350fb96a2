"""Organisations over HTTP: parse, call one use case or query, dump."""

from __future__ import annotations

from typing import Any

from chassis.auth import principal
from chassis.kernel.ids import Ids
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, needs, page, position_of, tagged
from chassis.web.schemas import PageQuery
from services.identity.organizations.domain import NotAMember, Organization
from services.identity.organizations.queries import OrganizationLists
from services.identity.organizations.schemas import (
    AddMemberSchema,
    FoundOrganizationSchema,
    MemberPage,
    MembershipPage,
    OrganizationSchema,
)
from services.identity.organizations.use_cases import (
    AddMember,
    FoundOrganization,
    Organizations,
    add_member,
    found_organization,
)
from services.identity.users.use_cases import Users


def organizations_blueprint(
    organizations: Organizations, users: Users, lists: OrganizationLists, ids: Ids, clock: Clock
) -> Blueprint:
    """Routes under ``/v1/organizations``."""
    blueprint = Blueprint(
        "organizations",
        __name__,
        url_prefix="/v1/organizations",
        description="The parties of the marketplace and their members",
    )

    @blueprint.post("")
    @blueprint.arguments(FoundOrganizationSchema)
    @blueprint.response(201, OrganizationSchema)
    def found_organization_view(body: dict[str, Any]) -> Organization:
        """Found an organisation and become its owner."""
        command = FoundOrganization(founder_id=principal().subject, **body)
        return tagged(
            found_organization(command, organizations=organizations, ids=ids, now=clock())
        )

    @blueprint.get("")
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, MembershipPage)
    def list_organizations_view(query: dict[str, Any]) -> dict[str, Any]:
        """The caller's own organisations."""
        limit = query["limit"]
        rows = lists.of_user(
            principal().subject, after=position_of(query["cursor"]), limit=limit + 1
        )
        return page(rows, limit=limit, position=lambda row: str(row["id"]))

    @blueprint.get("/<organization_id>")
    @blueprint.response(200, OrganizationSchema)
    def read_organization_view(organization_id: str) -> Organization:
        """Who an organisation is."""
        return tagged(organizations.get(organization_id))

    @blueprint.post("/<organization_id>/members")
    @needs(Permission.IDENTITY_MEMBER_INVITE)
    @blueprint.arguments(AddMemberSchema)
    @blueprint.response(201, OrganizationSchema)
    def add_member_view(body: dict[str, Any], organization_id: str) -> Organization:
        """Let a registered user act for the caller's organisation."""
        _only_for(organization_id)
        command = AddMember(organization_id=organization_id, added_by=principal().subject, **body)
        return add_member(command, organizations=organizations, users=users, now=clock())

    @blueprint.get("/<organization_id>/members")
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, MemberPage)
    def list_members_view(query: dict[str, Any], organization_id: str) -> dict[str, Any]:
        """The members of the organisation the caller acts for."""
        _only_for(organization_id)
        limit = query["limit"]
        rows = lists.members_of(
            organization_id, after=position_of(query["cursor"]), limit=limit + 1
        )
        return page(rows, limit=limit, position=lambda row: str(row["user_id"]))

    return blueprint


def _only_for(organization_id: str) -> None:
    """Raise ``NotAMember`` unless the caller acts for this organisation."""
    if principal().organization_id != organization_id:
        raise NotAMember(f"the access token is not for {organization_id}")
