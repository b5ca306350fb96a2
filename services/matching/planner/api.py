"""Plans over HTTP: parse, search, show as JSON or as a page."""

from __future__ import annotations

from typing import Any

from flask import Response

from chassis.auth import principal
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, needs
from chassis.web.sheets import wants_page
from services.matching.planner.adapters import page
from services.matching.planner.domain import PlansOfAnotherHost
from services.matching.planner.schemas import PlansFoundSchema, PlansQuery, plans_reply
from services.matching.planner.use_cases import Planner, SearchPlans, search_plans


def planner_blueprint(planner: Planner, clock: Clock) -> Blueprint:
    """The route ``/v1/hosts/{host_id}/plans``."""
    blueprint = Blueprint(
        "planner",
        __name__,
        url_prefix="/v1/hosts",
        description="What a gathering would cost a host, the cheapest first; nothing is stored",
    )

    @blueprint.get("/<host_id>/plans")
    @needs(Permission.MATCHING_CLAIM_MAKE)
    @blueprint.arguments(PlansQuery, location="query")
    @blueprint.response(200, PlansFoundSchema)
    def search_plans_view(query: dict[str, Any], host_id: str) -> dict[str, Any] | Response:
        """Combinations that the caller could claim and plan now; a page where one is wanted."""
        if host_id != principal().organization_id:
            raise PlansOfAnotherHost(f"the access token is not for {host_id}")
        asked = dict(query)
        asked["last_day"] = asked["last_day"] or asked["first_day"]
        asked["co_host_ids"] = tuple(asked["co_host_ids"])
        found = search_plans(SearchPlans(host_id=host_id, **asked), planner=planner, now=clock())
        return page(found) if wants_page() else plans_reply(found, query)

    return blueprint
