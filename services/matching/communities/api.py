"""Communities over HTTP: parse, call one use case or query, dump."""

from __future__ import annotations

from typing import Any

from chassis.auth import principal
from chassis.kernel.ids import Ids
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, check_if_match, etag, needs, page, position_of
from chassis.web.schemas import PageQuery
from services.matching.communities.domain import Community
from services.matching.communities.queries import CommunityLists
from services.matching.communities.schemas import (
    CommunityPage,
    CommunitySchema,
    PortraitSchema,
    community_reply,
)
from services.matching.communities.use_cases import (
    Communities,
    FoundCommunity,
    change_community,
    found_community,
    own_community,
)


def communities_blueprint(
    communities: Communities, lists: CommunityLists, clock: Clock, ids: Ids
) -> Blueprint:
    """Routes under ``/v1/communities``."""
    blueprint = Blueprint(
        "communities",
        __name__,
        url_prefix="/v1/communities",
        description="The people hosts bring together",
    )

    @blueprint.post("")
    @needs(Permission.MATCHING_COMMUNITY_FOUND)
    @blueprint.arguments(PortraitSchema)
    @blueprint.response(201, CommunitySchema)
    def found_community_view(body: dict[str, Any]) -> dict[str, Any]:
        """Tell of people the caller's organisation brings together."""
        command = FoundCommunity(host_id=principal().organization_id, **body)
        return _reply(found_community(command, communities=communities, ids=ids, now=clock()))

    @blueprint.get("")
    @needs(Permission.MATCHING_COMMUNITY_FOUND)
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, CommunityPage)
    def list_communities_view(query: dict[str, Any]) -> dict[str, Any]:
        """The communities of the organisation the caller acts for."""
        limit = query["limit"]
        rows = lists.of_host(
            principal().organization_id, after=position_of(query["cursor"]), limit=limit + 1
        )
        return page(rows, limit=limit, position=lambda row: str(row["id"]))

    @blueprint.get("/<community_id>")
    @blueprint.response(200, CommunitySchema)
    def read_community_view(community_id: str) -> dict[str, Any]:
        """Who a community is."""
        return _reply(communities.get(community_id))

    @blueprint.put("/<community_id>")
    @needs(Permission.MATCHING_COMMUNITY_FOUND)
    @blueprint.arguments(PortraitSchema)
    @blueprint.response(200, CommunitySchema)
    def change_community_view(body: dict[str, Any], community_id: str) -> dict[str, Any]:
        """Tell anew of a community; If-Match names the version it was read at."""
        community = own_community(
            community_id, principal().organization_id, communities=communities
        )
        check_if_match(community.revision.version)
        return _reply(change_community(community, **body, communities=communities, now=clock()))

    return blueprint


def _reply(community: Community) -> dict[str, Any]:
    etag(community.revision.version)
    return community_reply(community)
